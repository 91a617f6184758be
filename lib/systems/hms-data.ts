/** System 002's examples: windows of the competition's folder as images, drawn when they are asked for. */
import { join } from "node:path";
import { flipHms, type HmsParts } from "../augmentation";
import { SignalbookError } from "../core/errors";
import { sourceHash } from "../core/source-hash";
import { HMS_CLASSES, type HmsRow, type Recording, readHmsEeg, readHmsSpectrogram, readHmsTable } from "../formats";
import {
  composeHmsImage,
  type HmsMelSpectrogram,
  type HmsWindowParts,
  hmsMelSpectrogram,
  hmsRaster,
  hmsWindowParts,
  resize,
} from "../preprocessing";
import { cacheSetup, ExampleCache } from "../training/cache";
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

export interface HmsSourceOptions {
  /** Smaller than {@link HMS_FULL_SIZE}: the full image, averaged down. */
  size?: HmsImageSize;
  /** Images kept in memory, drawn once; without it every look draws anew. */
  keep?: boolean;
  /** A folder that drawn images are kept in from one run to the next; of no use at full size. Default none. */
  cache?: string;
}

/** A window's image and that of its mirrored head. */
type Pair = Readonly<Record<"plain" | "mirrored", Float32Array>>;

export function hmsSource(
  folder: string,
  kind: "train" | "test",
  { size = HMS_FULL_SIZE, keep = false, cache }: HmsSourceOptions = {},
): HmsSource {
  const rows = readHmsTable(join(folder, `${kind}.csv`));
  const kept = new Map<string, Pair>();
  const stored = cache === undefined ? null : imageCache(cache, size);
  const partsOf = windowReader(folder, kind);
  const draw = (row: HmsRow): Pair => {
    const parts = partsOf(row);
    return { plain: drawHms(parts, size), mirrored: drawHms(flipHms(parts), size) };
  };
  const pair = (row: HmsRow): Pair => {
    if (stored === null) return draw(row);
    const window = { offset: row.eegOffset, spectrogramOffset: row.spectrogramOffset };
    return stored.arrays(windowFiles(folder, kind, row), window, () => draw(row)) as Pair;
  };
  return {
    folder,
    kind,
    rows,
    size,
    image(row, mirrored = false) {
      const which = mirrored ? "mirrored" : "plain";
      if (!keep && stored === null) {
        const parts = partsOf(row);
        return drawHms(mirrored ? flipHms(parts) : parts, size);
      }
      const known = kept.get(windowId(row)) ?? pair(row);
      if (keep) kept.set(windowId(row), known);
      return known[which];
    },
  };
}

/** Images on disk are those of the code that draws them: another code, other images. */
function imageCache(folder: string, size: HmsImageSize): ExampleCache {
  const version = ["preprocessing/hms-image.ts", "augmentation/flip.ts"]
    .map((module) => sourceHash(join(__dirname, "..", module)))
    .join(" ");
  return new ExampleCache(
    cacheSetup({ folder, parameters: { ...size, resize: REDUCED }, version, identity: "modified" }),
  );
}

/** How a full image becomes a small one. */
const REDUCED = "opencv-area";

function drawHms({ signals, minutes, seconds }: HmsParts, size: HmsImageSize): Float32Array {
  const whole = composeHmsImage({ minutes, seconds, traces: hmsRaster(signals) });
  if (whole.height === size.height && whole.width === size.width) return whole.pixels;
  return resize(whole, { ...size, method: REDUCED }).pixels;
}

function windowFiles(folder: string, kind: string, { eegId, spectrogramId }: HmsRow): [eeg: string, minutes: string] {
  return [
    join(folder, `${kind}_eegs`, `${eegId}.parquet`),
    join(folder, `${kind}_spectrograms`, `${spectrogramId}.parquet`),
  ];
}

/** Reads a window's parts. The last EEG and its spectrogram are kept: windows mostly come EEG by EEG. */
function windowReader(folder: string, kind: string): (row: HmsRow) => HmsWindowParts {
  let last: { file: string; recording: Recording; mel: HmsMelSpectrogram } | null = null;
  return (row) => {
    const [eeg, minutes] = windowFiles(folder, kind, row);
    if (last?.file !== eeg) {
      const recording = readHmsEeg(eeg);
      last = { file: eeg, recording, mel: hmsMelSpectrogram(recording) };
    }
    const { recording, mel } = last;
    const startSample = Math.round(row.eegOffset * recording.signals[0]!.sampleRate);
    const spectrogram = readHmsSpectrogram(minutes, { offset: row.spectrogramOffset });
    return hmsWindowParts({ recording, startSample, spectrogram, mel });
  };
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
