/** One thread's part of a loader: makes whole batches in memory that the reader shares. */
import type { Prepare } from "../core/worker-pool";
import type { BatchPlan, DatasetInfo } from "./loader";
import { type BadExample, batchArrays, type FilledBatch, fillBatch, loadExamples } from "./loader-batch";

export interface ThreadSetup {
  /** Path of the module of examples. */
  module: string;
  /** What its `prepare` is called with. */
  shared: unknown;
  dataset: DatasetInfo;
  onBadExample: BadExample;
  /** One number, in shared memory: the walk in progress. */
  walk: Int32Array;
}

export interface BatchTask extends BatchPlan {
  /** Number of the batch in its walk, from 0. */
  batch: number;
  /** The walk it belongs to: once that has ended, the batch is given up. */
  walk: number;
  memory: ArrayBuffer | SharedArrayBuffer;
}

/** Null for a batch given up. */
export const prepare: Prepare<ThreadSetup, BatchTask, FilledBatch | null> = ({ module, shared, ...setup }) => {
  const make = loadExamples(module, shared);
  return (task) => {
    const arrays = batchArrays(setup.dataset, task.indices.length, task.memory);
    const givenUp = (): boolean => Atomics.load(setup.walk, 0) !== task.walk;
    return fillBatch(setup.dataset, make, task, arrays, { onBadExample: setup.onBadExample, givenUp });
  };
};
