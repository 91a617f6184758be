/** Few numbers of a picture, for a classifier that draws straight lines: what a network must do better than. */
import { SignalbookError } from "../core/errors";
import type { Dataset } from "./dataset";

export interface ImageFeatureOptions {
  /** Bands that the height is cut into. Default 24. */
  rows?: number;
  /** Parts of each band. Default 4. */
  columns?: number;
}

/**
 * Means of a grid of cells over the picture, and for each of its bands the standard deviation of its pixels: in a page of
 * traces a band is a channel or two, and how far its ink is scattered goes with amplitude. Channels are averaged.
 * @returns rows x columns + rows numbers an example
 * @throws SignalbookError for inputs that are no pictures [height, width, channels], or smaller than the grid
 */
export function imageFeatures(dataset: Dataset, { rows = 24, columns = 4 }: ImageFeatureOptions = {}): Float64Array[] {
  const [height, width, channels] = dataset.inputShape as [number, number, number];
  if (dataset.inputShape.length !== 3 || height < rows || width < columns)
    throw new SignalbookError("inputs that cannot be pooled as pictures", {
      place: dataset.name,
      found: `[${dataset.inputShape.join(", ")}]`,
      expected: `[height, width, channels], ${rows} x ${columns} pixels or more`,
    });
  const rowOf = Int32Array.from({ length: height }, (_, y) => Math.floor((y * rows) / height));
  const columnOf = Int32Array.from({ length: width }, (_, x) => Math.floor((x * columns) / width));
  return Array.from({ length: dataset.length }, (_, i) => {
    const { input } = dataset.example(i);
    const sums = new Float64Array(rows * columns);
    const counts = new Float64Array(rows * columns);
    const squares = new Float64Array(rows);
    let at = 0;
    for (let y = 0; y < height; y++) {
      const row = rowOf[y]!;
      for (let x = 0; x < width; x++) {
        let value = 0;
        for (let c = 0; c < channels; c++) value += input[at++]!;
        value /= channels;
        const cell = row * columns + columnOf[x]!;
        sums[cell]! += value;
        counts[cell]! += 1;
        squares[row]! += value * value;
      }
    }
    const features = new Float64Array(rows * columns + rows);
    for (let row = 0; row < rows; row++) {
      let [sum, count] = [0, 0];
      for (let cell = row * columns; cell < (row + 1) * columns; cell++) {
        features[cell] = sums[cell]! / counts[cell]!;
        sum += sums[cell]!;
        count += counts[cell]!;
      }
      const variance = squares[row]! / count - (sum / count) ** 2;
      features[rows * columns + row] = Math.sqrt(Math.max(0, variance)); // rounding can leave less than nothing
    }
    return features;
  });
}
