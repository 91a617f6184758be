/** Work spread over the processor's cores: threads that load a module once, then are handed one task after another. */
import Module from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { SignalbookError } from "./errors";

/**
 * What a worker's module exports under the name `prepare`: called once in every thread with what all tasks share, it
 * returns what does one task. Tasks and results are copied between threads; a SharedArrayBuffer in `shared` is not.
 */
export type Prepare<Shared, Task, Result> = (shared: Shared) => (task: Task) => Result | Promise<Result>;

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

/**
 * A TypeScript file and those of the project that it imports, by path, as JavaScript. This process has a loader of
 * TypeScript: what it makes is captured, so that no thread need load a compiler.
 */
function compiledModules(entry: string): Map<string, string> {
  const sources = new Map<string, string>();
  const visit = (file: string): void => {
    if (sources.has(file)) return;
    let source = "";
    const module = new Module(file) as Module & { _compile: (code: string) => void };
    module._compile = (code) => {
      source = code;
    };
    require.extensions[".ts"]!(module, file);
    sources.set(file, source);
    for (const [, specifier] of source.matchAll(/\brequire\("(\.[^"]+)"\)/g))
      visit(require.resolve(resolve(dirname(file), specifier!)));
  };
  try {
    visit(entry);
  } catch (cause) {
    throw new SignalbookError("a worker's module that cannot be loaded", {
      file: entry,
      found: String((cause as Error).message),
      cause,
    });
  }
  return sources;
}

interface Answer<Result> {
  index: number;
  result?: Result;
  failure?: { message: string; stack?: string };
}

/** Each thread has a second task waiting, so that it need not wait for this one. */
const IN_FLIGHT = 2;

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
  if (!Number.isInteger(workers) || workers < 1)
    throw new SignalbookError("a number of workers out of range", {
      found: String(workers),
      expected: "an integer, 1 or more",
    });
  signal?.throwIfAborted();
  if (tasks.length === 0) return [];
  const sources = compiledModules(module);
  const results = new Array<Result>(tasks.length);
  const failures = new Map<number, SignalbookError>();
  let next = 0;
  let done = 0;
  const threads = Array.from(
    { length: Math.min(workers, tasks.length) },
    // The parent's flags (a loader, a debugger's port) are not the worker's.
    () => new Worker(join(__dirname, "worker-start.cjs"), { workerData: { module, shared, sources }, execArgv: [] }),
  );
  const work = threads.map(
    (thread) =>
      new Promise<void>((resolve, reject) => {
        let inFlight = 0;
        const hand = (): void => {
          while (inFlight < IN_FLIGHT && next < tasks.length && failures.size === 0) {
            thread.postMessage({ index: next, task: tasks[next] });
            next++;
            inFlight++;
          }
          if (inFlight === 0) resolve();
        };
        thread.on("message", ({ index, result, failure }: Answer<Result>) => {
          inFlight--;
          if (failure === undefined) {
            results[index] = result as Result;
            onDone?.(++done, tasks.length);
          } else {
            const cause = Object.assign(new Error(failure.message), { stack: failure.stack });
            failures.set(index, new SignalbookError(failure.message, { place: place(tasks[index]!), cause }));
          }
          hand();
        });
        thread.on("error", (cause) => {
          reject(new SignalbookError("a worker thread failed", { file: module, found: String(cause), cause }));
        });
        thread.on("exit", (code) => {
          reject(new SignalbookError("a worker thread ended early", { file: module, found: `exit code ${code}` }));
        });
        hand();
      }),
  );
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal!.reason);
  });
  signal?.addEventListener("abort", stop);
  try {
    await Promise.race([Promise.all(work), stopped]);
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.all(threads.map((thread) => thread.terminate()));
    // An end that was asked for is no failure.
    await Promise.allSettled(work);
  }
  const first = [...failures.keys()].sort((a, b) => a - b)[0];
  if (first !== undefined) throw failures.get(first)!;
  return results;
}
