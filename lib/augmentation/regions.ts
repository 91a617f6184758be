/** Squares of an image wiped out, so that a network cannot lean on any one place (DeVries and Taylor 2017). */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import type { FloatImage } from "./image";

export interface HoleOptions {
  holes: number;
  /** Pixels. */
  height: number;
  width: number;
  /** What a hole is filled with, in every channel. */
  fill: number;
}

/** Holes that lie wholly within the image, every place equally likely; they may overlap (albumentations' CoarseDropout). */
export function coarseDropout(image: FloatImage, options: Readonly<HoleOptions>, random: Generator): FloatImage {
  const { height, width } = image;
  check(options);
  if (options.height > height || options.width > width)
    throw new SignalbookError("holes larger than the image", {
      found: `holes of ${options.height} x ${options.width}`,
      expected: `at most ${height} x ${width} pixels`,
    });
  return punch(image, options, () => [
    random.below(height - options.height + 1),
    random.below(width - options.width + 1),
  ]);
}

/**
 * Holes around centres that may be any pixel or the edge itself. At the top and left a hole is pushed back into the image,
 * at the bottom and right the edge cuts it off (albumentations' Cutout, asymmetric as it is).
 */
export function cutout(image: FloatImage, options: Readonly<HoleOptions>, random: Generator): FloatImage {
  const { height, width } = image;
  check(options);
  return punch(image, options, () => [
    Math.max(0, random.below(height + 1) - (options.height >> 1)),
    Math.max(0, random.below(width + 1) - (options.width >> 1)),
  ]);
}

function check({ holes, height, width }: HoleOptions): void {
  if (![holes, height, width].every((n) => Number.isInteger(n) && n >= 0))
    throw new SignalbookError("holes that are no whole numbers", {
      found: `${holes} holes of ${height} x ${width}`,
      expected: "whole numbers from 0",
    });
}

function punch(image: FloatImage, hole: HoleOptions, draw: () => [top: number, left: number]): FloatImage {
  const { height, width, channels } = image;
  const pixels = image.pixels.slice();
  for (let i = 0; i < hole.holes; i++) {
    const [top, left] = draw();
    const end = Math.min(width, left + hole.width);
    for (let y = top; y < Math.min(height, top + hole.height); y++)
      pixels.fill(hole.fill, (y * width + left) * channels, (y * width + end) * channels);
  }
  return { ...image, pixels };
}
