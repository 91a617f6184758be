/**
 * Polysomnography epochs as grey images. The page is drawn at its full size, a pixel white or black, and every square of
 * `reduction` pixels becomes one grey: rows of 43 pixels are 10.75 pixels of the image, so only the full size has the
 * published layout, and the challenge's images were reduced from it as well. No page is ever held: each column of a trace
 * is a run of pixels, and runs are counted straight into the image.
 */
import { SignalbookError } from "../core/errors";
import type { Image } from "./image";
import { type PsgBand, psgBands } from "./psg-layout";
import type { PsgTrace, PsgTraces } from "./psg-traces";

/**
 * Draws the stretch of `epochSeconds` that begins `from` seconds into the recording.
 *
 * A trace joins its samples by straight lines, the first at the left edge; the last is held to the right one, so that
 * an image shows nothing of the next epoch. In a page's column all pixels are white from the line's highest to its lowest
 * point there. Where a sample is NaN the line is interrupted. Beyond the edges of its group a trace is cut.
 * @throws SignalbookError for an epoch that does not lie within every trace.
 */
export function drawPsgEpoch(prepared: PsgTraces, from: number): Image<Uint8Array> {
  return psgPainter(prepared)(from);
}

/** {@link drawPsgEpoch} for many epochs of one recording: tables and buffers are made once. */
export function psgPainter({ layout, traces, source }: PsgTraces): (from: number) => Image<Uint8Array> {
  const { width, height, reduction, epochSeconds, lineWidth } = layout;
  const bands = psgBands(layout);
  const groups = [...new Set(layout.rows.map(({ group }) => group))].map((group) =>
    [...layout.rows.keys()].filter((i) => layout.rows[i]!.group === group && traces[i] !== null),
  );
  const runs = layout.rows.map(() => ({ first: new Int32Array(width), last: new Int32Array(width) }));
  const tables = new Map<number, Columns>();
  const columnsOf = (count: number, offset: number): Columns => {
    // Epochs that begin between two samples hardly ever begin at the same place between them.
    if (offset !== 0) return columnTable(width, count, offset);
    const table = tables.get(count) ?? columnTable(width, count, 0);
    tables.set(count, table);
    return table;
  };
  const size = { width: width / reduction, height: height / reduction };
  const greys = Uint8Array.from({ length: reduction ** 2 + 1 }, (_, white) =>
    Math.round((255 * white) / reduction ** 2),
  );
  const whites = new Uint8Array(4 * Math.ceil((size.width * size.height) / 4));
  const fours = new Uint32Array(whites.buffer);

  return (from) => {
    whites.fill(0);
    for (const group of groups) {
      for (const row of group) {
        const trace = traces[row]!;
        const { first, count, offset } = samplesOf(trace, from, epochSeconds, source);
        traceRuns(trace, first, columnsOf(count, offset), bands[row]!, lineWidth, runs[row]!);
      }
      countWhites(
        group.map((row) => runs[row]!),
        whites,
        size.width,
        reduction,
      );
    }
    const pixels = new Uint8Array(size.width * size.height);
    // Most of an image is black: four squares are looked at at once.
    for (let four = 0; four < fours.length; four++) {
      if (fours[four] === 0) continue;
      for (let i = 4 * four; i < 4 * four + 4; i++) pixels[i] = greys[whites[i]!]!;
    }
    return { ...size, channels: 1, pixels };
  };
}

/** An epoch's samples: `count` of them (a fraction where the rate is odd), from `offset` samples after the `first`. */
function samplesOf(
  { label, sampleRate, samples }: PsgTrace,
  from: number,
  seconds: number,
  source: string,
): { first: number; count: number; offset: number } {
  const begin = nearlyWhole(from * sampleRate);
  const count = nearlyWhole(seconds * sampleRate);
  const first = Math.floor(begin);
  if (!(from >= 0 && begin + count <= samples.length + 1e-6))
    throw new SignalbookError("an epoch outside the recording", {
      file: source,
      place: `signal ${label}`,
      found: `${from} s to ${from + seconds} s`,
      expected: `within 0 s to ${samples.length / sampleRate} s`,
    });
  return { first, count, offset: begin - first };
}

/** Times such as 0.1 s have no exact double: within a millionth of a sample the whole number is meant. */
function nearlyWhole(samples: number): number {
  const whole = Math.round(samples);
  return Math.abs(samples - whole) <= 1e-6 ? whole : samples;
}

/** For a page's columns: where their left edges (and the last one's right edge) lie among an epoch's samples. */
interface Columns {
  /** The sample at or before the edge, from the epoch's first. */
  before: Int32Array;
  /** How far the edge lies on the way to the next sample, 0 to 1. */
  fraction: Float64Array;
  /** The epoch's last sample. */
  last: number;
}

function columnTable(width: number, count: number, offset: number): Columns {
  const before = new Int32Array(width + 1);
  const fraction = new Float64Array(width + 1);
  for (let x = 0; x <= width; x++) {
    const position = offset + (x * count) / width;
    before[x] = Math.floor(position);
    fraction[x] = position - before[x]!;
  }
  return { before, fraction, last: Math.ceil(offset + count) - 1 };
}

/** White pixels of each column of a page: from `first` to `last`, none where `first` is the larger. */
interface Runs {
  first: Int32Array;
  last: Int32Array;
}

function traceRuns(
  { samples, low, high }: PsgTrace,
  first: number,
  { before, fraction, last }: Columns,
  { top, bottom, groupTop, groupBottom }: PsgBand,
  lineWidth: number,
  runs: Runs,
): void {
  const pixelsPerUnit = (bottom - top) / (high - low);
  const above = Math.floor(lineWidth / 2);
  const below = lineWidth - 1 - above;
  const width = runs.first.length;
  let edge = valueAt(samples, first, before[0]!, fraction[0]!, last);
  let next = before[0]! + 1;
  for (let x = 0; x < width; x++) {
    const left = edge;
    const begin = first + next;
    const behind = before[x + 1]!;
    const part = fraction[x + 1]!;
    next = behind + 1;
    // Samples at the left edge are that edge; those at the right edge are the next column's.
    const end = first + Math.min(part === 0 ? behind - 1 : behind, last);
    edge = valueAt(samples, first, behind, part, last);
    let least = Math.min(left, edge);
    let most = Math.max(left, edge);
    for (let i = begin; i <= end; i++) {
      const value = samples[i]!;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    if (Number.isNaN(least)) [least, most] = extremes([left, edge, ...samples.subarray(begin, end + 1)]);
    const highest = Math.floor(top + (high - most) * pixelsPerUnit) - above;
    const lowest = Math.floor(top + (high - least) * pixelsPerUnit) + below;
    runs.first[x] = highest < groupTop ? groupTop : highest > groupBottom ? groupBottom : highest;
    runs.last[x] = lowest < groupTop ? groupTop - 1 : lowest >= groupBottom ? groupBottom - 1 : lowest;
  }
}

/** The least and the largest of the values that are numbers; infinities the wrong way round where none is. */
function extremes(values: readonly number[]): [least: number, most: number] {
  const known = values.filter((value) => !Number.isNaN(value));
  return [Math.min(...known), Math.max(...known)];
}

/** The line's height between two samples; NaN where one of them is, and the last sample's beyond it. */
function valueAt(samples: Float32Array, first: number, before: number, fraction: number, last: number): number {
  if (before >= last) return samples[first + last]!;
  const value = samples[first + before]!;
  return fraction === 0 ? value : value + (samples[first + before + 1]! - value) * fraction;
}

/** Adds the pixels that are white in any of a group's traces to the counts of the image's squares. */
function countWhites(group: readonly Runs[], whites: Uint8Array, columns: number, reduction: number): void {
  const order = [...group];
  const [only] = group;
  for (let x = 0; x < columns * reduction; x++) {
    const column = Math.floor(x / reduction);
    if (only !== undefined && group.length === 1) {
      countRun(only.first[x]!, only.last[x]!, column, whites, columns, reduction);
      continue;
    }
    // Insertion sort: from one column to the next the order hardly changes.
    for (let k = 1; k < order.length; k++)
      for (let j = k; j > 0 && order[j]!.first[x]! < order[j - 1]!.first[x]!; j--)
        [order[j], order[j - 1]] = [order[j - 1]!, order[j]!];
    let free = 0;
    for (const { first, last } of order) {
      countRun(Math.max(first[x]!, free), last[x]!, column, whites, columns, reduction);
      free = Math.max(free, last[x]! + 1);
    }
  }
}

/** Adds a run of white pixels, of one of a page's columns, to the squares it touches. */
function countRun(
  begin: number,
  end: number,
  column: number,
  whites: Uint8Array,
  columns: number,
  reduction: number,
): void {
  if (begin > end) return;
  const first = Math.floor(begin / reduction);
  const last = Math.floor(end / reduction);
  let at = first * columns + column;
  if (first === last) {
    whites[at]! += end - begin + 1;
    return;
  }
  whites[at]! += (first + 1) * reduction - begin;
  for (let row = first + 1; row < last; row++) {
    at += columns;
    whites[at]! += reduction;
  }
  whites[at + columns]! += end - last * reduction + 1;
}
