/** Threads that load a module once and are handed one task after another for as long as the pool is open. */
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { SignalbookError } from "./errors";
import { compiledModules } from "./worker-modules";

/**
 * What a worker's module exports under the name `prepare`: called once in every thread with what all tasks share, it
 * returns what does one task. Tasks and results are copied between threads; a SharedArrayBuffer in `shared` is not.
 */
export type Prepare<Shared, Task, Result> = (shared: Shared) => (task: Task) => Result | Promise<Result>;

export interface PoolOptions<Task> {
  /** Threads. */
  workers: number;
  /** Tasks that a thread is handed before the first of them is done; further ones wait in this thread. */
  ahead: number;
  /** Names a task in an error: "epoch 12". */
  place: (task: Task) => string;
  /** Further modules that the threads may load by path. */
  modules?: readonly string[];
  /** A thread's limit of memory for JavaScript's objects; typed arrays do not count. Node's own limit when left out. */
  heapMegabytes?: number;
}

interface Job<Task, Result> {
  task: Task;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

interface Answer<Result> {
  index: number;
  result?: Result;
  failure?: { message: string; stack?: string };
}

/** @throws SignalbookError unless it is a whole number of 1 or more. */
export function requireWorkers(workers: number): void {
  if (!Number.isInteger(workers) || workers < 1)
    throw new SignalbookError("a number of workers out of range", {
      found: String(workers),
      expected: "an integer, 1 or more",
    });
}

/**
 * Threads keep the process alive only while they have a task. A thread that ends by itself (process.exit, no memory
 * left, a module that throws) fails all tasks, with what it was doing; the pool is of no use then.
 */
export class WorkerPool<Shared, Task, Result> {
  private readonly threads: { worker: Worker; jobs: Map<number, Job<Task, Result>> }[];
  private readonly waiting: Job<Task, Result>[] = [];
  private ended: SignalbookError | null = null;
  private next = 0;

  /** @param module absolute path of a TypeScript file that exports {@link Prepare}. */
  constructor(
    readonly module: string,
    shared: Shared,
    private readonly options: PoolOptions<Task>,
  ) {
    const { workers, modules = [], heapMegabytes } = options;
    requireWorkers(workers);
    const workerData = { module, shared, sources: compiledModules([module, ...modules]) };
    // The parent's flags (a loader, a debugger's port) are not the worker's.
    const settings = { workerData, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } };
    this.threads = Array.from({ length: workers }, () => {
      const worker = new Worker(join(__dirname, "worker-start.cjs"), settings);
      worker.unref();
      const jobs = new Map<number, Job<Task, Result>>();
      worker.on("message", (answer: Answer<Result>) => {
        const job = jobs.get(answer.index);
        // Too late: the thread is being ended, and that is waited for.
        if (job === undefined) return;
        jobs.delete(answer.index);
        if (jobs.size === 0) worker.unref();
        this.settle(job, answer);
        this.hand();
      });
      worker.on("error", (cause) => {
        const found = cause instanceof Error ? cause.message : String(cause);
        this.fail("a worker thread failed", jobs, { found, cause });
      });
      worker.on("exit", (code) => this.fail("a worker thread ended early", jobs, { found: `exit code ${code}` }));
      return { worker, jobs };
    });
  }

  /** Does a task in the thread that has least to do. Rejects naming the task's place. */
  run(task: Task): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.ended !== null) return reject(this.ended);
      this.waiting.push({ task, resolve, reject });
      this.hand();
    });
  }

  /** Rejects the tasks that no thread was handed yet. */
  drop(reason: unknown): void {
    for (const { reject } of this.waiting.splice(0)) reject(reason);
  }

  /** Ends the threads, whatever they do; tasks not done are rejected. */
  async close(): Promise<void> {
    this.end(new SignalbookError("worker threads that were closed", { file: this.module }));
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private hand(): void {
    while (this.waiting.length > 0) {
      const free = this.threads.reduce((least, thread) => (thread.jobs.size < least.jobs.size ? thread : least));
      if (free.jobs.size >= this.options.ahead) return;
      const job = this.waiting.shift()!;
      const index = this.next++;
      try {
        free.worker.postMessage({ index, task: job.task });
      } catch (cause) {
        // No thread has it: it must not count among those that one is waited for.
        const place = this.options.place(job.task);
        const found = cause instanceof Error ? cause.message : String(cause);
        job.reject(new SignalbookError("a task that cannot be copied to another thread", { place, found, cause }));
        continue;
      }
      if (free.jobs.size === 0) free.worker.ref();
      free.jobs.set(index, job);
    }
  }

  private settle(job: Job<Task, Result>, { result, failure }: Answer<Result>): void {
    if (failure === undefined) {
      job.resolve(result as Result);
      return;
    }
    const cause = Object.assign(new Error(failure.message), { stack: failure.stack });
    job.reject(new SignalbookError(failure.message, { place: this.options.place(job.task), cause }));
  }

  private fail(
    what: string,
    jobs: ReadonlyMap<number, Job<Task, Result>>,
    details: { found: string; cause?: unknown },
  ): void {
    const [doing] = jobs.values();
    const place = doing && { place: this.options.place(doing.task) };
    this.end(new SignalbookError(what, { file: this.module, ...place, ...details }));
    // What the others still do is for nothing.
    for (const { worker } of this.threads) void worker.terminate();
  }

  private end(reason: SignalbookError): void {
    this.ended ??= reason;
    this.drop(this.ended);
    for (const { jobs } of this.threads) {
      for (const { reject } of jobs.values()) reject(this.ended);
      jobs.clear();
    }
  }
}
