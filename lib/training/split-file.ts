/** A split as JSON: what made it, and the fold and group of each example by its id. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { readJson } from "../formats/json-file";
import { type LeakRule, makeSplit, type Split } from "./folds";

/** Writes a split with the ids of its examples as JSON. */
export function writeSplit(file: string, split: Split, ids: readonly string[]): void {
  if (ids.length !== split.foldOf.length)
    throw new SignalbookError("ids and folds differ in number", {
      file,
      found: `${ids.length} and ${split.foldOf.length}`,
    });
  const { kind, folds, seed, foldOf, groups, leak } = split;
  const rows = ids.map((id, i) => JSON.stringify({ id, group: groups[i], fold: foldOf[i] }));
  writeFileAtomic(
    file,
    `{"kind": ${JSON.stringify(kind)}, "folds": ${folds}, "seed": ${seed}, ${
      leak === undefined ? "" : `"leak": ${JSON.stringify(leak)}, `
    }"examples": [\n${rows.join(",\n")}\n]}\n`,
  );
}

/**
 * Reads a split for these ids, in their order.
 * @param leak "as published" takes a split whose groups lie in several folds; it then says how many
 * @throws SignalbookError where an id is missing, or a group lies in two folds
 */
export function readSplit(file: string, ids: readonly string[], leak: LeakRule = "forbidden"): Split {
  const stored = readJson(file, "a split") as unknown as {
    kind: string;
    folds: number;
    seed: number | null;
    examples: { id: string; group: string; fold: number }[];
  };
  if (!Array.isArray(stored.examples) || !Number.isInteger(stored.folds))
    throw new SignalbookError("a file that is no split", {
      file,
      found: Object.keys(stored).join(", "),
      expected: "kind, folds, seed, examples, as writeSplit() writes them",
    });
  const byId = new Map(stored.examples.map((row) => [row.id, row]));
  const rows = ids.map((id) => {
    const row = byId.get(id);
    if (row === undefined)
      throw new SignalbookError("an example is not in the split", {
        file,
        found: `no ${id}`,
        fix: "write the split anew for these examples",
      });
    return row;
  });
  const { kind, folds, seed } = stored;
  const foldOf = rows.map((row) => row.fold);
  return makeSplit({ kind, folds, seed, foldOf, groups: rows.map((row) => row.group) }, leak);
}
