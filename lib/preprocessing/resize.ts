/**
 * Resizing as OpenCV, PyTorch and Pillow do it: the same name, "bilinear", means three different things there, and a
 * network trained behind one of them should be fed by the same. Bytes are met exactly, with the peers' own fixed-point
 * rules (resize-bytes.ts); numbers to rounding.
 */
import { SignalbookError } from "../core/errors";
import { checkImage, type Image, type Pixels } from "./image";
import { resizeBytesOpenCv, resizeBytesPillow } from "./resize-bytes";
import { type AxisMethod, type AxisWeights, axisWeights } from "./resize-weights";

export type ResizeMethod =
  /** `cv2.resize`, and albumentations' Resize: two neighbours a side, whatever the scale. Bytes or numbers. */
  | "opencv-linear"
  /** Means over areas when both sides shrink or stay; otherwise nearest with soft edges. Bytes or numbers; a byte whose
   * mean is nearly a half may differ by 1 (4 pixels of 154 random images). */
  | "opencv-area"
  | "opencv-nearest"
  /** Numbers only. */
  | "opencv-cubic"
  /** `torch.nn.functional.interpolate` with `align_corners=False`. Numbers only. */
  | "torch-bilinear"
  | "torch-bilinear-antialias"
  | "torch-bicubic-antialias"
  /** `PIL.Image.resize`, which always antialiases; torchvision's Resize of bytes differs from it by 1 at most. */
  | "pillow-bilinear"
  | "pillow-bicubic";

export interface ResizeOptions {
  width: number;
  height: number;
  method: ResizeMethod;
}

/**
 * @returns an image of the precision given; the image itself where it has that size already.
 * @throws SignalbookError for sizes that are not whole and positive, and for bytes with a method of numbers.
 */
export function resize<P extends Pixels>(image: Image<P>, { width, height, method }: ResizeOptions): Image<P> {
  checkImage(image);
  if (![width, height].every((size) => Number.isInteger(size) && size > 0))
    throw new SignalbookError("a size out of range", {
      found: `${width} x ${height}`,
      expected: "whole numbers, 1 or more",
    });
  if (width === image.width && height === image.height) return image;
  const { pixels } = image;
  const made =
    method === "opencv-nearest"
      ? resizeNearest(image, width, height)
      : pixels instanceof Uint8Array
        ? resizeBytes({ ...image, pixels }, width, height, method)
        : resizeNumbers({ ...image, pixels }, width, height, method);
  return { width, height, channels: image.channels, pixels: made as P };
}

function resizeBytes(image: Image<Uint8Array>, width: number, height: number, method: ResizeMethod): Uint8Array {
  const [x, y] = axesOf(method, image, width, height);
  switch (method) {
    case "opencv-linear":
      return resizeBytesOpenCv(image, x, y);
    case "opencv-area":
      return shrinks(image, width, height) ? areaBytes(image, x, y) : resizeBytesOpenCv(image, x, y);
    case "pillow-bilinear":
    case "pillow-bicubic":
      return resizeBytesPillow(image, x, y);
    default:
      throw new SignalbookError("bytes cannot be resized by this method", {
        found: method,
        expected: "opencv-linear, opencv-area, opencv-nearest, pillow-bilinear or pillow-bicubic",
        fix: "turn the pixels into a Float32Array first",
      });
  }
}

function resizeNumbers(
  image: Image<Float32Array | Float64Array>,
  width: number,
  height: number,
  method: ResizeMethod,
): Float32Array | Float64Array {
  const [x, y] = axesOf(method, image, width, height);
  const out = image.pixels instanceof Float32Array ? Float32Array : Float64Array;
  return weighted(image, x, y, new out(width * height * image.channels));
}

/** The rules of both axes. */
function axesOf(method: ResizeMethod, image: Image, width: number, height: number): [AxisWeights, AxisWeights] {
  const area = shrinks(image, width, height) ? "opencv-area-shrinking" : "opencv-area-growing";
  const name: AxisMethod =
    method === "opencv-area"
      ? area
      : // OpenCV rounds the coordinates to single precision for bytes only.
        method === "opencv-linear" && image.pixels instanceof Uint8Array
        ? "opencv-linear-bytes"
        : AXIS_METHODS[method as keyof typeof AXIS_METHODS];
  return [axisWeights(name, image.width, width), axisWeights(name, image.height, height)];
}

const AXIS_METHODS = {
  "opencv-linear": "torch-bilinear",
  "opencv-cubic": "opencv-cubic",
  "torch-bilinear": "torch-bilinear",
  "torch-bilinear-antialias": "antialias-bilinear",
  "torch-bicubic-antialias": "antialias-bicubic",
  "pillow-bilinear": "antialias-bilinear",
  "pillow-bicubic": "antialias-bicubic",
} as const satisfies Partial<Record<ResizeMethod, AxisMethod>>;

/** OpenCV averages areas only where no side grows. */
function shrinks(image: Image, width: number, height: number): boolean {
  return image.width >= width && image.height >= height;
}

function resizeNearest({ width: from, height: rows, channels, pixels }: Image, width: number, height: number): Pixels {
  const out = pixels.slice(0, 0).constructor as new (length: number) => Pixels;
  const made = new out(width * height * channels);
  const nearest = (i: number, size: number, to: number): number =>
    Math.min(Math.floor(i * (1 / (to / size))), size - 1);
  const columns = Int32Array.from({ length: width }, (_, x) => nearest(x, from, width) * channels);
  for (let y = 0, at = 0; y < height; y++) {
    const row = nearest(y, rows, height) * from * channels;
    for (let x = 0; x < width; x++) for (let c = 0; c < channels; c++) made[at++] = pixels[row + columns[x]! + c]!;
  }
  return made;
}

/** Means over areas; a half is rounded to even, but up where four pixels become one, as OpenCV does. */
function areaBytes(image: Image<Uint8Array>, x: AxisWeights, y: AxisWeights): Uint8Array {
  const width = x.indices.length / x.taps;
  const height = y.indices.length / y.taps;
  const means = new Float64Array(width * height * image.channels);
  weighted(image, x, y, means);
  const quarters = image.width === 2 * width && image.height === 2 * height;
  return Uint8Array.from(means, (value) => {
    // Shares are single precision: what should be a half may lie a little off it.
    const rounded = Math.fround(value);
    const up = Math.floor(rounded + 0.5);
    return !quarters && up - rounded === 0.5 && up % 2 === 1 ? up - 1 : up;
  });
}

/** Weighted sums along both axes, in double precision, rounded once into `out` [height, width, channels]. */
function weighted<Out extends Float32Array | Float64Array>(
  image: Image,
  x: AxisWeights,
  y: AxisWeights,
  out: Out,
): Out {
  const length = (x.indices.length / x.taps) * image.channels;
  // An output row takes neighbouring input rows, as many as there are taps: each of these has a place of its own, and
  // stays there for the next output row.
  const kept = Array.from({ length: y.taps }, () => ({ row: -1, values: new Float64Array(length) }));
  const alongXOnce = (row: number): Float64Array => {
    const place = kept[row % y.taps]!;
    if (place.row !== row) alongX(image, row, x, place.values);
    place.row = row;
    return place.values;
  };
  const sums = new Float64Array(length);
  for (let start = 0, at = 0; start < y.indices.length; start += y.taps, at += length) {
    for (let t = start; t < start + y.taps; t++) {
      const weight = y.weights[t]!;
      const values = alongXOnce(y.indices[t]!);
      if (t === start) for (let i = 0; i < length; i++) sums[i] = weight * values[i]!;
      else for (let i = 0; i < length; i++) sums[i] = sums[i]! + weight * values[i]!;
    }
    out.set(sums, at);
  }
  return out;
}

/** One row's weighted sums: [new width, channels]. */
function alongX({ width, channels, pixels }: Image, row: number, x: AxisWeights, out: Float64Array): void {
  const { taps, indices, weights } = x;
  const start = row * width * channels;
  if (taps === 2 && channels === 1) {
    for (let t = 0, at = 0; t < indices.length; t += 2)
      out[at++] = weights[t]! * pixels[start + indices[t]!]! + weights[t + 1]! * pixels[start + indices[t + 1]!]!;
    return;
  }
  for (let first = 0, at = 0; first < indices.length; first += taps) {
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let t = first; t < first + taps; t++) sum += weights[t]! * pixels[start + indices[t]! * channels + c]!;
      out[at++] = sum;
    }
  }
}
