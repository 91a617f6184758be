/**
 * Checkpoints of the networks that a notebook's cell trains, in outputs/checkpoints. A cell that was stopped goes on where
 * it was when it is run again; one that ran to its end starts anew.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { cellSignal } from "../core/cell-signal";
import { SignalbookError } from "../core/errors";
import { outputsFolder } from "../core/files";
import type { CheckpointOptions } from "./fit-options";

export interface CellCheckpoints {
  /**
   * For `fit`. A network that was trained before the cell was stopped comes back trained; the one that was being trained
   * goes on from its last step, unless its data or settings were changed.
   * Throws once the cell was stopped: its code goes on after an aborted `fit`, and must not train the next network.
   */
  of(network: string): CheckpointOptions;
  /** All networks are trained: removes their checkpoints. Throws, and keeps them, once the cell was stopped. */
  done(): void;
}

/** @param notebook names the folder: "40_ecg_training", or with a cell's name behind a slash where two cells train */
export function cellCheckpoints(notebook: string, signal: AbortSignal = cellSignal()): CellCheckpoints {
  const folder = checkpointsOf(notebook);
  return {
    of(network) {
      signal.throwIfAborted();
      return { folder: join(folder, checked(network)), resume: "if same run" };
    },
    done() {
      signal.throwIfAborted();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where the checkpoints of a notebook's cells lie. */
export function checkpointsOf(notebook: string): string {
  return join(outputsFolder(), "checkpoints", ...notebook.split("/").map(checked));
}

function checked(name: string): string {
  if (/^\w[\w.-]*$/.test(name)) return name;
  throw new SignalbookError("a checkpoint's folder can't have this name", {
    found: JSON.stringify(name),
    expected: "letters, digits, _, - and dots",
  });
}
