/**
 * Batches made in worker threads over shared memory, some of them ahead of their reader. A batch is one thread's work
 * from its plan alone, so that numbers do not depend on how many threads there are.
 */
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { WorkerPool } from "../core/worker-pool";
import type { Batch } from "./dataset";
import { short } from "./learnt-from";
import type { BatchLoader, BatchPlan, DatasetInfo, SkippedExample } from "./loader";
import { type BadExample, batchArrays, batchBytes, type FilledBatch } from "./loader-batch";
import { type BatchTask, prepare, type ThreadSetup } from "./loader-thread";

/** Examples that a module makes. */
export interface WorkerSource<Shared = unknown> {
  dataset: DatasetInfo;
  /** Whether an example may weigh other than 1. */
  weighted: boolean;
  /** Absolute path of a TypeScript file that exports `prepare` (see PrepareExamples). */
  module: string;
  /** What its `prepare` is called with, copied into each thread; a SharedArrayBuffer is not copied. */
  shared: Shared;
  /**
   * What the examples follow from, as plain data: where `shared` also holds what changes no number, such as the place of
   * files and caches. Default: `shared`.
   */
  describe?(): unknown;
}

export interface WorkerLoaderOptions {
  /**
   * Threads. 0: batches are made in this thread when they are asked for. Default: half of the cores, at least one and at
   * most 8, so that the other half is left to the engine.
   */
  workers?: number;
  /** Batches made ahead of the one being read: so much memory is held. Default: two a thread. */
  prefetch?: number;
  /** Default fatal. */
  onBadExample?: BadExample;
  /** A thread's limit of memory for JavaScript's objects; typed arrays do not count. Node's own limit when left out. */
  heapMegabytes?: number;
}

function defaultWorkers(): number {
  return Math.min(8, Math.max(1, availableParallelism() >> 1));
}

type Run = (task: BatchTask) => Promise<FilledBatch | null>;

const threadModule = join(__dirname, "loader-thread.ts");

/**
 * Threads start with the first walk; they are ended by `close`, and do not keep a process alive while they have nothing
 * to do. A batch that fails ends the walk at its place, naming batch and example; a thread that ends by itself ends it
 * naming the module.
 */
export function workerLoader<Shared>(source: WorkerSource<Shared>, options: WorkerLoaderOptions = {}): BatchLoader {
  const { workers = defaultWorkers(), onBadExample = "fatal", heapMegabytes } = options;
  const { prefetch = 2 * workers } = options;
  for (const [name, value, least] of [
    ["workers", workers, 0],
    ["batches ahead", prefetch, Math.min(1, workers)],
  ] as const)
    if (!Number.isInteger(value) || value < least)
      throw new SignalbookError(`a number of ${name} out of range`, {
        found: String(value),
        expected: `an integer, ${least} or more`,
      });
  const { dataset, weighted } = source;
  const stats = { batches: 0, waitingSeconds: 0, workingSeconds: 0, skipped: [] as SkippedExample[] };
  const walk = new Int32Array(new SharedArrayBuffer(4));
  const setup: ThreadSetup = {
    module: source.module,
    shared: source.shared,
    dataset: plainInfo(dataset),
    onBadExample,
    walk,
  };
  let pool: WorkerPool<ThreadSetup, BatchTask, FilledBatch | null> | null = null;
  let run: Run | null = null;
  let walking = false;
  let closed = false;
  /** Of the last walk, where it came to its end. */
  let kept: BatchTask["memory"][] = [];

  const start = (): Run => {
    if (workers === 0) return runHere(setup);
    const threads = new WorkerPool<ThreadSetup, BatchTask, FilledBatch | null>(threadModule, setup, {
      workers,
      // Handed out at once: threads go on while this one is busy with a step.
      ahead: prefetch + 1,
      place: placeOf,
      modules: [source.module],
      ...(heapMegabytes !== undefined && { heapMegabytes }),
    });
    pool = threads;
    return (task) => threads.run(task);
  };

  async function* batches(plans: readonly BatchPlan[], signal?: AbortSignal): AsyncGenerator<Batch> {
    signal?.throwIfAborted();
    if (walking || closed)
      throw new SignalbookError(closed ? "a loader that was closed" : "a second walk through a loader", {
        place: dataset.name,
        fix: "end the walk in progress first, or make a loader for each",
      });
    run ??= start();
    walking = true;
    const current = Atomics.add(walk, 0, 1) + 1;
    const bytes = batchBytes(
      dataset,
      plans.reduce((most, { indices }) => Math.max(most, indices.length), 0),
    );
    const memories = takeMemories(kept, workers === 0 ? 1 : prefetch + 1, bytes, workers > 0);
    kept = [];
    const { aborted, forget } = abortion(signal);
    const free = [...memories];
    const queue: { task: BatchTask; filled: Promise<FilledBatch | null> }[] = [];
    let next = 0;
    try {
      for (;;) {
        signal?.throwIfAborted();
        const started = performance.now();
        while (free.length > 0 && next < plans.length) {
          const { indices, seed } = plans[next]!;
          // A view would be sent with all that it is a view of.
          const task = { indices: indices.slice(), seed, batch: next++, walk: current, memory: free.pop()! };
          const filled = run(task);
          filled.catch(() => undefined); // told when its turn comes
          queue.push({ task, filled });
        }
        const first = queue.shift();
        if (first === undefined) break;
        const filled = await Promise.race([first.filled, aborted]);
        stats.waitingSeconds += (performance.now() - started) / 1000;
        if (filled === null) throw new SignalbookError("a batch that was given up", { place: placeOf(first.task) });
        stats.batches++;
        stats.workingSeconds += filled.seconds;
        stats.skipped.push(...filled.skipped);
        const { memory, indices } = first.task;
        const batch = { ids: filled.ids, ...batchArrays(dataset, indices.length, memory) };
        if (!weighted) requireEqualWeights(batch, dataset.name);
        yield batch;
        free.push(memory);
      }
      kept = memories;
    } finally {
      // Threads see that the walk has ended and give up what they are at; its memory is not used again.
      Atomics.add(walk, 0, 1);
      forget();
      walking = false;
    }
  }

  return {
    dataset,
    weighted,
    describe: () => ({
      module: basename(source.module),
      made: short(source.describe === undefined ? source.shared : source.describe()),
      onBadExample,
    }),
    batches,
    stats,
    workers,
    async close() {
      closed = true;
      await pool?.close();
    },
  };
}

/** A training step of examples that are said to count the same leaves their weights out. */
function requireEqualWeights({ ids, weight }: Batch, name: string): void {
  const row = weight.findIndex((value) => value !== 1);
  if (row < 0) return;
  throw new SignalbookError("a weighted example of a source that is said to have none", {
    place: `${name}, example ${ids[row]}`,
    found: `weight ${weight[row]}`,
    expected: "1",
    fix: "make the source with weighted: true",
  });
}

function placeOf({ batch, indices }: BatchTask): string {
  return `batch ${batch + 1} (${indices.length} examples)`;
}

/** Batches made in this thread, as a worker's would be. */
function runHere(setup: ThreadSetup): Run {
  const make = prepare(setup);
  return async (task) => {
    try {
      return await make(task);
    } catch (cause) {
      throw new SignalbookError((cause as Error).message, { place: placeOf(task), cause });
    }
  };
}

/** As many pieces of memory as asked for: the kept ones where they are large enough. */
function takeMemories(
  kept: readonly BatchTask["memory"][],
  count: number,
  bytes: number,
  shared: boolean,
): BatchTask["memory"][] {
  if (kept.length === count && kept.every(({ byteLength }) => byteLength >= bytes)) return [...kept];
  return Array.from({ length: count }, () => (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)));
}

/** What of a data set can be sent to a thread: a Dataset is one too, and brings functions. */
function plainInfo({ name, length, inputShape, extraLengths, classes, ids, groups }: DatasetInfo): DatasetInfo {
  return { name, length, inputShape, extraLengths, classes, ids, groups };
}

/** A promise that a signal rejects with its reason. */
function abortion(signal: AbortSignal | undefined): { aborted: Promise<never>; forget: () => void } {
  let stop = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal?.reason);
  });
  aborted.catch(() => undefined);
  signal?.addEventListener("abort", stop);
  return { aborted, forget: () => signal?.removeEventListener("abort", stop) };
}
