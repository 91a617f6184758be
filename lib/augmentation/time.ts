/** Pictures whose columns are time: stages of sleep are told by what happens in an epoch, not by when in it. */
import type { Generator } from "../core/random";
import type { FloatImage } from "./image";

/** The picture begins at another time and goes round; every time is equally likely. */
export function rollTime(image: FloatImage, _: object, random: Generator): FloatImage {
  const shift = random.below(image.width);
  return columns(image, (x) => (x + shift) % image.width);
}

/** The picture runs backwards. */
export function reverseTime(image: FloatImage): FloatImage {
  return columns(image, (x) => image.width - 1 - x);
}

/** @param from of a column, the one that it shows */
function columns(image: FloatImage, from: (x: number) => number): FloatImage {
  const { height, width, channels } = image;
  const sources = Int32Array.from({ length: width }, (_, x) => from(x) * channels);
  const pixels = new Float32Array(image.pixels.length);
  for (let y = 0, at = 0; y < height; y++) {
    const row = y * width * channels;
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++) pixels[at++] = image.pixels[row + sources[x]! + c]!;
  }
  return { ...image, pixels };
}
