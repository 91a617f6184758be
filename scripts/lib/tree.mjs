/** Files of a folder, and of the repository. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Files below a folder whose names end with one of `endings`, sorted; none when the folder is missing. */
export function filesBelow(folder, endings) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())
    .sort();
}

/** What git tracks or would track (not ignored), relative to `root`; every file but node_modules without git. */
export function projectFiles(root) {
  const listed = spawnSync("git", ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const names =
    listed.status === 0
      ? listed.stdout.split("\0")
      : readdirSync(root, { recursive: true }).filter(
          (name) => !/(^|\/)(node_modules|\.signalbook|\.git)(\/|$)/.test(name),
        );
  return [...new Set(names)].filter(
    (name) => name !== "" && statSync(join(root, name), { throwIfNoEntry: false })?.isFile(),
  );
}
