/** Work spread over the processor's cores: a known list of tasks, done in threads that end with the last of them. */
import { availableParallelism } from "node:os";
import type { SignalbookError } from "./errors";
import { requireWorkers, WorkerPool } from "./worker-pool";

export type { Prepare } from "./worker-pool";

export interface WorkerOptions<Task> {
  /** Threads; when left out as many as the process may use cores, but none for less than a few tasks. */
  workers?: number;
  /** Names a task in an error: "epoch 12". */
  place: (task: Task) => string;
  /** Called whenever a task is done. */
  onDone?: (done: number, of: number) => void;
  /** Ends the work. */
  signal?: AbortSignal;
}

/** A thread takes a fifth of a second to start, and some tens of megabytes: it is to have this much to do. */
const TASKS_WORTH_A_THREAD = 8;

function suitable(tasks: number): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(tasks / TASKS_WORTH_A_THREAD)));
}

/** Each thread has a second task waiting, so that it need not wait for this one. */
const AHEAD = 2;

/**
 * Does every task in worker threads and returns the results in the tasks' order, whatever thread did them.
 * @param module absolute path of a TypeScript file that exports {@link Prepare}.
 * @throws SignalbookError when a task fails: of several the first, naming its place; no task is begun after a failure.
 * The signal's reason when that ends the work.
 */
export async function runInWorkers<Shared, Task, Result>(
  module: string,
  shared: Shared,
  tasks: readonly Task[],
  { workers = suitable(tasks.length), place, onDone, signal }: WorkerOptions<Task>,
): Promise<Result[]> {
  requireWorkers(workers);
  signal?.throwIfAborted();
  if (tasks.length === 0) return [];
  const pool = new WorkerPool<Shared, Task, Result>(module, shared, {
    workers: Math.min(workers, tasks.length),
    ahead: AHEAD,
    place,
  });
  const failures = new Map<number, SignalbookError>();
  const dropped = Symbol("a task that was not begun");
  let done = 0;
  const work = Promise.all(
    tasks.map(async (task, index) => {
      try {
        const result = await pool.run(task);
        onDone?.(++done, tasks.length);
        return result;
      } catch (error) {
        if (error !== dropped) failures.set(index, error as SignalbookError);
        pool.drop(dropped);
        return undefined as Result;
      }
    }),
  );
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal!.reason);
  });
  signal?.addEventListener("abort", stop);
  try {
    const results = await Promise.race([work, stopped]);
    const first = [...failures.keys()].sort((a, b) => a - b)[0];
    if (first !== undefined) throw failures.get(first)!;
    return results;
  } finally {
    signal?.removeEventListener("abort", stop);
    await pool.close();
  }
}
