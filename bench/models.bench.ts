/**
 * Training and inference of the systems' networks, float32: a compiled step of ours (forward, backward, Adam) beside
 * PyTorch eager, with timm's networks where it has them; images or windows a second and peak resident memory. With the
 * same weights and inputs both sides must first give the same logits and losses.
 * `npm run bench -- models -- [NAME...] [--rounds=N]`: some models only.
 */
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";
import { type BenchModel, benchModels } from "./models-list";

const steps = 3;
const goals = { train: 1, infer: 1.3 } as const;

type Mode = keyof typeof goals;

interface Figures {
  /** Images, windows ... */
  perSecond: number;
  stepSeconds: number[];
  /** Of processor time, all threads: what other programs on the machine change less. Waiting threads may spin. */
  processorSeconds: number[];
  /** Bytes; null where the system does not tell. */
  peakMemory: number | null;
}

function figuresOf({ batch }: BenchModel, runs: readonly ProcessRun[]): Figures {
  const results = runs.map(({ output }) => output as { seconds: number[]; processor: number[]; loss: number | null });
  for (const { loss } of results)
    if (loss === null) throw new SignalbookError("a result that is no number", { found: "NaN or infinite" });
  const stepSeconds = results.flatMap(({ seconds }) => seconds);
  const processorSeconds = results.flatMap(({ processor }) => processor);
  const memory = runs.map(({ peakMemory }) => peakMemory).filter((bytes) => bytes !== null);
  const peakMemory = memory.length === 0 ? null : Math.max(...memory);
  return { perSecond: batch / median(stepSeconds), stepSeconds, processorSeconds, peakMemory };
}

interface Differences {
  /** Largest, in units of the largest logit. */
  logits: number;
  /** Relative, of the first training step, and of the second: after one update by all gradients. */
  loss: number;
  secondLoss: number;
}

/** @throws SignalbookError where the sides differ by more than rounding. */
async function compare(row: BenchModel, folder: string): Promise<Differences> {
  const file = join(folder, `${row.model}.safetensors`);
  type Results = { logits: number[]; losses: number[] };
  const peer = (await runPeer("peers/models.py", [JSON.stringify(row), "check", file])).output as Results;
  const ours = (await runOurs("models-side.ts", [row.model, "check", file])).output as Results;
  const largest = Math.max(...peer.logits.map(Math.abs));
  const relative = (i: number): number => Math.abs(ours.losses[i]! - peer.losses[i]!) / Math.abs(peer.losses[i]!);
  const found: Differences = {
    logits: Math.max(...peer.logits.map((value, i) => Math.abs(value - ours.logits[i]!))) / largest,
    loss: relative(0),
    secondLoss: relative(1),
  };
  for (const [name, most] of Object.entries(row.tolerance))
    if (!(found[name as keyof typeof row.tolerance] <= most))
      throw new SignalbookError("both sides computed different things", {
        place: `${row.model}, ${name}`,
        found: String(found[name as keyof typeof row.tolerance]),
        expected: `at most ${most}`,
      });
  return found;
}

const gigabytes = (bytes: number | null): string =>
  bytes === null ? "unknown memory" : `${(bytes / 1e9).toFixed(2)} GB`;

async function measure(row: BenchModel, mode: Mode, rounds: number): Promise<{ row: BenchRow; figures: unknown }> {
  const ours = (): Promise<ProcessRun> => runOurs("models-side.ts", [row.model, mode, String(steps)]);
  const pytorch = (): Promise<ProcessRun> => runPeer("peers/models.py", [JSON.stringify(row), mode, String(steps)]);
  const sides: Record<string, () => Promise<ProcessRun>> = peersAvailable() ? { ours, pytorch } : { ours };
  const runs = await alternate(sides, { rounds });
  const figures = Object.fromEntries(Object.entries(runs).map(([side, done]) => [side, figuresOf(row, done)]));
  const [mine, peer] = [figures["ours"]!, figures["pytorch"]];
  const told = ({ perSecond, peakMemory }: Figures): string =>
    `${perSecond.toPrecision(3)} ${row.unit}/s, ${gigabytes(peakMemory)}`;
  const work = ({ processorSeconds }: Figures): string => median(processorSeconds).toPrecision(3);
  const ratio = peer === undefined ? null : mine.perSecond / peer.perSecond;
  const what = mode === "train" ? "training step" : "inference";
  const bench: BenchRow = {
    work: `${row.model} ${what}, batch ${row.batch}, ${row.input}, float32`,
    beside: ["iitnet_strip", "attnsleep", "ecg_resnet50"].includes(row.model) ? "PyTorch eager" : "PyTorch eager, timm",
    ...{ ours: told(mine), peer: peer === undefined ? null : told(peer), ratio, goal: goals[mode] },
  };
  const beside = peer === undefined ? "" : `; PyTorch ${bench.peer}: ${ratio!.toFixed(2)} times`;
  process.stdout.write(`${bench.work}: ${bench.ours}${beside} (goal: at least ${goals[mode].toFixed(1)})\n`);
  const seconds = Object.entries(figures).map(([side, figure]) => `${side} ${work(figure)} s`);
  process.stdout.write(`  processor time of a step: ${seconds.join(", ")}\n`);
  return { row: bench, figures };
}

async function main(folder: string): Promise<void> {
  const args = process.argv.slice(2);
  const rounds = Number(args.find((arg) => arg.startsWith("--rounds="))?.slice("--rounds=".length) ?? 2);
  const names = args.filter((arg) => !arg.startsWith("--rounds="));
  const known = benchModels.map(({ model }) => model as string);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0 || !(Number.isInteger(rounds) && rounds > 0))
    throw new SignalbookError("arguments the bench of models does not know", {
      found: args.join(" "),
      expected: `names of ${known.join(", ")}; --rounds=N`,
    });
  const rows: BenchRow[] = [];
  const models: Record<string, unknown> = {};
  const failed: Record<string, string> = {};
  for (const row of benchModels) {
    if (names.length > 0 && !names.includes(row.model)) continue;
    process.stderr.write(`${row.model}\n`);
    try {
      const differences = peersAvailable() ? await compare(row, folder) : null;
      process.stdout.write(`${row.model}: largest differences ${JSON.stringify(differences)}\n`);
      const figures: Record<string, unknown> = { batch: row.batch, differences };
      models[row.model] = figures;
      for (const mode of ["train", "infer"] as const) {
        const done = await measure(row, mode, rounds);
        rows.push(done.row);
        figures[mode] = done.figures;
      }
    } catch (error) {
      failed[row.model] = error instanceof Error ? error.message : String(error);
      process.stderr.write(`${row.model} FAILED: ${failed[row.model]}\n`);
      process.exitCode = 1;
    }
    // After each model: what was measured is kept, whatever becomes of the next.
    const path = writeBench(names.length === 0 ? "models" : "models-some", rows, { steps, rounds, models, failed });
    process.stdout.write(`${path}\n`);
  }
}

runBench("models", main);
