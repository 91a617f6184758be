/**
 * What every bench needs: both sides run as processes of their own, in turn, on the same machine in the same minutes;
 * medians; peak resident memory; what machine it was. A side's script prints one JSON document as its last line.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { basename, join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import { projectRoot, writeFileAtomic } from "../lib/core/files";
import type { BenchRow } from "../lib/report/speed";

/** One process, run to its end. */
export interface ProcessRun {
  /** What its last line of output held. */
  output: unknown;
  /** Highest resident memory, in bytes (VmHWM of Linux); null where the system does not tell. */
  peakMemory: number | null;
  /** From start to exit. */
  seconds: number;
}

const peersFolder = join(projectRoot, ".signalbook", "peers");

/** Whether the peers' Python environment is there: `npm run bench` makes it where it can. */
export function peersAvailable(): boolean {
  return existsSync(join(peersFolder, "ready.json"));
}

/**
 * Runs a Python script of bench/ in the peers' environment.
 * @throws SignalbookError when the environment is missing, the script fails, or its last line is not JSON.
 */
export function runPeer(script: string, args: readonly string[]): Promise<ProcessRun> {
  if (!peersAvailable())
    throw new SignalbookError("the peers' environment is missing", { file: peersFolder, fix: "run `npm run bench`" });
  return runProcess(join(peersFolder, "bin", "python"), [join(projectRoot, "bench", script), ...args]);
}

/** Runs a TypeScript file of bench/ in a process of its own. Throws as {@link runPeer}. */
export function runOurs(script: string, args: readonly string[]): Promise<ProcessRun> {
  return runProcess(process.execPath, ["-r", "ts-node/register", join(projectRoot, "bench", script), ...args]);
}

/**
 * Runs a bench in a temporary folder, which is removed afterwards. An error is told and makes the exit code 1; without a
 * stack where it is one that a user can mend.
 */
export function runBench(name: string, bench: (folder: string) => Promise<void>): void {
  const folder = mkdtempSync(join(tmpdir(), `signalbook-bench-${name}-`));
  bench(folder)
    .catch((error: unknown) => {
      const told = error instanceof SignalbookError ? error.message : ((error as Error).stack ?? String(error));
      process.stderr.write(`${told}\n`);
      process.exitCode = 1;
    })
    .finally(() => rmSync(folder, { recursive: true, force: true }));
}

/** How often the memory of a running process is looked at, in milliseconds. The kernel keeps the highest itself. */
const lookEvery = 50;

function runProcess(command: string, args: readonly string[]): Promise<ProcessRun> {
  const started = performance.now();
  const what = basename(args.find((arg) => /\.(py|ts)$/.test(arg)) ?? command);
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { cwd: projectRoot, stdio: ["ignore", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    let peakMemory: number | null = null;
    const watch = setInterval(() => {
      peakMemory = peakMemoryOf(child.pid) ?? peakMemory;
    }, lookEvery);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      // The last line is the result, often printed at the very end: the memory is looked at once more.
      peakMemory = peakMemoryOf(child.pid) ?? peakMemory;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err = (err + text).slice(-10_000);
    });
    child.on("error", (cause) => {
      clearInterval(watch);
      reject(new SignalbookError("a side of the bench could not be started", { file: what, cause }));
    });
    child.on("close", (code, signal) => {
      clearInterval(watch);
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0)
        return reject(
          new SignalbookError("a side of the bench failed", {
            file: what,
            found: `${signal ?? `exit code ${code}`}: ${errorLine(err)}`,
          }),
        );
      const last = out.trim().split("\n").at(-1) ?? "";
      try {
        resolve({ output: JSON.parse(last), peakMemory, seconds });
      } catch (cause) {
        const found = last.slice(0, 200);
        reject(new SignalbookError("no result", { file: what, found, expected: "JSON in the last line", cause }));
      }
    });
  });
}

/** The line of standard error that names the error: Node writes it above the stack, Python below. */
function errorLine(text: string): string {
  const lines = text.trim().split("\n");
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)!;
}

/** VmHWM of a process in bytes; `undefined` when it is gone or the system has no /proc. */
function peakMemoryOf(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/**
 * Runs the sides in turn, `rounds` times, so that a busy minute of the machine meets all of them. The order turns round
 * from one round to the next.
 * @param warmUps rounds before those that are kept.
 * @returns each side's runs, in order.
 */
export async function alternate<Name extends string, Run>(
  sides: Readonly<Record<Name, () => Promise<Run>>>,
  { rounds, warmUps = 0 }: { rounds: number; warmUps?: number },
): Promise<Record<Name, Run[]>> {
  const names = Object.keys(sides) as Name[];
  const runs = Object.fromEntries(names.map((name) => [name, [] as Run[]])) as Record<Name, Run[]>;
  for (let round = -warmUps; round < rounds; round++) {
    for (const name of Math.abs(round) % 2 === 0 ? names : [...names].reverse()) {
      process.stderr.write(`  ${round < 0 ? "warm-up" : `round ${round + 1} of ${rounds}`}: ${name}\n`);
      const run = await sides[name]();
      if (round >= 0) runs[name].push(run);
    }
  }
  return runs;
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new SignalbookError("a median of nothing");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Machine {
  processor: string;
  cores: number;
  /** Bytes. */
  memory: number;
  /** Instruction sets that decide how fast matrix products can be. */
  instructions: string[];
  node: string;
  system: string;
}

/** The machine a bench ran on. */
export function machine(): Machine {
  const [first] = cpus();
  let flags: string[] = [];
  if (existsSync("/proc/cpuinfo"))
    flags = (/^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "").trim().split(" ");
  return {
    processor: first?.model ?? "unknown",
    cores: cpus().length,
    memory: totalmem(),
    instructions: ["avx2", "avx512f", "avx512_bf16", "amx_bf16"].filter((name) => flags.includes(name)),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
  };
}

/**
 * Writes `outputs/bench/<name>.json`: the figures, with the machine and the time. @returns its path.
 * @param rows what the report shows
 */
export function writeBench(
  name: string,
  rows: readonly BenchRow[],
  figures: Readonly<Record<string, unknown>>,
): string {
  const path = join(projectRoot, "outputs", "bench", `${name}.json`);
  const document = { bench: name, time: new Date().toISOString(), machine: machine(), rows, ...figures };
  writeFileAtomic(path, `${JSON.stringify(document, null, 2)}\n`);
  return path;
}
