/** Blurs by small kernels. Beyond the edges the image is mirrored about its outermost pixels (OpenCV's reflect-101). */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import type { FloatImage } from "./image";

/** Entries (row, column from the kernel's centre, weight) of a kernel; zeros left out. */
type Kernel = readonly (readonly [dy: number, dx: number, weight: number])[];

export interface BlurOptions {
  /** Smallest and largest side of the kernel in pixels, both odd. */
  sizes: readonly [smallest: number, largest: number];
}

/**
 * Gaussian blur. As in albumentations 1.4 any whole number of the range is drawn and an even one made the next odd one,
 * so that of 3, 5 and 7 the smallest comes half as often as each of the others.
 */
export function gaussianBlur(image: FloatImage, { sizes }: Readonly<BlurOptions>, random: Generator): FloatImage {
  const [smallest, largest] = checkSizes(sizes);
  const drawn = smallest + random.below(largest - smallest + 1);
  return blurGaussian(image, drawn % 2 === 1 ? drawn : drawn + 1);
}

/** Gaussian blur by OpenCV's kernel of an odd size for an unset deviation. */
export function blurGaussian(image: FloatImage, size: number): FloatImage {
  const weights = gaussianKernel(size);
  const middle = size >> 1;
  const upright: Kernel = weights.map((weight, i) => [i - middle, 0, weight]);
  const level: Kernel = weights.map((weight, i) => [0, i - middle, weight]);
  return correlate(correlate(image, level), upright);
}

/** OpenCV's fixed kernels of up to seven pixels: binomial but for the last, in 32nds. */
const SMALL: Readonly<Record<number, readonly number[]>> = {
  1: [1],
  3: [1, 2, 1].map((n) => n / 4),
  5: [1, 4, 6, 4, 1].map((n) => n / 16),
  7: [1, 3.5, 7, 9, 7, 3.5, 1].map((n) => n / 32),
};

/** Weights of a kernel, largest in the middle, sum 1; the deviation of a larger one is 0.3 ((size - 1) / 2 - 1) + 0.8. */
export function gaussianKernel(size: number): readonly number[] {
  checkSizes([size, size]);
  const small = SMALL[size];
  if (small !== undefined) return small;
  const deviation = 0.3 * ((size - 1) / 2 - 1) + 0.8;
  const weights = Array.from({ length: size }, (_, i) => Math.exp(-((i - (size >> 1)) ** 2) / (2 * deviation ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Motion blur: the mean along a line between two different pixels of a square whose odd side is drawn. The line need
 * not run through the square's centre, so the image may move as well (albumentations' MotionBlur, shifts allowed).
 */
export function motionBlur(image: FloatImage, { sizes }: Readonly<BlurOptions>, random: Generator): FloatImage {
  const [smallest, largest] = checkSizes(sizes);
  const size = smallest + 2 * random.below((largest - smallest) / 2 + 1);
  const x1 = random.below(size);
  const x2 = random.below(size);
  const y1 = random.below(size);
  // In one column the second end is one of the other rows.
  const y2 = x1 === x2 ? (y1 + 1 + random.below(size - 1)) % size : random.below(size);
  return blurMotion(image, size, [x1, y1, x2, y2]);
}

/** The mean along a line of a square of odd side. */
export function blurMotion(
  image: FloatImage,
  size: number,
  [x1, y1, x2, y2]: readonly [x1: number, y1: number, x2: number, y2: number],
): FloatImage {
  const points = linePoints(x1, y1, x2, y2);
  const middle = size >> 1;
  return correlate(
    image,
    points.map(([x, y]) => [y - middle, x - middle, 1 / points.length]),
  );
}

/** Pixels of a line, as OpenCV draws it: one a step of the longer axis, walked from left to right. */
export function linePoints(x1: number, y1: number, x2: number, y2: number): [x: number, y: number][] {
  if (x2 < x1) return linePoints(x2, y2, x1, y1);
  const [dx, dy] = [x2 - x1, Math.abs(y2 - y1)];
  const down = Math.sign(y2 - y1);
  const steep = dy > dx;
  const [long, short] = steep ? [dy, dx] : [dx, dy];
  const points: [number, number][] = [];
  let error = long - 2 * short;
  let across = 0;
  for (let along = 0; along <= long; along++) {
    points.push(steep ? [x1 + across, y1 + down * along] : [x1 + along, y1 + down * across]);
    if (error < 0) {
      across++;
      error += 2 * long;
    }
    error -= 2 * short;
  }
  return points;
}

function checkSizes(sizes: readonly [number, number]): readonly [number, number] {
  const [smallest, largest] = sizes;
  if (!(smallest % 2 === 1 && largest % 2 === 1 && smallest >= 1 && largest >= smallest))
    throw new SignalbookError("a kernel's size", {
      found: sizes.join(" to "),
      expected: "odd numbers of pixels, the smaller first",
    });
  return sizes;
}

function correlate(image: FloatImage, kernel: Kernel): FloatImage {
  const { height, width, channels } = image;
  const rows = mirrored(
    kernel.map(([dy]) => dy),
    height,
  );
  const columns = mirrored(
    kernel.map(([, dx]) => dx),
    width,
  );
  const sums = new Float64Array(image.pixels.length);
  kernel.forEach(([, , weight], k) => {
    const [row, column] = [rows[k]!, columns[k]!];
    let at = 0;
    for (let y = 0; y < height; y++) {
      const from = row[y]! * width;
      for (let x = 0; x < width; x++) {
        const pixel = (from + column[x]!) * channels;
        for (let c = 0; c < channels; c++) sums[at++]! += weight * image.pixels[pixel + c]!;
      }
    }
  });
  return { ...image, pixels: Float32Array.from(sums) };
}

/** For each offset, the position that each of `length` pixels is taken from. */
function mirrored(offsets: readonly number[], length: number): Int32Array[] {
  const period = Math.max(1, 2 * (length - 1));
  return offsets.map((offset) =>
    Int32Array.from({ length }, (_, i) => {
      const at = (((i + offset) % period) + period) % period;
      return Math.min(at, period - at);
    }),
  );
}
