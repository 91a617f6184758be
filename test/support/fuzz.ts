/**
 * Fuzzing of readers: whole fixtures are damaged thousands of times, and whatever the reader meets it must return
 * something or throw a SignalbookError, in little time and memory. Every round can be played again from its seed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { SignalbookError } from "../../lib/core/errors";
import { Generator } from "../../lib/core/random";
import { Corpus, refusalOf } from "./fuzz-corpus";
import { mutate } from "./mutate";

export interface FuzzOptions {
  /** Names the corpus test/fixtures/fuzz/<name>/ and the messages. */
  name: string;
  /** Of the file that is read, with its dot. */
  extension: string;
  /** Of the file that is read, without extension; for formats whose files name each other. */
  stem?: string;
  /** Whole files, to be damaged. */
  seeds: readonly Uint8Array[];
  /** What is tried; may return a promise. */
  read(path: string): unknown;
  rounds?: number;
  seed?: number;
  /** Processor time of one read: a busy machine makes no read too slow. */
  millisecondsEach?: number;
  /** Memory one read may take, in MiB: resident, or held by arrays. */
  mebibytesEach?: number;
  /** Files beside the one that is read, left whole: by file name, such as the header that names a .dat file. */
  companions?: Readonly<Record<string, Uint8Array>>;
}

/** How many files were read and how many refused: a fuzz test whose files are all refused tests little. */
export interface FuzzCounts {
  read: number;
  refused: number;
}

const MIB = 1 << 20;

/**
 * Reads first the corpus test/fixtures/fuzz/<name>/ (inputs that once failed, and one for each way the reader refuses a
 * file: it must go on refusing them so), then `rounds` damaged seeds.
 * @throws Error naming round and seed, with the input kept in the system's temporary folder, when a read throws anything
 * but a SignalbookError, or takes too long or too much memory. A read that never ends kills the process after saying so.
 */
export async function fuzzReader(options: FuzzOptions): Promise<FuzzCounts> {
  const { name, extension, stem = "fuzz", seeds, rounds = 1000, seed = 1, companions = {} } = options;
  if (seeds.length === 0) throw new Error(`fuzz ${name}: no seeds`);
  const folder = mkdtempSync(join(tmpdir(), "signalbook-fuzz-"));
  const watchdog = watch(30_000 + 10 * (options.millisecondsEach ?? 0));
  const counts: FuzzCounts = { read: 0, refused: 0 };
  const path = join(folder, `${stem}${extension}`);
  const corpus = new Corpus(name, extension);
  const attempt = async (bytes: Uint8Array, round: string): Promise<string> => {
    writeFileSync(path, bytes);
    watchdog.begin(`fuzz ${name}, ${round}: hangs on ${path}`);
    const { problem, outcome } = await tryRead(options, path, counts);
    watchdog.end();
    if (problem === null) return outcome;
    const kept = join(tmpdir(), `signalbook-fuzz-${name}-${round.replaceAll(/\W+/g, "-")}${extension}`);
    writeFileSync(kept, bytes);
    throw new Error(`fuzz ${name}, ${round}: ${problem.what}; input kept as ${kept}`, { cause: problem.cause });
  };
  try {
    for (const [file, bytes] of Object.entries(companions)) writeFileSync(join(folder, file), bytes);
    for (const file of corpus.files()) {
      const outcome = await attempt(corpus.read(file), `corpus ${file}`);
      corpus.check(file, outcome);
    }
    const random = new Generator(seed);
    for (let round = 0; round < rounds; round++) {
      const bytes = mutate(seeds[round % seeds.length]!, random.fork());
      corpus.consider(bytes, await attempt(bytes, `seed ${seed} round ${round}`));
    }
    corpus.keep();
  } finally {
    await watchdog.close();
    rmSync(folder, { recursive: true, force: true });
  }
  return counts;
}

async function tryRead(
  { read, millisecondsEach = 2000, mebibytesEach = 256 }: FuzzOptions,
  path: string,
  counts: FuzzCounts,
): Promise<{ problem: { what: string; cause?: unknown } | null; outcome: string }> {
  const memory = memoryNow();
  const processor = process.cpuUsage();
  let outcome = "read";
  const failed = (what: string, cause?: unknown) => ({ problem: { what, cause }, outcome });
  try {
    await read(path);
    counts.read++;
  } catch (cause) {
    if (!(cause instanceof SignalbookError))
      return failed(`threw ${cause instanceof Error ? (cause.stack ?? String(cause)) : String(cause)}`, cause);
    counts.refused++;
    outcome = refusalOf(cause);
  }
  const { user, system } = process.cpuUsage(processor);
  const milliseconds = (user + system) / 1000;
  if (milliseconds > millisecondsEach) return failed(`took ${milliseconds} ms of ${millisecondsEach}`);
  const after = memoryNow();
  const grown = Math.max(...after.map((bytes, i) => bytes - memory[i]!)) / MIB;
  if (grown > mebibytesEach) return failed(`took ${grown.toFixed(0)} MiB of ${mebibytesEach}`);
  return { problem: null, outcome };
}

/** Resident now, the highest that was ever resident, and what arrays hold (touched or not), in bytes. */
function memoryNow(): readonly number[] {
  const { rss, arrayBuffers } = process.memoryUsage();
  return [rss, process.resourceUsage().maxRSS * 1024, arrayBuffers];
}

/** A thread that ends the process when a read has not come back: nothing else can stop a loop without end. */
function watch(milliseconds: number): { begin(message: string): void; end(): void; close(): Promise<void> } {
  const state = new Int32Array(new SharedArrayBuffer(8)); // [reading, number of reads begun]
  const text = new Uint8Array(new SharedArrayBuffer(4096));
  const worker = new Worker(
    `const { workerData: { state, text, milliseconds } } = require("node:worker_threads");
     let last = -1;
     let since = Date.now();
     setInterval(() => {
       const begun = Atomics.load(state, 1);
       if (begun !== last || Atomics.load(state, 0) === 0) { last = begun; since = Date.now(); }
       else if (Date.now() - since > milliseconds) {
         require("node:fs").writeSync(2, Buffer.from(text).toString().replaceAll("\\0", "") + "\\n");
         process.kill(process.pid, "SIGKILL");
       }
     }, 250);`,
    { eval: true, workerData: { state, text, milliseconds }, execArgv: [] },
  );
  worker.unref();
  return {
    begin(message: string): void {
      text.fill(0);
      text.set(Buffer.from(message).subarray(0, text.length));
      Atomics.add(state, 1, 1);
      Atomics.store(state, 0, 1);
    },
    end: () => void Atomics.store(state, 0, 0),
    close: async () => void (await worker.terminate()),
  };
}
