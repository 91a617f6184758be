/**
 * Headline numbers: a notebook records those a reader would quote, each with its interval, its sample and how far a
 * fresh run may lie from the committed reference. The report shows them and says where they differ.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { outputsFolder, projectRoot, writeFileAtomic } from "../core/files";
import { formatNumber } from "./format";

export interface Result {
  /** Names the number for ever: "ecg.macro-auc". Lower case, digits, dots and dashes. */
  id: string;
  /** The notebook that made it, without folder and extension: "40_ecg_training". */
  notebook: string;
  /** What a reader calls it: "Macro AUC, held-out fold". Default: the id. */
  label?: string;
  value: number;
  /** Lower and upper end. */
  interval?: readonly [number, number];
  /** What the interval is: "95 % bootstrap over patients". */
  intervalMethod?: string;
  /** How many examples (records, nights, patients; `sample` says which) it stands on. */
  n: number;
  unit?: string;
  real: "real" | "simulated";
  /** What it was measured on: "PTB-XL sample, fold 8, 44 records". */
  sample: string;
  /** The largest difference from the reference, in the value's own unit, that is not reported. */
  tolerance: number;
  /** Decimal places shown. Default 3. */
  digits?: number;
  /** Number of the published system whose table this belongs to: "001". The three fields below then name its row. */
  system?: string;
  /** What the value is, in the words that published scores use: "macro F1". Default: the label. */
  measure?: string;
  /** How it was measured: "16 simulated exams, 12 to learn from, 4 held back". Default: the sample. */
  protocol?: string;
  /** Whose answers were scored: "small ViT", "linear baseline", "shuffled labels", "ensemble". Default: the label. */
  who?: string;
}

/** All results of a run. */
export interface ResultsFile {
  results: Result[];
}

export type Difference =
  | { kind: "changed"; id: string; fresh: Result; reference: Result; difference: number }
  | { kind: "missing"; id: string; reference: Result }
  | { kind: "extra"; id: string; fresh: Result };

/** The committed figures of the last full report. */
export const referenceFile: string = join(projectRoot, "outputs", "reference", "results.json");

/**
 * Writes one number to `results/<notebook>.json` in the outputs folder, beside the notebook's others; a number of the
 * same id is replaced. The file is replaced atomically.
 * @throws SignalbookError naming the field that can't be right.
 */
export function recordResult(result: Result): void {
  checkResult(result, "the result");
  const path = join(outputsFolder(), "results", `${result.notebook}.json`);
  const others = existsSync(path) ? readResults(path).results.filter((other) => other.id !== result.id) : [];
  writeResults(path, { results: [...others, result] });
}

/** Every result under `folder` (as {@link recordResult} writes them), by notebook and then in the order recorded. */
export function collectResults(folder: string = join(outputsFolder(), "results")): ResultsFile {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const results = names.sort().flatMap((name) => readResults(join(folder, name)).results);
  const seen = new Map<string, Result>();
  for (const result of results) {
    const other = seen.get(result.id);
    if (other !== undefined)
      throw new SignalbookError(`two notebooks record the result ${result.id}`, {
        file: folder,
        found: `${other.notebook} and ${result.notebook}`,
        fix: "give each number its own id",
      });
    seen.set(result.id, result);
  }
  return { results };
}

/** Reads and checks a file of results. @throws SignalbookError naming file, result and field. */
export function readResults(path: string): ResultsFile {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new SignalbookError("a file of results that can't be read", {
      file: path,
      found: String(error),
      cause: error,
    });
  }
  const results = (content as Partial<ResultsFile> | null)?.results;
  if (!Array.isArray(results))
    throw new SignalbookError("not a file of results", { file: path, expected: '{ "results": [...] }' });
  results.forEach((result, index) => {
    checkResult(result, `result ${index + 1}`, path);
  });
  return { results };
}

/** Writes a file of results, readable and with a stable order of lines. */
export function writeResults(path: string, file: ResultsFile): void {
  writeFileAtomic(path, `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * Where `fresh` differs from `reference`: values further apart than the reference's tolerance, results only one of them
 * has. The tolerance is the reference's, so that a run can't widen its own.
 */
export function compareResults(fresh: ResultsFile, reference: ResultsFile): Difference[] {
  const freshById = new Map(fresh.results.map((result) => [result.id, result]));
  const known = new Set(reference.results.map((result) => result.id));
  const differences: Difference[] = [];
  for (const expected of reference.results) {
    const { id } = expected;
    const found = freshById.get(id);
    if (found === undefined) differences.push({ kind: "missing", id, reference: expected });
    else {
      const difference = found.value - expected.value;
      // Both are decimal fractions: a difference of exactly the tolerance must not fail by a bit's rounding.
      const slack = 1e-9 * Math.max(1, Math.abs(expected.value));
      if (Math.abs(difference) > expected.tolerance + slack)
        differences.push({ kind: "changed", id, fresh: found, reference: expected, difference });
    }
  }
  for (const result of fresh.results)
    if (!known.has(result.id)) differences.push({ kind: "extra", id: result.id, fresh: result });
  return differences;
}

/** A difference in one sentence. */
export function differenceText(difference: Difference): string {
  if (difference.kind === "missing") return `${difference.id}: in the reference, not in this run`;
  if (difference.kind === "extra") return `${difference.id}: in this run, not in the reference`;
  const { id, fresh, reference } = difference;
  const text = (value: number) => formatNumber(value, Math.max(reference.digits ?? 3, decimals(reference.tolerance)));
  return `${id}: ${text(fresh.value)}, reference ${text(reference.value)}, tolerance ${text(reference.tolerance)}`;
}

function decimals(value: number): number {
  return Math.min(10, (String(value).split(".")[1] ?? "").length);
}

function checkResult(result: Result, place: string, file?: string): void {
  const fail = (field: keyof Result, expected: string) => {
    throw new SignalbookError(`${place} can't be recorded: ${field}`, {
      ...(file === undefined ? {} : { file }),
      found: JSON.stringify(result?.[field]) ?? String(result?.[field]),
      expected,
    });
  };
  if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*$/.test(result?.id ?? "")) fail("id", "lower-case words joined by dots or dashes");
  if (!/^[\w.-]+$/.test(result.notebook ?? "")) fail("notebook", "a notebook's name without folder and extension");
  for (const field of ["label", "measure", "protocol", "who"] as const)
    if (result[field] !== undefined && (typeof result[field] !== "string" || result[field] === ""))
      fail(field, "words for a reader, or nothing");
  if (result.system !== undefined && !/^\d{3}$/.test(result.system))
    fail("system", 'a system\'s number, "000" to "004"');
  if (!Number.isFinite(result.value)) fail("value", "a finite number");
  if (!(result.tolerance >= 0)) fail("tolerance", "a number from 0 up");
  if (!Number.isInteger(result.n) || result.n < 1) fail("n", "how many examples, from 1 up");
  if (result.real !== "real" && result.real !== "simulated") fail("real", '"real" or "simulated"');
  if (typeof result.sample !== "string" || result.sample === "") fail("sample", "what it was measured on");
  const { interval } = result;
  if (interval !== undefined && !(interval.length === 2 && interval[0] <= interval[1]))
    fail("interval", "[lower, upper]");
}
