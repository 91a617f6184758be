/** What augmentations of pictures work on. */
import { SignalbookError } from "../core/errors";

export type ImageShape =
  | readonly [height: number, width: number]
  | readonly [height: number, width: number, channels: number];

/** An image as a network takes it. */
export interface FloatImage {
  readonly shape: ImageShape;
  /** Row-major from the top left; in [0, 1] unless normalised. */
  readonly pixels: Float32Array;
}

/** An image and what it shows. */
export interface ImageExample {
  readonly image: FloatImage;
  /** [classes], shares that sum to 1. */
  readonly target: Float32Array;
}

/**
 * An image of these values: bytes are divided by 255, floats are taken as they are (and not copied if Float32Array).
 * @throws SignalbookError when they do not fill the shape.
 */
export function floatImage(shape: ImageShape, values: Float32Array | Float64Array | Uint8Array): FloatImage {
  const size = shape.reduce((product, n) => product * n, 1);
  if (values.length !== size || !shape.every((n) => Number.isInteger(n) && n > 0))
    throw new SignalbookError("values that do not fill an image", {
      found: `${values.length} values`,
      expected: `${size} for [${shape.join(", ")}]`,
    });
  if (values instanceof Float32Array) return { shape, pixels: values };
  const scale = values instanceof Uint8Array ? 255 : 1;
  return { shape, pixels: Float32Array.from(values, (value) => value / scale) };
}

/** Height, width, channels: an image of two dimensions has one channel. */
export function imageSize({ shape }: FloatImage): { height: number; width: number; channels: number } {
  const [height, width, channels = 1] = shape;
  return { height, width, channels };
}

/** Every pixel value changed by itself and kept within `range`. */
export function mapPixels(
  { shape, pixels }: FloatImage,
  range: readonly [low: number, high: number],
  change: (value: number) => number,
): FloatImage {
  const [low, high] = range;
  return { shape, pixels: pixels.map((value) => Math.min(high, Math.max(low, change(value)))) };
}

/** @throws SignalbookError unless both images have one shape. */
export function requireSameShape(one: FloatImage, other: FloatImage): void {
  if (one.shape.join() !== other.shape.join())
    throw new SignalbookError("images of different shape", {
      found: `[${other.shape.join(", ")}]`,
      expected: `[${one.shape.join(", ")}]`,
      fix: "resize one of them first",
    });
}
