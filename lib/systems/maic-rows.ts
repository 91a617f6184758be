/** Where the signals of a MAIC picture lie, by the groups that the challenge's layout keeps apart. */
import { SignalbookError } from "../core/errors";
import { MAIC_LAYOUT, psgBands } from "../preprocessing/psg-layout";

/** What the groups of rows show, from top to bottom; how many traces where there are several. */
const GROUP_NAMES = [
  "position (3 axes)",
  "EEG (4)",
  "EOG (2)",
  "chin EMG",
  "ECG",
  "nasal flow",
  "thermistor",
  "thorax",
  "abdomen",
  "snore",
  "sound level",
  "leg EMG (2)",
  "SpO2 85-100 %",
  "SpO2 40-100 %",
] as const;

/** A part of a picture, over its whole width. */
export interface PictureBand {
  name: string;
  /** Rows of pixels, the last one excluded. */
  top: number;
  bottom: number;
}

/**
 * The groups of signals in a picture resized to a height. A row of pixels that two groups share belongs to the lower one.
 * @throws SignalbookError for a height at which a group would have no row of its own
 */
export function maicBands(height: number): PictureBand[] {
  const { rows, height: page } = MAIC_LAYOUT;
  const edges = psgBands(MAIC_LAYOUT);
  return GROUP_NAMES.map((name, i) => {
    const { groupTop, groupBottom } = edges[rows.findIndex(({ group }) => group === i + 1)]!;
    const [top, bottom] = [groupTop, groupBottom].map((edge) => Math.floor((edge * height) / page)) as [number, number];
    if (bottom > top) return { name, top, bottom };
    throw new SignalbookError("a picture too small for its signals", {
      found: `${height} pixels high`,
      expected: `a row of pixels at least for ${name}`,
    });
  });
}

/**
 * Of a map that covers a picture, the part that lies on each band; a patch on two bands counts by its rows of pixels.
 * @param map rows of patches from the top, each of weights along the picture's width
 * @param height of the picture that the bands are of
 */
export function bandShares(map: readonly ArrayLike<number>[], height: number, bands: readonly PictureBand[]): number[] {
  const rows = map.map((row) => Array.from(row).reduce((sum, weight) => sum + weight, 0));
  const total = rows.reduce((sum, weight) => sum + weight, 0);
  const patch = height / map.length;
  return bands.map(({ top, bottom }) => {
    const within = (row: number): number =>
      Math.max(0, Math.min(bottom, (row + 1) * patch) - Math.max(top, row * patch)) / patch;
    return rows.reduce((sum, weight, row) => sum + weight * within(row), 0) / total;
  });
}
