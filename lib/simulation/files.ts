/** What all simulated data sets share: their checks, and the file of what only a simulator can know. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";

export const TRUTH_FILE = "simulated-truth.json";

/** Throws unless it is a whole number of 1 or more. */
export function requireCount(what: string, count: number): void {
  if (!(Number.isInteger(count) && count >= 1))
    throw new SignalbookError(`a number of ${what} out of range`, { found: String(count), expected: "1 or more" });
}

/** Throws for a folder that has something in it: simulated files must not mix with others. */
export function requireEmptyFolder(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  if (names.length > 0)
    throw new SignalbookError("a folder that is not empty", {
      file: folder,
      found: names.slice(0, 3).join(", ") + (names.length > 3 ? ` and ${names.length - 3} more` : ""),
      expected: "a new folder, or an empty one",
    });
}

/** Marks a data set as simulated, and keeps what its readers must not see: labels of test sets, traits of subjects. */
export function writeTruth(folder: string, truth: object): void {
  writeFileAtomic(join(folder, TRUTH_FILE), `${JSON.stringify(truth)}\n`);
}
