/** Tells a person how a run of notebooks goes: which notebook, which cell, and the last line it printed. */
import type { NotebookEvent } from "./run-notebook";

/** The part of a stream this needs. */
export interface ProgressStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Where nothing can be redrawn, a cell's progress is told this often. */
const QUIET_SECONDS = 10;

/**
 * A listener for the events of a run. On a terminal one line is redrawn as cells print; elsewhere (a log) there is a
 * line for each cell, and one now and then while a cell takes long.
 */
export function progressReporter(stream: ProgressStream): (event: NotebookEvent) => void {
  const inPlace = stream.isTTY === true;
  let told = performance.now();
  const line = (text: string): void => {
    told = performance.now();
    stream.write(inPlace ? `\r\u001b[2K${text}\n` : `${text}\n`);
  };
  const redraw = (text: string): void => {
    if (inPlace) stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
  };
  return (event) => {
    switch (event.type) {
      case "notebook-start":
        line(`${event.notebook}: ${event.cells} cells`);
        return;
      case "cell-start":
        redraw(`${describeCell(event)} ${event.heading}`);
        return;
      case "progress":
        redraw(`${describeCell(event)}: ${event.line}`);
        if (!inPlace && performance.now() - told > QUIET_SECONDS * 1000) line(`${describeCell(event)}: ${event.line}`);
        return;
      case "cell-end":
        if (!inPlace)
          line(`${describeCell(event)} ${event.status === "ok" ? "done" : "failed"} in ${time(event.seconds)}`);
        return;
      case "notebook-end": {
        const { failure, seconds } = event.run;
        line(`${event.notebook}: ${failure === null ? "done" : "failed"} in ${time(seconds)}`);
        for (const text of failure?.traceback ?? []) line(`  ${text}`);
      }
    }
  };
}

function describeCell({ notebook, cell, cells }: { notebook: string; cell: number; cells: number }): string {
  return `${notebook} cell ${cell} of ${cells}`;
}

/** Seconds for a reader: `0.42 s`, `12 s`, `3 min 20 s`. */
export function time(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
