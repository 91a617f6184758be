/** Folders that are made once and used by many. */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

/**
 * `folder`, filled by `write` where there is none. `write` gets another name, of a folder that does not exist yet: nobody
 * sees half of one. Of two processes that write it at the same time, the first one's is kept: both must write the same.
 * @returns `folder`
 */
export async function madeFolder(
  folder: string,
  write: (folder: string) => Promise<unknown> | unknown,
): Promise<string> {
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${randomUUID().slice(0, 8)}.tmp`;
  mkdirSync(dirname(folder), { recursive: true });
  try {
    await write(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // The name was taken by another that finished first.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
