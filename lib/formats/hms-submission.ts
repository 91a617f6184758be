/** What is handed in to the HMS competition: a row an EEG, its six shares, adding up to 1. */
import { SignalbookError } from "../core/errors";
import { writeFileChecked } from "../core/files";
import { numberCell, readCsv } from "./csv";
import { HMS_CLASSES } from "./hms";

const COLUMNS = ["eeg_id", ...HMS_CLASSES.map((name) => `${name}_vote`)];
/** A row's sum may be this far from 1: the competition refuses others. */
const TOLERANCE = 1e-6;

export interface HmsPrediction {
  eegId: string;
  /** In the order of HMS_CLASSES. */
  shares: ArrayLike<number>;
}

/**
 * Writes submission.csv, each row divided by its sum; read back and compared before it gets its name.
 * @throws SignalbookError for shares below 0, not finite or all 0, another number of them than classes, an EEG twice
 */
export function writeHmsSubmission(path: string, predictions: readonly HmsPrediction[]): void {
  const rows = predictions.map(({ eegId, shares }) => {
    const total = Array.from(shares).reduce((sum, share) => sum + share, 0);
    if (shares.length !== HMS_CLASSES.length || !(total > 0) || Array.from(shares).some((share) => !(share >= 0)))
      throw new SignalbookError("shares that are none", {
        file: path,
        place: `eeg_id ${eegId}`,
        found: Array.from(shares).join(", "),
        expected: `${HMS_CLASSES.length} of 0 or more, not all 0`,
      });
    return { eegId, shares: Array.from(shares, (share) => share / total) };
  });
  const lines = [COLUMNS.join(","), ...rows.map(({ eegId, shares }) => [eegId, ...shares].join(","))];
  writeFileChecked(path, lines.map((line) => `${line}\n`).join(""), (written) => {
    const back = readHmsSubmission(
      written,
      rows.map(({ eegId }) => eegId),
    );
    const wrong = rows.findIndex(
      ({ eegId, shares }, i) => back[i]!.eegId !== eegId || shares.some((share, k) => back[i]!.shares[k] !== share),
    );
    if (wrong >= 0)
      throw new SignalbookError("the submission read back is not what was written", {
        file: path,
        place: `row ${wrong + 1}`,
      });
  });
}

/**
 * Reads a submission.
 * @param asked the EEGs that were asked about; rows may come in any order
 * @throws SignalbookError naming the line: a missing column, an EEG twice or not asked about, shares that do not sum to 1;
 * and for EEGs without a row
 */
export function readHmsSubmission(path: string, asked: readonly string[]): HmsPrediction[] {
  const table = readCsv(path, COLUMNS);
  const wanted = new Set(asked);
  const seen = new Set<string>();
  const predictions = table.rows.map((row) => {
    const eegId = row.cells["eeg_id"]!.trim();
    const shares = HMS_CLASSES.map((name) => numberCell(table, row, `${name}_vote`) ?? Number.NaN);
    const total = shares.reduce((sum, share) => sum + share, 0);
    const place = `line ${row.line}`;
    if (!wanted.has(eegId) || seen.has(eegId))
      throw new SignalbookError("an EEG that was not asked about, or that stands twice", {
        file: path,
        place,
        found: eegId,
      });
    if (!(Math.abs(total - 1) <= TOLERANCE) || shares.some((share) => !(share >= 0 && share <= 1)))
      throw new SignalbookError("shares that do not add up to 1", { file: path, place, found: shares.join(", ") });
    seen.add(eegId);
    return { eegId, shares };
  });
  const missing = asked.filter((eegId) => !seen.has(eegId));
  if (missing.length === 0) return predictions;
  throw new SignalbookError("EEGs without a row", {
    file: path,
    found: `none for ${missing.slice(0, 3).join(", ")}${missing.length > 3 ? ` and ${missing.length - 3} more` : ""}`,
    expected: `${asked.length} rows, one an EEG of test.csv`,
  });
}
