/**
 * The fixed-point arithmetic with which OpenCV and Pillow resize bytes. Rounding the exact value instead is off by one
 * in places.
 */
import type { Image } from "./image";
import { type LinearResizer, linearResizer, type Taps } from "./resize-linear";
import type { AxisWeights } from "./resize-weights";

/**
 * OpenCV's linear rule: weights of 11 bits, first along x, then along y with 4 and 16 bits cut off on the way.
 * @param x two taps a column. @param y two taps a row.
 */
export function resizeBytesOpenCv(image: Image<Uint8Array>, x: AxisWeights, y: AxisWeights): Uint8Array {
  const { channels, pixels } = image;
  const taps = tapsOf(x, channels);
  const { length } = taps.left;
  const rowBytes = image.width * channels;
  const rowWeights = tapsOf(y, 1);
  const resizer = resizerOf(taps, rowWeights, rowBytes, image.height);
  if (resizer !== null) return resizer(pixels);
  const rows = rowWeights.left.length;
  const out = new Uint8Array(rows * length);
  // Neighbouring output rows often lie between the same two input rows: the last two are kept.
  const kept: readonly [KeptRow, KeptRow] = [
    { row: -1, sums: new Int32Array(length) },
    { row: -1, sums: new Int32Array(length) },
  ];
  const sumsOf = (row: number, other: number): Int32Array => {
    const found = kept[0].row === row ? kept[0] : kept[1].row === row ? kept[1] : null;
    if (found !== null) return found.sums;
    const free = kept[0].row === other ? kept[1] : kept[0];
    free.row = row;
    alongX(pixels, row * rowBytes, taps, free.sums);
    return free.sums;
  };
  for (let i = 0; i < rows; i++) {
    const [above, below] = [rowWeights.left[i]!, rowWeights.right[i]!];
    const top = sumsOf(above, below);
    alongY(top, sumsOf(below, above), rowWeights.a0[i]!, rowWeights.a1[i]!, out, i * length);
  }
  return out;
}

interface KeptRow {
  row: number;
  sums: Int32Array;
}

// Math.imul spares the check for fractions and for -0; loops of their own are compiled for nothing else.
function alongX(pixels: Uint8Array, start: number, { left, right, a0, a1 }: Taps, sums: Int32Array): void {
  for (let i = 0; i < sums.length; i++)
    sums[i] = (Math.imul(pixels[start + left[i]!]!, a0[i]!) + Math.imul(pixels[start + right[i]!]!, a1[i]!)) >> 4;
}

function alongY(top: Int32Array, bottom: Int32Array, b0: number, b1: number, out: Uint8Array, at: number): void {
  for (let j = 0; j < top.length; j++)
    out[at + j] = ((Math.imul(b0, top[j]!) >> 16) + (Math.imul(b1, bottom[j]!) >> 16) + 2) >> 2;
}

/** By axis, then by channels: the axes themselves are kept as well. */
const known = new WeakMap<AxisWeights, Map<number, Taps>>();

function tapsOf(axis: AxisWeights, channels: number): Taps {
  const ofAxis = known.get(axis) ?? new Map<number, Taps>();
  known.set(axis, ofAxis);
  const found = ofAxis.get(channels);
  if (found !== undefined) return found;
  const length = (axis.indices.length / 2) * channels;
  const of = (tap: number, value: (at: number, channel: number) => number): Int32Array =>
    Int32Array.from({ length }, (_, i) => value(2 * Math.floor(i / channels) + tap, i % channels));
  const offset = (at: number, channel: number): number => axis.indices[at]! * channels + channel;
  const weight = (at: number): number => roundHalfEven(2048 * axis.weights[at]!);
  const made = { left: of(0, offset), right: of(1, offset), a0: of(0, weight), a1: of(1, weight) };
  ofAxis.set(channels, made);
  return made;
}

/** Machine code is made for sizes that come again, so many times before; and for rows of up to so many values. */
const COMES_AGAIN = 8;
const MOST_COMPILED = 4096;

interface Use {
  times: number;
  resizer: LinearResizer | null;
}

/** By the taps along x, then by those along y. */
const uses = new WeakMap<Taps, WeakMap<Taps, Use>>();

function resizerOf(columns: Taps, rows: Taps, rowBytes: number, height: number): LinearResizer | null {
  if (columns.left.length > MOST_COMPILED) return null;
  const ofColumns = uses.get(columns) ?? new WeakMap<Taps, Use>();
  uses.set(columns, ofColumns);
  const use = ofColumns.get(rows) ?? { times: 0, resizer: null };
  ofColumns.set(rows, use);
  if (use.resizer === null && use.times++ === COMES_AGAIN) use.resizer = linearResizer(rowBytes, height, columns, rows);
  return use.resizer;
}

function roundHalfEven(value: number): number {
  const up = Math.floor(value + 0.5);
  return up - value === 0.5 && up % 2 !== 0 ? up - 1 : up;
}

/** Pillow's weights have this many bits behind the point. */
const PILLOW_BITS = 22;

/**
 * Pillow's rule: weights of 22 bits, rounded to bytes after each of the two passes. The pass along y goes first where
 * that one shrinks the image by more than twice as many samples as the other: found by trying sizes with Pillow 13
 * (775 of 775 pairs agree).
 */
export function resizeBytesPillow(image: Image<Uint8Array>, x: AxisWeights, y: AxisWeights): Uint8Array {
  const width = x.indices.length / x.taps;
  const height = y.indices.length / y.taps;
  const [fewerColumns, fewerRows] = [image.width - width, image.height - height];
  const { channels } = image;
  const columnsOf = (pixels: Uint8Array, rows: number): Uint8Array =>
    fewerColumns === 0 ? pixels : pass(pixels, { outer: rows, from: image.width, inner: channels }, x);
  const rowsOf = (pixels: Uint8Array, columns: number): Uint8Array =>
    fewerRows === 0 ? pixels : pass(pixels, { outer: 1, from: image.height, inner: columns * channels }, y);
  const rowsFirst = fewerRows > 0 && 2 * fewerColumns < fewerRows;
  return rowsFirst
    ? columnsOf(rowsOf(image.pixels, image.width), height)
    : rowsOf(columnsOf(image.pixels, image.height), width);
}

/** One axis of bytes [outer, from, inner]. */
function pass(
  pixels: Uint8Array,
  { outer, from, inner }: { outer: number; from: number; inner: number },
  { taps, indices, weights }: AxisWeights,
): Uint8Array {
  const to = indices.length / taps;
  // Half away from zero, as a C cast after adding a half with the weight's sign.
  const whole = Int32Array.from(weights, (weight) => Math.trunc(weight * 2 ** PILLOW_BITS + (weight < 0 ? -0.5 : 0.5)));
  const out = new Uint8Array(outer * to * inner);
  const sums = new Int32Array(inner);
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < to; i++) {
      sums.fill(1 << (PILLOW_BITS - 1));
      for (let t = i * taps; t < (i + 1) * taps; t++) {
        const weight = whole[t]!;
        const start = (block * from + indices[t]!) * inner;
        for (let j = 0; j < inner; j++) sums[j] = sums[j]! + weight * pixels[start + j]!;
      }
      const start = (block * to + i) * inner;
      for (let j = 0; j < inner; j++) {
        const value = sums[j]! >> PILLOW_BITS;
        out[start + j] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
  }
  return out;
}
