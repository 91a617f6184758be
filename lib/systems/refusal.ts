/** What a checker says about a file that is not as it should be. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, sep } from "node:path";
import { SignalbookError } from "../core/errors";

/**
 * Writes `content` under the name of `file` in a folder of its own, and lets `check` read it.
 * @returns the refusal, in which files of that folder have no folder
 * @throws SignalbookError where the file is accepted, and any error of `check` that is no refusal
 */
export function refusalOf(check: (file: string) => unknown, file: string, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "refused-"));
  try {
    const damaged = join(folder, basename(file));
    writeFileSync(damaged, content);
    check(damaged);
  } catch (error) {
    if (error instanceof SignalbookError) return error.message.split(`${folder}${sep}`).join("");
    throw error;
  } finally {
    rmSync(folder, { recursive: true });
  }
  throw new SignalbookError("a damaged file that was accepted", { file: basename(file) });
}
