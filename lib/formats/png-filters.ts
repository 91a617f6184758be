/** The five filters of PNG's rows, undone: each byte was stored as a difference from its neighbours' bytes. */
import { SignalbookError } from "../core/errors";

/**
 * Rows without their filters.
 * @param filtered rows of one byte (the filter) and `rowBytes` bytes
 * @param step bytes from a sample to the same one of the pixel on its left
 */
export function unfilter(
  filtered: Uint8Array,
  height: number,
  rowBytes: number,
  step: number,
  file: string,
): Uint8Array {
  const rows = new Uint8Array(height * rowBytes);
  for (let y = 0; y < height; y++) {
    const from = y * (rowBytes + 1) + 1;
    const to = y * rowBytes;
    const stored = filtered[from - 1]!;
    // The row above the first is zeros: what is left of a filter then is one of the others.
    const undo = stored > 4 ? undefined : UNDO[y === 0 ? FIRST_ROW[stored]! : stored];
    if (undo === undefined)
      throw new SignalbookError("a PNG image that cannot be decoded", {
        file,
        place: `row ${y + 1}`,
        found: `filter ${stored}`,
        expected: "0 to 4",
        fix: "the file is damaged: copy or download it again",
      });
    undo(filtered, from, rows, to, rowBytes, step);
  }
  return rows;
}

type Undo = (filtered: Uint8Array, from: number, rows: Uint8Array, to: number, length: number, step: number) => void;

const none: Undo = (filtered, from, rows, to, length) => {
  rows.set(filtered.subarray(from, from + length), to);
};

const sub: Undo = (filtered, from, rows, to, length, step) => {
  for (let i = 0; i < step; i++) rows[to + i] = filtered[from + i]!;
  for (let i = step; i < length; i++) rows[to + i] = filtered[from + i]! + rows[to + i - step]!;
};

const up: Undo = (filtered, from, rows, to, length) => {
  const above = to - length;
  for (let i = 0; i < length; i++) rows[to + i] = filtered[from + i]! + rows[above + i]!;
};

const average: Undo = (filtered, from, rows, to, length, step) => {
  const above = to - length;
  for (let i = 0; i < step; i++) rows[to + i] = filtered[from + i]! + (rows[above + i]! >> 1);
  for (let i = step; i < length; i++)
    rows[to + i] = filtered[from + i]! + ((rows[to + i - step]! + rows[above + i]!) >> 1);
};

const averageOfLeft: Undo = (filtered, from, rows, to, length, step) => {
  for (let i = 0; i < step; i++) rows[to + i] = filtered[from + i]!;
  for (let i = step; i < length; i++) rows[to + i] = filtered[from + i]! + (rows[to + i - step]! >> 1);
};

/** Of left, above and above left the one nearest to left + above - above left; of equals the first. */
const paeth: Undo = (filtered, from, rows, to, length, step) => {
  const above = to - length;
  for (let i = 0; i < step; i++) rows[to + i] = filtered[from + i]! + rows[above + i]!;
  for (let i = step; i < length; i++) {
    const left = rows[to + i - step]!;
    const over = rows[above + i]!;
    const corner = rows[above + i - step]!;
    const fromLeft = Math.abs(over - corner);
    const fromOver = Math.abs(left - corner);
    const fromCorner = Math.abs(left + over - 2 * corner);
    const nearest = fromLeft <= fromOver && fromLeft <= fromCorner ? left : fromOver <= fromCorner ? over : corner;
    rows[to + i] = filtered[from + i]! + nearest;
  }
};

const UNDO: readonly Undo[] = [none, sub, up, average, paeth, averageOfLeft];
const FIRST_ROW: readonly number[] = [0, 1, 0, 5, 1];
