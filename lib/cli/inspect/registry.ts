/** The formats that `signalbook inspect` knows, those with a mark of their own first. */
import { SignalbookError } from "../../core/errors";
import { arrayFormats, pickleFormats } from "./arrays";
import { hypnogramFormats } from "./hypnograms";
import { imageFormats } from "./images";
import { listFormats } from "./lists";
import { parquetFormats } from "./parquet";
import { type InspectFormat, probe } from "./probe";
import { recordingFormats } from "./recordings";
import type { FileSummary } from "./summary";

export const inspectFormats: readonly InspectFormat[] = [
  ...parquetFormats,
  ...imageFormats,
  ...arrayFormats,
  ...recordingFormats,
  ...pickleFormats,
  ...hypnogramFormats,
  ...listFormats,
];

/** @throws SignalbookError for what is missing, empty, damaged, or of a format that is not known. */
export async function summarize(path: string): Promise<FileSummary> {
  const file = probe(path);
  const format = inspectFormats.find((candidate) => candidate.matches(file));
  if (format !== undefined) return await format.inspect(file);
  const found =
    file.folder !== null
      ? `a folder of ${file.folder.length} other files`
      : file.size === 0
        ? "an empty file"
        : file.lines !== null
          ? `text: ${JSON.stringify(file.lines[0]!.slice(0, 40))}`
          : `bytes ${file.head.subarray(0, 8).toString("hex")}`;
  throw new SignalbookError(file.folder === null ? "a file of no known format" : "a folder of no known layout", {
    file: path,
    found,
    expected: inspectFormats.map(({ name }) => name).join(", "),
  });
}
