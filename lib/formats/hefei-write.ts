/** Records of the Hefei layout, written. */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { HEFEI_LEADS } from "./hefei";

/**
 * Writes a record: the header, then a row of integers a sample.
 * @param stored in units of 4.88 microvolt, one list a lead in the order of HEFEI_LEADS; equally long
 * @param flush as for writeFileAtomic: a folder that is made anew when half of it is there need not wait for the disk
 * @throws SignalbookError for another number of leads, lists of different lengths, and what is no 16-bit integer
 */
export function writeHefeiRecord(
  path: string,
  stored: readonly ArrayLike<number>[],
  { flush = true }: { flush?: boolean } = {},
): void {
  const rows = stored[0]?.length ?? 0;
  if (stored.length !== HEFEI_LEADS.length || stored.some((lead) => lead.length !== rows))
    throw new SignalbookError("leads that do not fit the layout", {
      file: path,
      found: `lists of ${stored.map((lead) => lead.length).join(", ")} values`,
      expected: `${HEFEI_LEADS.length} equally long: ${HEFEI_LEADS.join(" ")}`,
    });
  const lines = [HEFEI_LEADS.join(" ")];
  for (let row = 0; row < rows; row++) {
    const values = stored.map((lead) => lead[row]!);
    const wrong = values.findIndex((value) => !Number.isInteger(value) || value < -32768 || value > 32767);
    if (wrong >= 0)
      throw new SignalbookError("not a stored ECG value", {
        file: path,
        place: `row ${row + 1}, lead ${HEFEI_LEADS[wrong]}`,
        found: String(values[wrong]),
        expected: "an integer in -32768 .. 32767",
      });
    lines.push(values.join(" "));
  }
  writeFileAtomic(path, `${lines.join("\n")}\n`, { flush });
}
