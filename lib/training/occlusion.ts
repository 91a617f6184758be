/** Pictures with a part blacked out: what a network then no longer knows, it knew from there. */
import { SignalbookError } from "../core/errors";
import type { Dataset } from "./dataset";

/** Pixels of a picture, the last ones excluded. Where an edge is left out, the picture's own. */
export interface PictureRegion {
  top?: number;
  bottom?: number;
  left?: number;
  right?: number;
}

/**
 * The same examples, a region of every picture filled; all else they have stays. Pictures are drawn when they are looked at.
 * @param fill one value a channel: what the network is given for black, say
 * @throws SignalbookError for inputs that are no pictures [height, width, channels], and a region with no pixel of them
 */
export function occluded(dataset: Dataset, region: PictureRegion, fill: ArrayLike<number>): Dataset {
  const [height, width, channels] = dataset.inputShape as [number, number, number];
  if (dataset.inputShape.length !== 3 || fill.length !== channels)
    throw new SignalbookError("pictures that cannot be blacked out", {
      place: dataset.name,
      found: `inputs of [${dataset.inputShape.join(", ")}], ${fill.length} values to fill with`,
      expected: "[height, width, channels], and a value a channel",
    });
  const { top = 0, bottom = height, left = 0, right = width } = region;
  const within = (low: number, high: number, most: number): boolean =>
    Number.isInteger(low) && Number.isInteger(high) && low >= 0 && low < high && high <= most;
  if (!within(top, bottom, height) || !within(left, right, width))
    throw new SignalbookError("a region that is not of the picture", {
      place: dataset.name,
      found: `rows ${top} to ${bottom}, columns ${left} to ${right}`,
      expected: `within ${height} rows and ${width} columns, one of each at least`,
    });
  const { length, inputShape, extraLengths, classes, ids, groups } = dataset;
  return {
    ...{ length, inputShape, extraLengths, classes, ids, groups },
    name: `${dataset.name}, rows ${top} to ${bottom} and columns ${left} to ${right} hidden`,
    example(index) {
      const example = dataset.example(index);
      const { id, extras, target, group, weight } = example;
      return {
        ...{ id, extras, target, group, weight },
        get input() {
          const input = Float32Array.from(example.input);
          for (let y = top; y < bottom; y++)
            for (let x = left; x < right; x++)
              for (let c = 0; c < channels; c++) input[(y * width + x) * channels + c] = fill[c]!;
          return input;
        },
      };
    },
  };
}
