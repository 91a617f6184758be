import { SignalbookError } from "../core/errors";

/**
 * Why a notebook did not run to its end: a cell failed, a cell took too long, the kernel process ended or never
 * answered, or the run was aborted.
 */
export type FailureKind = "cell" | "timeout" | "kernel" | "aborted";

/** Where it happened. */
export interface FailurePlace {
  notebook: string;
  /** The number of the code cell, as in `[3]`; null when no cell was running. */
  cell: number | null;
  /** The line of the cell, counted from 1, when it is known. */
  line: number | null;
}

/** A notebook that did not run to its end. The message is one line: notebook, cell, line, and what happened. */
export class NotebookFailure extends SignalbookError {
  constructor(
    readonly kind: FailureKind,
    what: string,
    readonly place: FailurePlace,
    /** What the failed cell shows: code around the place, stack. Empty when there is none. */
    readonly traceback: readonly string[] = [],
    fix?: string,
  ) {
    const { notebook, cell, line } = place;
    const where = [cell === null ? [] : [`cell ${cell}`], line === null ? [] : [`line ${line}`]].flat().join(", ");
    super(what, { file: notebook, place: where, fix });
    this.name = "NotebookFailure";
  }
}
