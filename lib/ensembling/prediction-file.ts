/** Predictions as CSV: an id and a probability a class on each line, read back as they were to the last bit. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { numberCell, readCsv } from "../formats/csv";
import { type Probabilities, probabilities } from "../training/probabilities";

const ID = "id";

/** Writes probabilities atomically, the header "id" and the class names. */
export function writePredictions(file: string, { ids, classes, values }: Probabilities): void {
  const width = classes.length;
  const lines = ids.map((id, row) => [cell(id), ...values.subarray(row * width, (row + 1) * width)].join(","));
  writeFileAtomic(file, `${[[ID, ...classes].map(cell).join(","), ...lines].join("\n")}\n`);
}

/** @throws SignalbookError for a missing value, an id twice, and values that are no probabilities */
export function readPredictions(file: string): Probabilities {
  const table = readCsv(file, [ID]);
  const classes = table.columns.filter((name) => name !== ID);
  const ids = table.rows.map((row) => row.cells[ID]!);
  const seen = new Set<string>();
  const twice = ids.find((id) => seen.size === seen.add(id).size);
  if (twice !== undefined) throw new SignalbookError("an id that occurs twice", { file, found: twice });
  const values = table.rows.flatMap((row) =>
    classes.map((name) => {
      const value = numberCell(table, row, name);
      if (value === null)
        throw new SignalbookError("a missing probability", { file, place: `line ${row.line}, column ${name}` });
      return value;
    }),
  );
  return probabilities(ids, classes, Float64Array.from(values));
}

/** Quoted where it has to be. */
function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
