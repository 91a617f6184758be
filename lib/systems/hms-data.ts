/** System 002's examples: windows of the competition's folder as images, drawn when they are asked for. */
import { join } from "node:path";
import { flipHms, type HmsParts } from "../augmentation";
import { SignalbookError } from "../core/errors";
import { HMS_CLASSES, type HmsRow, readHmsEeg, readHmsSpectrogram, readHmsTable } from "../formats";
import { composeHmsImage, hmsRaster, hmsWindowParts, resize } from "../preprocessing";
import type { Dataset, Example } from "../training/dataset";
import { HMS_MODEL } from "./hms";

/** Height and width of an image as the network takes it. */
export interface HmsImageSize {
  height: number;
  width: number;
}

export const HMS_FULL_SIZE: HmsImageSize = { height: HMS_MODEL.height, width: HMS_MODEL.width };

/** A folder's windows and how each is drawn. */
export interface HmsSource {
  folder: string;
  kind: "train" | "test";
  rows: readonly HmsRow[];
  size: HmsImageSize;
  /** The window as an image [height, width], of the head itself or of its mirror image. */
  image(row: HmsRow, mirrored?: boolean): Float32Array;
}

/**
 * @param size smaller than {@link HMS_FULL_SIZE}: the full image, averaged down
 * @param keep images kept in memory, drawn once; without it every look draws anew
 */
export function hmsSource(
  folder: string,
  kind: "train" | "test",
  { size = HMS_FULL_SIZE, keep = false }: { size?: HmsImageSize; keep?: boolean } = {},
): HmsSource {
  const rows = readHmsTable(join(folder, `${kind}.csv`));
  const kept = new Map<string, Float32Array>();
  const draw = (row: HmsRow, mirrored: boolean): Float32Array => {
    const parts = readParts(folder, kind, row);
    const { signals, minutes, seconds } = mirrored ? flipHms(parts) : parts;
    const whole = composeHmsImage({ minutes, seconds, traces: hmsRaster(signals) });
    if (whole.height === size.height && whole.width === size.width) return whole.pixels;
    return resize(whole, { ...size, method: "opencv-area" }).pixels;
  };
  return {
    folder,
    kind,
    rows,
    size,
    image(row, mirrored = false) {
      if (!keep) return draw(row, mirrored);
      const key = `${windowId(row)} ${mirrored}`;
      const drawn = kept.get(key) ?? draw(row, mirrored);
      kept.set(key, drawn);
      return drawn;
    },
  };
}

function readParts(folder: string, kind: string, row: HmsRow): HmsParts {
  const recording = readHmsEeg(join(folder, `${kind}_eegs`, `${row.eegId}.parquet`));
  const file = join(folder, `${kind}_spectrograms`, `${row.spectrogramId}.parquet`);
  const spectrogram = readHmsSpectrogram(file, { offset: row.spectrogramOffset });
  const startSample = Math.round(row.eegOffset * recording.signals[0]!.sampleRate);
  return hmsWindowParts({ recording, startSample, spectrogram });
}

/** Unique in the data set: the EEG and the window's number in it. */
export function windowId({ eegId, eegSubId }: HmsRow): string {
  return `${eegId}_${eegSubId}`;
}

/** Votes as shares; all 0 where a window is to be labelled. */
export function voteTarget({ votes }: HmsRow): Float32Array {
  const total = votes?.reduce((sum, count) => sum + count, 0) ?? 0;
  return Float32Array.from(HMS_CLASSES, (_, k) => (total === 0 ? 0 : votes![k]! / total));
}

/** Windows as examples: one channel, patients as groups. The images are drawn when an example is asked for. */
export function hmsDataset(source: HmsSource, rows: readonly HmsRow[] = source.rows, name = source.kind): Dataset {
  const { height, width } = source.size;
  if (rows.length === 0) throw new SignalbookError("a data set without windows", { file: source.folder, place: name });
  return {
    name,
    length: rows.length,
    inputShape: [height, width, 1],
    extraLengths: {},
    classes: HMS_CLASSES,
    ids: rows.map(windowId),
    groups: rows.map(({ patientId }) => patientId),
    example(index): Example {
      const row = rows[index];
      if (row === undefined)
        throw new SignalbookError("an example out of range", {
          found: String(index),
          expected: `0 .. ${rows.length - 1}`,
        });
      return {
        id: windowId(row),
        get input() {
          return source.image(row);
        },
        extras: {},
        target: voteTarget(row),
        group: row.patientId,
        weight: 1,
      };
    },
  };
}

/** Each EEG's windows, in the order of the table. */
export function windowsByEeg(rows: readonly HmsRow[]): Map<string, HmsRow[]> {
  const groups = new Map<string, HmsRow[]>();
  for (const row of rows) groups.set(row.eegId, [...(groups.get(row.eegId) ?? []), row]);
  return groups;
}

/** The middle window of each EEG: what system 002 trains around and validates on. */
export function middleWindows(rows: readonly HmsRow[]): HmsRow[] {
  return [...windowsByEeg(rows).values()].map((windows) => windows[Math.floor(windows.length / 2)]!);
}
