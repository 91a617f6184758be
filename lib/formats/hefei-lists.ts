/** Lists of records, label names and submissions of the Hefei Hi-tech Cup: tab separated, without a header. */
import { SignalbookError } from "../core/errors";
import { writeFileChecked } from "../core/files";
import { quoted, readLines } from "./text";

/** One record of a list. */
export interface HefeiEntry {
  /** Line of the list, from 1. */
  line: number;
  /** The record's file name: "100.txt". */
  file: string;
  /** Years; null where missing. */
  age: number | null;
  /** Null where missing. */
  sex: "female" | "male" | null;
  /** Label names, in the order of the file; empty in a list to be labelled. */
  labels: string[];
  /** The first three columns as written: what a submission repeats. */
  columns: readonly [file: string, age: string, sex: string];
}

/**
 * Label names, one a line; a label's line is its class index.
 * @throws SignalbookError for empty and repeated lines, and an empty file.
 */
export function readHefeiLabels(path: string): string[] {
  const labels = readLines(path, "a list of label names").map((line) => line.trim());
  if (labels.length === 0)
    throw new SignalbookError("an empty list", { file: path, expected: "one label name a line" });
  labels.forEach((label, i) => {
    const first = labels.indexOf(label);
    if (label === "" || first !== i)
      throw new SignalbookError(label === "" ? "an empty line" : "a label named twice", {
        file: path,
        place: `line ${i + 1}`,
        found: label === "" ? "nothing" : `${quoted(label)}, also on line ${first + 1}`,
        expected: "a name of its own on each line",
      });
  });
  return labels;
}

/**
 * A list of records: file name, age, sex (MALE, FEMALE), label names, separated by tabs; age and sex may be empty.
 * @param labels the names that may appear; any name when left out.
 * @throws SignalbookError naming the line: too few columns, an age that is no number, another word for sex, a label that
 * is not in the list or stands twice, a record listed twice, an empty list.
 */
export function readHefeiList(path: string, labels?: readonly string[]): HefeiEntry[] {
  const known = labels === undefined ? null : new Set(labels);
  const lineOf = new Map<string, number>();
  const entries = readLines(path, "a list of records").map((text, i) => {
    const entry = parseEntry(text, i + 1, path, known);
    const before = lineOf.get(entry.file);
    if (before !== undefined)
      throw problem(path, i + 1, "a record listed twice", quoted(entry.file), `only on line ${before}`);
    lineOf.set(entry.file, i + 1);
    return entry;
  });
  if (entries.length === 0)
    throw new SignalbookError("an empty list", { file: path, expected: "a record a line: file, age, sex, labels" });
  return entries;
}

function parseEntry(text: string, line: number, path: string, known: ReadonlySet<string> | null): HefeiEntry {
  const columns = text.split("\t");
  const [file = "", ageText, sexText] = columns;
  if (file.trim() === "" || ageText === undefined || sexText === undefined)
    throw problem(path, line, "too few columns", quoted(text), "file name, age, sex, separated by tabs");
  const age = ageText.trim() === "" ? null : Number(ageText);
  if (age !== null && !(age >= 0 && Number.isFinite(age)))
    throw problem(path, line, "an age that is no number", quoted(ageText), "years, or nothing");
  const sex = { "": null, FEMALE: "female", MALE: "male" }[sexText.trim()];
  if (sex === undefined)
    throw problem(path, line, "a sex that is not read", quoted(sexText), "MALE, FEMALE or nothing");
  // A tab at the line's end is not a label without a name.
  const labels = columns.slice(3).map((label) => label.trim());
  if (labels[labels.length - 1] === "") labels.pop();
  labels.forEach((label, i) => {
    if (label === "") throw problem(path, line, "a label without a name", "two tabs in a row", "a name between them");
    if (labels.indexOf(label) !== i)
      throw problem(path, line, "a label twice on one line", quoted(label), "each label once");
    if (known !== null && !known.has(label))
      throw new SignalbookError("a label that is not in the list of labels", {
        file: path,
        place: `line ${line}`,
        found: quoted(label),
        expected: `one of the ${known.size} names`,
        fix: "correct the name, or add it to the list of labels",
      });
  });
  return { line, file: file.trim(), age, sex: sex as HefeiEntry["sex"], labels, columns: [file, ageText, sexText] };
}

function problem(file: string, line: number, what: string, found: string, expected: string): SignalbookError {
  return new SignalbookError(what, { file, place: `line ${line}`, found, expected });
}

/**
 * Writes a submission: each entry's first three columns as they were, then the names of its predicted labels in the
 * order of `labels`. Written to a temporary name, read back and compared, then renamed.
 * @param predicted one array of class indices (into `labels`) an entry.
 * @throws SignalbookError when lengths differ, an index is out of range, or the file read back is not what was meant.
 */
export function writeHefeiSubmission(
  path: string,
  entries: readonly HefeiEntry[],
  predicted: readonly (readonly number[])[],
  labels: readonly string[],
): void {
  if (predicted.length !== entries.length)
    throw new SignalbookError("predictions and records differ in number", {
      file: path,
      found: `${predicted.length} predictions`,
      expected: `${entries.length}, one a record`,
    });
  const names = predicted.map((classes, i) => {
    for (const index of classes) {
      if (!Number.isInteger(index) || index < 0 || index >= labels.length)
        throw new SignalbookError("a class that is not in the list of labels", {
          file: path,
          place: `record ${entries[i]!.file}`,
          found: String(index),
          expected: `0 .. ${labels.length - 1}`,
        });
    }
    return [...new Set(classes)].sort((a, b) => a - b).map((index) => labels[index]!);
  });
  const lines = entries.map((entry, i) => `${[...entry.columns, ...names[i]!].join("\t")}\n`);
  writeFileChecked(path, lines.join(""), (written) => {
    const wrong = readHefeiSubmission(written, entries, labels).findIndex((line, i) => !same(line.labels, names[i]!));
    if (wrong >= 0)
      throw new SignalbookError("the submission read back is not what was written", {
        file: path,
        place: `line ${wrong + 1}`,
        expected: quoted(names[wrong]!.join("\t")),
        fix: "check the label names: they must not hold tabs or line ends",
      });
  });
}

/**
 * Reads a submission.
 * @param asked the records that were asked about, in their order
 * @throws SignalbookError naming the line: as {@link readHefeiList}, and for a line whose first three columns are not those
 * of the record asked about there; for another number of lines
 */
export function readHefeiSubmission(
  path: string,
  asked: readonly HefeiEntry[],
  labels: readonly string[],
): HefeiEntry[] {
  const lines = readHefeiList(path, labels);
  const other = asked.findIndex((entry, i) => lines[i] !== undefined && !same(lines[i]!.columns, entry.columns));
  if (other >= 0)
    throw problem(
      path,
      other + 1,
      "another record than the one asked about",
      quoted(lines[other]!.columns.join("\t")),
      quoted(asked[other]!.columns.join("\t")),
    );
  if (lines.length === asked.length) return lines;
  throw new SignalbookError("labels of another number of records", {
    file: path,
    found: `${lines.length} lines`,
    expected: `${asked.length}, one a record`,
  });
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((x, i) => x === b[i]);
