/** What augmentations of pictures work on. */
import { SignalbookError } from "../core/errors";
import type { Image } from "../preprocessing/image";

/** An image as a network takes it: in [0, 1] unless normalised. */
export type FloatImage = Image<Float32Array>;

/** An image and what it shows. */
export interface ImageExample {
  readonly image: FloatImage;
  /** [classes], shares that sum to 1. */
  readonly target: Float32Array;
}

/** The image in single precision; bytes are divided by 255, numbers taken as they are. Pixels are always copied. */
export function floatImage(image: Image): FloatImage {
  const scale = image.pixels instanceof Uint8Array ? 255 : 1;
  const pixels = new Float32Array(image.pixels.length);
  for (let i = 0; i < pixels.length; i++) pixels[i] = image.pixels[i]! / scale;
  return { ...image, pixels };
}

/** Every pixel value changed by itself and kept within `range`. */
export function mapPixels(
  image: FloatImage,
  range: readonly [low: number, high: number],
  change: (value: number) => number,
): FloatImage {
  const [low, high] = range;
  return { ...image, pixels: image.pixels.map((value) => Math.min(high, Math.max(low, change(value)))) };
}

/** @throws SignalbookError unless both images have one shape. */
export function requireSameShape(one: FloatImage, other: FloatImage): void {
  const shape = ({ height, width, channels }: FloatImage): string => `[${height}, ${width}, ${channels}]`;
  if (shape(one) !== shape(other))
    throw new SignalbookError("images of different shape", {
      found: shape(other),
      expected: shape(one),
      fix: "resize one of them first",
    });
}
