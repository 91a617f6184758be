/** What stops a notebook's cell, for the work the cell has started. */

/** Where the kernel puts the signal of the cell that runs (lib/kernel/cells.ts). */
export const CELL_SIGNAL: symbol = Symbol.for("signalbook.cellSignal");

/**
 * The signal of the cell that runs now: aborted when a reader interrupts the cell. JavaScript cannot stop work that
 * awaits, so long work takes this signal and ends by itself. Outside the kernel nothing aborts it.
 */
export function cellSignal(): AbortSignal {
  const signal = (globalThis as Record<symbol, unknown>)[CELL_SIGNAL];
  return signal instanceof AbortSignal ? signal : new AbortController().signal;
}
