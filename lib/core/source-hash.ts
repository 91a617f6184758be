/** One hash for a module and all that it is built from: made files are out of date when it changes. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { SignalbookError } from "./errors";
import { projectRoot } from "./files";

/** The "./x" of `import ... from "./x"`, `export ... from "./x"` and `import "./x"`, at a line's begin or after `}`. */
const SPECIFIER = /(?:^|\n)(?:(?:import|export)\b[^;"]*?\bfrom|import) "(\.[^"]+)"/g;

/** A module's own file and those of the project that it imports, directly or not, sorted. Packages are not followed. */
export function sourceFiles(entry: string): string[] {
  const found = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, specifier] of readFileSync(file, "utf8").matchAll(SPECIFIER)) {
      const path = join(dirname(file), specifier!);
      const candidates = [`${path}.ts`, join(path, "index.ts"), path];
      const next = candidates.find((candidate) => /\.\w+$/.test(candidate) && existsSync(candidate));
      if (next === undefined)
        throw new SignalbookError("an import that leads nowhere", { file, found: specifier!, expected: `${path}.ts` });
      waiting.push(next);
    }
  }
  return [...found].sort();
}

/** SHA-256, in hexadecimal, over names and contents of {@link sourceFiles}. */
export function sourceHash(entry: string): string {
  const hash = createHash("sha256");
  for (const file of sourceFiles(entry)) hash.update(`${relative(projectRoot, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}
