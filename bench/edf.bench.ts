/**
 * One channel of a night of polysomnography (8 h, 20 channels) from EDF, and windows of 2 s: ours beside MNE, pyEDFlib
 * and edfio, each at its fastest, in turn on the same machine, one thread each, the files in the page cache. Two layouts:
 * as our writer chooses it (records of 10 s), and records of 1 s, as most recorders write. Then a file of 2 GB, inspected
 * and windowed: resident memory.
 */
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const channel = "C3-M2";
const rounds = 3;
/** Reads of the whole channel in each process; the first few warm it up and are left out. */
const repeats = 10;
const warmUps = 3;
const libraries = ["mne", "pyedflib", "edfio"] as const;
/** Ours is to be at least this many times as fast as the best peer. */
const goal = 2;
/** Bytes that the file of 2 GB may make resident. */
const memoryGoal = 300e6;
/** Physical values may differ by this much, in microvolts: peers scale in another order of operations. */
const tolerance = 1e-9;

interface Output {
  seconds: Record<string, number[]>;
  probe: number[];
  windows: number[];
}

/** What is compared, and the ways of ours that do it; the first is exactly what the peers do. */
const tasks = {
  channel: ["channel fresh", "channel single", "channel kept"],
  window: ["window fresh", "window single", "window kept"],
  path: ["path fresh"],
} as const;
const names: Record<keyof typeof tasks, string> = {
  channel: "one channel of the night, from the path",
  window: "a window of 2 s, of an open file",
  path: "a window of 2 s, from the path",
};
const waysTold: Record<string, string> = { fresh: "float64", single: "float32", kept: "float64, array kept" };

interface Compared {
  results: Record<string, unknown>;
  rows: BenchRow[];
}

async function compare(layout: string, file: string): Promise<Compared> {
  const sides: Record<string, () => Promise<ProcessRun>> = {
    ours: () => runOurs("edf-side.ts", ["read", file, channel, String(repeats)]),
  };
  if (peersAvailable())
    for (const library of libraries)
      sides[library] = () => runPeer("peers/edf.py", [library, "read", file, channel, String(repeats)]);
  const runs = await alternate(sides, { rounds });
  const outputs = Object.entries(runs).map(
    ([side, done]) => [side, done.map(({ output }) => output as Output)] as const,
  );
  const ours = outputs.find(([side]) => side === "ours")![1];
  const peers = outputs.filter(([side]) => side !== "ours");
  const difference = Math.max(0, ...peers.map(([, [peer]]) => largestDifference(ours[0]!, peer!)));
  if (!(difference <= tolerance))
    throw new SignalbookError("sides that read different values", {
      found: `${difference} uV`,
      expected: `${tolerance}`,
    });
  process.stdout.write(`edf, ${layout}: largest difference ${difference.toExponential(1)} uV\n`);
  const results: Record<string, unknown> = { difference };
  const rows: BenchRow[] = [];
  for (const [task, ways] of Object.entries(tasks)) {
    const seconds: Record<string, number> = {};
    const middle = (all: readonly Output[], key: string): number =>
      median(all.flatMap((output) => output.seconds[key]!.slice(warmUps)));
    for (const way of ways) seconds[way] = middle(ours, way);
    for (const [side, all] of peers) seconds[side] = middle(all, task);
    const best = Math.min(...peers.map(([side]) => seconds[side]!));
    for (const [side, value] of Object.entries(seconds)) {
      const ratio = side.includes(" ") && peers.length > 0 ? `, ${(best / value).toFixed(2)} times the best peer` : "";
      const told = side.includes(" ") ? `ours, ${waysTold[side.split(" ")[1]!]}` : side;
      process.stdout.write(`  ${names[task as keyof typeof tasks]}: ${told}: ${time(value)}${ratio}\n`);
    }
    const ratios = Object.fromEntries(ways.map((way) => [way, best / seconds[way]!]));
    results[task] = { seconds, ...(peers.length > 0 ? { ratios, goal } : {}) };
    const [fastest] = peers.map(([side]) => side).sort((a, b) => seconds[a]! - seconds[b]!);
    for (const way of ways)
      rows.push({
        work: `${names[task as keyof typeof tasks]}, 8 h of 20 channels, ${layout}, ${waysTold[way.split(" ")[1]!]}`,
        beside: fastest ?? "no peer",
        ours: time(seconds[way]!),
        peer: fastest === undefined ? null : time(best),
        ratio: fastest === undefined ? null : ratios[way]!,
        goal,
      });
  }
  return { results, rows };
}

function largestDifference(a: Output, b: Output): number {
  const differences = [a.probe.map((x, i) => x - b.probe[i]!), b.windows.map((x, i) => x - a.windows[i]!)].flat();
  return Math.max(...differences.map(Math.abs));
}

function time(seconds: number): string {
  return seconds < 1e-3 ? `${(seconds * 1e6).toFixed(1)} us` : `${(seconds * 1e3).toFixed(1)} ms`;
}

async function memory(file: string): Promise<Compared> {
  const { output, peakMemory, seconds } = await runOurs("edf-side.ts", ["large", file, channel]);
  const told = peakMemory === null ? "unknown" : `${(peakMemory / 1e6).toFixed(0)} MB`;
  process.stdout.write(
    `edf, 2 GB inspected and windowed: ${told} resident at most, ${seconds.toFixed(1)} s (goal: under 300 MB)\n`,
  );
  const peers: Record<string, number | null> = {};
  if (peersAvailable())
    for (const library of libraries) {
      const run = await runPeer("peers/edf.py", [library, "large", file, channel]);
      peers[library] = run.peakMemory;
      const megabytes = run.peakMemory === null ? "unknown" : `${(run.peakMemory / 1e6).toFixed(0)} MB`;
      process.stdout.write(`  ${library}, windowed only: ${megabytes}\n`);
    }
  const least = Object.entries(peers).sort(([, a], [, b]) => (a ?? Infinity) - (b ?? Infinity))[0];
  const row: BenchRow = {
    work: "2 GB of EDF inspected and windowed, resident memory (asked: under 300 MB)",
    beside: least === undefined ? "no peer" : `${least[0]}, windowed only`,
    ours: told,
    peer: least?.[1] == null ? null : `${(least[1] / 1e6).toFixed(0)} MB`,
    ratio: null,
    goal: null,
  };
  const results = { ...(output as object), peakMemory, seconds, goal: memoryGoal, peers };
  return { results, rows: [row] };
}

async function main(folder: string): Promise<void> {
  const made = await runOurs("edf-side.ts", ["make", folder]);
  const files = made.output as Record<"default" | "second" | "large", string>;
  const long = await compare("records of 10 s", join(folder, files.default));
  const short = await compare("records of 1 s", join(folder, files.second));
  const large = await memory(join(folder, files.large));
  const results = { "records of 10 s": long.results, "records of 1 s": short.results, "2 GB": large.results };
  const rows = [...long.rows, ...short.rows, ...large.rows];
  process.stdout.write(`${writeBench("edf", rows, { channel, rounds, repeats, goal, results })}\n`);
}

runBench("edf", main);
