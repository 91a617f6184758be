/** Where batches come from: a plan says which examples and which seed, a loader makes the arrays. */
import { Generator } from "../core/random";
import { type Augmentation, type Batch, collate, type Dataset, labelsOf } from "./dataset";
import { describeExamples } from "./learnt-from";

/** What a data set says of itself without making an example. */
export type DatasetInfo = Omit<Dataset, "example">;

/** One batch to be made. Its numbers follow from the plan alone, whoever makes it and whenever. */
export interface BatchPlan {
  /** Of examples, in the batch's order. */
  readonly indices: Int32Array;
  /** Of the batch's one generator, which augments its examples in order. */
  readonly seed: number;
}

/** An example that could not be made, and what took its place. */
export interface SkippedExample {
  readonly id: string;
  readonly replacedBy: string;
  /** The error's message: names the file. */
  readonly reason: string;
}

export interface LoaderStats {
  /** Given out since the loader was made. */
  readonly batches: number;
  /** Seconds for which whoever trains waited for a batch. */
  readonly waitingSeconds: number;
  /** Seconds spent making batches, of all threads together. */
  readonly workingSeconds: number;
  /** In the order of the batches given out; an example that fails in every epoch is listed in every epoch. */
  readonly skipped: readonly SkippedExample[];
}

export interface BatchLoader {
  readonly dataset: DatasetInfo;
  /** Whether an example may weigh other than 1. */
  readonly weighted: boolean;
  /** What the batches follow from besides their plans, as plain JSON: a run does not go on with batches of another kind. */
  describe(): Record<string, unknown>;
  /**
   * The batches in the plans' order. A batch's arrays are its reader's until the next batch is asked for, then they may
   * be written over. One walk at a time.
   * @param signal ends the walk: it throws the signal's reason
   */
  batches(plans: readonly BatchPlan[], signal?: AbortSignal): AsyncIterable<Batch>;
  readonly stats: LoaderStats;
  /** Threads that make them; 0: whoever asks does. */
  readonly workers: number;
  /** Ends threads, where there are any. Its last call. */
  close(): Promise<void>;
}

/** Batches made in this thread, each when it is asked for. */
export function memoryLoader(dataset: Dataset, augment?: Augmentation): BatchLoader {
  const stats = { batches: 0, waitingSeconds: 0, workingSeconds: 0, skipped: [] };
  const make = ({ indices, seed }: BatchPlan): Batch => {
    const random = new Generator(seed);
    const drawn = Array.from(indices, (i) => dataset.example(i));
    const changed = augment ? drawn.map((example) => augment(example, dataset.inputShape, random)) : drawn;
    return collate(dataset, changed);
  };
  return {
    dataset,
    // Asked by who trains; who predicts does not wait for labels that may have to be read.
    get weighted() {
      return labelsOf(dataset).weights.some((weight) => weight !== 1);
    },
    describe: () => describeExamples(dataset, augment),
    async *batches(plans, signal) {
      for (const plan of plans) {
        signal?.throwIfAborted();
        const started = performance.now();
        const batch = make(plan);
        const seconds = (performance.now() - started) / 1000;
        stats.batches++;
        stats.waitingSeconds += seconds;
        stats.workingSeconds += seconds;
        yield batch;
      }
    },
    stats,
    workers: 0,
    close: async () => {},
  };
}
