/**
 * Traces drawn as binary images, pixel for pixel as justpyplot's line routine with thickness 1 draws them (system 002's
 * plots): every two neighbouring samples are joined by points at one common number of steps, and each point is set
 * twice, once moved back by a pixel against the direction of its line. No antialiasing; where lines meet, a pixel
 * stays 1.
 */
import { SignalbookError } from "../core/errors";
import { blankImage, type Image } from "./image";
import { lineMasks, MASK_ROWS, MASK_WORDS, stepAt } from "./raster-masks";

/** One channel; set pixels are 1. */
export type Canvas = Image<Uint8Array | Float32Array>;

/** The part of a canvas that a trace is drawn into, in pixels. */
export interface RasterWindow {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * Draws a trace into a window of a binary image: sample i of n at column trunc(i / n * width), value y at row
 * height - trunc(y * height), so 1 is the top row and 0 lies one below the last; lines are clipped to the window.
 * @param trace values 0 .. 1.
 * @throws SignalbookError for a window outside the canvas, a value outside 0 .. 1, and fewer than two samples.
 */
export function drawTrace(canvas: Canvas, trace: ArrayLike<number>, window: RasterWindow): void {
  checkWindow(canvas, window);
  const points = pixelsOf(trace, window);
  // Masks join columns that are neighbours: what every trace with more samples than columns is.
  if (window.height <= MASK_ROWS && points.widest <= 1) drawByMasks(canvas, points, window);
  else drawByPoints(canvas, points, window);
}

export interface TraceRasterOptions {
  width: number;
  height: number;
  /** Columns that are drawn into, from the left. */
  drawnWidth: number;
  /** Rows by which a trace reaches into the bands of the traces above and below. */
  overlap: number;
}

/** One band a trace, top to bottom; each reaches into its neighbours' bands, but for the image's top and bottom. */
export function bandWindows(count: number, { height, drawnWidth, overlap }: TraceRasterOptions): RasterWindow[] {
  const pitch = height / count;
  if (!Number.isInteger(pitch) || pitch < 1)
    throw new SignalbookError("bands of no whole height", {
      found: `${count} traces in ${height} rows`,
      expected: "a height that is a multiple of the number of traces",
    });
  return Array.from({ length: count }, (_, i) => {
    const top = Math.max(0, pitch * i - overlap);
    const bottom = Math.min(height, pitch * (i + 1) + overlap);
    return { left: 0, top, width: drawnWidth, height: bottom - top };
  });
}

/** A page of traces, each in its band: a binary image of 0 and 1. @param traces values 0 .. 1. */
export function rasterTraces(traces: readonly ArrayLike<number>[], options: TraceRasterOptions): Image<Uint8Array> {
  const canvas = blankImage(options.width, options.height);
  drawTraces(canvas, traces, options);
  return canvas;
}

/** The same page drawn into a canvas, from its column `left` on. @throws SignalbookError as {@link drawTrace}. */
export function drawTraces(
  canvas: Canvas,
  traces: readonly ArrayLike<number>[],
  { left = 0, ...options }: TraceRasterOptions & { left?: number },
): void {
  for (const [i, window] of bandWindows(traces.length, options).entries())
    drawTrace(canvas, traces[i]!, { ...window, left });
}

interface Points {
  /** Each sample's pixel. */
  rows: Int32Array;
  columns: Int32Array;
  /** The number of points all lines are drawn with. */
  steps: number;
  /** The most columns between two samples. */
  widest: number;
}

function pixelsOf(trace: ArrayLike<number>, { width, height }: RasterWindow): Points {
  const n = trace.length;
  if (n < 2) throw new SignalbookError("a trace without a line", { found: `${n} samples`, expected: "2 or more" });
  const rows = new Int32Array(n);
  const columns = new Int32Array(n);
  let [tallest, widest] = [0, 0];
  for (let i = 0; i < n; i++) {
    const value = trace[i]!;
    if (!(value >= 0 && value <= 1))
      throw new SignalbookError("a trace out of range", {
        place: `sample ${i}`,
        found: String(value),
        expected: "0 to 1",
        fix: "clip and scale the trace first",
      });
    // In this order of operations: in another one, values between two pixels would fall on the other side.
    rows[i] = height - Math.trunc(value * height);
    columns[i] = Math.trunc((i / n) * width);
    if (i === 0) continue;
    tallest = Math.max(tallest, Math.abs(rows[i]! - rows[i - 1]!));
    widest = Math.max(widest, columns[i]! - columns[i - 1]!);
  }
  return { rows, columns, steps: Math.max(tallest, widest) + 1, widest };
}

/** The rule as it stands: every point of every line. */
function drawByPoints({ width: stride, pixels }: Canvas, points: Points, window: RasterWindow): void {
  const { rows, columns, steps } = points;
  const set = (row: number, column: number): void => {
    const y = Math.min(Math.max(row, 0), window.height - 1);
    const x = Math.min(Math.max(column, 0), window.width - 1);
    pixels[(window.top + y) * stride + window.left + x] = 1;
  };
  for (let i = 1; i < rows.length; i++) {
    const [y, x] = [rows[i - 1]!, columns[i - 1]!];
    const [dy, dx] = [rows[i]! - y, columns[i]! - x];
    for (let k = 0; k < steps; k++) {
      const t = stepAt(k, steps);
      const [row, column] = [Math.trunc(y + t * dy), Math.trunc(x + t * dx)];
      set(row, column);
      set(row - Math.sign(dy), column - Math.sign(dx));
    }
  }
}

/**
 * The same image from one mask of rows a column. A line between two samples stays in its column or ends in the next
 * one, so its points but the last lie in the first column, and which rows they meet depends on the two rows alone.
 */
function drawByMasks({ width: stride, pixels }: Canvas, points: Points, window: RasterWindow): void {
  const { rows, columns, steps } = points;
  const { height, width } = window;
  const upper = new Int32Array(width); // rows 0 .. 31
  const lower = new Int32Array(width); // rows 32 .. 63
  const masks = lineMasks(height, steps);
  const { words } = masks;
  const last = height - 1;
  const add = (row: number, column: number): void => {
    const y = row < 0 ? 0 : row > last ? last : row;
    if (y < 32) upper[column] = upper[column]! | (1 << y);
    else lower[column] = lower[column]! | (1 << (y - 32));
  };
  for (let i = 1; i < rows.length; i++) {
    const from = rows[i - 1]!;
    const to = rows[i]!;
    const x = columns[i - 1]!;
    const at = MASK_WORDS * (from * (height + 1) + to);
    // Every line meets a row: a mask of no rows has not been worked out.
    if ((words[at]! | words[at + 1]!) === 0) masks.fill(from, to);
    if (columns[i] === x) {
      upper[x] = upper[x]! | words[at]!;
      lower[x] = lower[x]! | words[at + 1]!;
      continue;
    }
    const before = x === 0 ? 0 : x - 1;
    upper[x] = upper[x]! | words[at + 2]!;
    lower[x] = lower[x]! | words[at + 3]!;
    upper[before] = upper[before]! | words[at + 4]!;
    lower[before] = lower[before]! | words[at + 5]!;
    add(to, x + 1);
    add(to - Math.sign(to - from), x);
  }
  const start = window.top * stride + window.left;
  setRows(pixels, start, stride, upper);
  setRows(pixels, start + 32 * stride, stride, lower);
}

/** Sets the pixels of each column's mask: bit y of columns[x] is the pixel of row y. */
function setRows(pixels: Canvas["pixels"], start: number, stride: number, columns: Int32Array): void {
  for (let x = 0; x < columns.length; x++) {
    for (let bits = columns[x]!; bits !== 0; bits &= bits - 1) {
      const y = 31 - Math.clz32(bits & -bits);
      pixels[start + y * stride + x] = 1;
    }
  }
}

function checkWindow(canvas: Canvas, { left, top, width, height }: RasterWindow): void {
  const whole = [left, top, width, height].every(Number.isInteger);
  const inside = left >= 0 && top >= 0 && left + width <= canvas.width && top + height <= canvas.height;
  if (!whole || !inside || width < 1 || height < 1 || canvas.channels !== 1)
    throw new SignalbookError("a window outside its canvas", {
      found: `${width} x ${height} at column ${left}, row ${top}`,
      expected: `whole pixels within ${canvas.width} x ${canvas.height} of one channel`,
    });
}
