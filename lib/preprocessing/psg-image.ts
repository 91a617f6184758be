/**
 * Polysomnography epochs as grey images. The page is drawn at its full size, a pixel white or black, and every square of
 * `reduction` pixels becomes one grey: rows of 43 pixels are 10.75 pixels of the image, so only the full size has the
 * published layout, and a trace of the challenge's images is grey for the same reason. No page is ever held: each column
 * of a trace is a run of pixels, and runs are counted straight into the image.
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
  const tables = new Map<string, Columns>();
  const columnsOf = (count: number, offset: number): Columns => {
    const key = `${count} ${offset}`;
    if (!tables.has(key)) tables.set(key, columnTable(width, count, offset));
    return tables.get(key)!;
  };
  const size = { width: width / reduction, height: height / reduction };
  const greys = Uint8Array.from({ length: reduction ** 2 + 1 }, (_, white) =>
    Math.round((255 * white) / reduction ** 2),
  );
  // Column after column, as the runs come.
  const whites = new Uint16Array(size.width * size.height);

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
        size.height,
        reduction,
      );
    }
    const pixels = new Uint8Array(whites.length);
    for (let y = 0, i = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x++) pixels[i++] = greys[whites[x * size.height + y]!]!;
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
  let edge = valueAt(samples, first, before[0]!, fraction[0]!, last);
  for (let x = 0; x < runs.first.length; x++) {
    let least = edge;
    let most = edge;
    if (Number.isNaN(edge)) [least, most] = [Infinity, -Infinity];
    // Samples at the left edge are that edge; those at the right edge are the next column's.
    const end = Math.min(before[x + 1]! - (fraction[x + 1] === 0 ? 1 : 0), last);
    for (let i = before[x]! + 1; i <= end; i++) {
      const value = samples[first + i]!;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    edge = valueAt(samples, first, before[x + 1]!, fraction[x + 1]!, last);
    if (edge < least) least = edge;
    if (edge > most) most = edge;
    const highest = Math.floor(top + (high - most) * pixelsPerUnit) - above;
    const lowest = Math.floor(top + (high - least) * pixelsPerUnit) + below;
    runs.first[x] = highest > groupTop ? Math.min(highest, groupBottom) : groupTop;
    runs.last[x] = lowest < groupBottom ? Math.max(lowest, groupTop - 1) : groupBottom - 1;
  }
}

/** The line's height between two samples; NaN where one of them is, and the last sample's beyond it. */
function valueAt(samples: Float32Array, first: number, before: number, fraction: number, last: number): number {
  if (before >= last) return samples[first + last]!;
  const value = samples[first + before]!;
  return fraction === 0 ? value : value + (samples[first + before + 1]! - value) * fraction;
}

/** Adds the pixels that are white in any of a group's traces to the counts of the image's squares. */
function countWhites(group: readonly Runs[], whites: Uint16Array, rows: number, reduction: number): void {
  const [only] = group;
  if (only === undefined) return;
  const order = [...group];
  for (let x = 0; x < only.first.length; x++) {
    // Insertion sort: from one column to the next the order hardly changes.
    for (let k = 1; k < order.length; k++)
      for (let j = k; j > 0 && order[j]!.first[x]! < order[j - 1]!.first[x]!; j--)
        [order[j], order[j - 1]] = [order[j - 1]!, order[j]!];
    const column = Math.floor(x / reduction) * rows;
    let free = 0;
    for (const { first, last } of order) {
      const begin = Math.max(first[x]!, free);
      const end = last[x]!;
      if (begin > end) continue;
      free = end + 1;
      const lastRow = Math.floor(end / reduction);
      for (let row = Math.floor(begin / reduction); row <= lastRow; row++)
        whites[column + row]! += Math.min(end, row * reduction + reduction - 1) - Math.max(begin, row * reduction) + 1;
    }
  }
}
