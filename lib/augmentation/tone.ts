/** Brightness, contrast, and noise of a whole image. */
import type { Generator } from "../core/random";
import { type FloatImage, mapPixels } from "./image";

/** The range that images are kept in. */
const UNIT = [0, 1] as const;

export interface BrightnessContrastOptions {
  /** Brightness is moved by a draw from -brightness .. brightness. */
  brightness: number;
  /** Values are multiplied by a draw from 1 - contrast .. 1 + contrast. */
  contrast: number;
}

/** One factor, then one summand, for all pixels; kept in [0, 1] (albumentations' RandomBrightnessContrast on floats). */
export function brightnessContrast(
  image: FloatImage,
  { brightness, contrast }: Readonly<BrightnessContrastOptions>,
  random: Generator,
): FloatImage {
  const factor = 1 + random.uniform(-contrast, contrast);
  const summand = random.uniform(-brightness, brightness);
  return mapPixels(image, UNIT, (value) => value * factor + summand);
}

export interface NoiseOptions {
  /** The noise's variance is drawn uniformly from this range, once an image. */
  variance: readonly [low: number, high: number];
}

/** Normal noise, each value's own; kept in [0, 1] (albumentations' GaussNoise on floats). */
export function gaussianNoise(image: FloatImage, { variance }: Readonly<NoiseOptions>, random: Generator): FloatImage {
  const deviation = Math.sqrt(random.uniform(...variance));
  return mapPixels(image, UNIT, (value) => value + deviation * random.normal());
}
