/**
 * The cost of a checkpoint: a ResNet-50 with Adam's two moments, 76.7 million numbers, written as fit writes it (taken out
 * of the engine, its check sum, a temporary file flushed to the disk and renamed, the old one removed) and read back;
 * beside torch.save of the same state, with the same guarantee and plain.
 */
import { join } from "node:path";
import { SignalbookError } from "../lib/core/errors";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";

const writes = 3;
const rounds = 3;

interface Figures {
  /** Seconds, the medians. */
  write: number;
  read: number;
  bytes: number;
  values: number;
}

function figuresOf(runs: readonly ProcessRun[]): Figures {
  const results = runs.map(
    ({ output }) => output as { write: number[]; read: number[]; bytes: number; values: number },
  );
  const { bytes, values } = results[0]!;
  const middle = (part: "write" | "read"): number => median(results.flatMap((result) => result[part]));
  return { write: middle("write"), read: middle("read"), bytes, values };
}

async function main(folder: string): Promise<void> {
  const args = (side: string): string[] => [join(folder, side), String(writes)];
  const sides: Record<string, () => Promise<ProcessRun>> = {
    ours: () => runOurs("checkpoint-side.ts", args("ours")),
    ...(peersAvailable() && {
      durable: () => runPeer("peers/checkpoint.py", [...args("durable"), "durable"]),
      plain: () => runPeer("peers/checkpoint.py", [...args("plain"), "plain"]),
    }),
  };
  const runs = await alternate(sides, { rounds });
  const figures = Object.fromEntries(Object.entries(runs).map(([side, done]) => [side, figuresOf(done)]));
  const mine = figures["ours"]!;
  for (const [side, { write, read, bytes, values }] of Object.entries(figures)) {
    process.stdout.write(`${side}: ${write.toFixed(2)} s to write, ${read.toFixed(2)} s to read, ${bytes} bytes\n`);
    if (values !== mine.values)
      throw new SignalbookError("both sides saved different things", {
        place: side,
        found: `${values} numbers`,
        expected: `${mine.values}`,
      });
  }
  const size = `ResNet-50 with Adam, ${(mine.bytes / 1e6).toFixed(0)} MB`;
  const beside = { durable: "torch.save, flushed and renamed", plain: "torch.save, not flushed" } as const;
  const rows = (["write", "read"] as const).flatMap((part) =>
    peersAvailable()
      ? (["durable", "plain"] as const).map((side) => rowOf(part, size, beside[side], mine, figures[side]!))
      : [rowOf(part, size, "nothing: the peers are not installed", mine, null)],
  );
  process.stdout.write(`${writeBench("checkpoint", rows, { writes, rounds, figures })}\n`);
}

function rowOf(part: "write" | "read", size: string, beside: string, ours: Figures, peer: Figures | null): BenchRow {
  const speed = (figures: Figures): string => `${figures[part].toFixed(2)} s`;
  return {
    work: `a checkpoint, ${part === "write" ? "written" : "read into model and optimizer"}: ${size}`,
    beside,
    ours: speed(ours),
    peer: peer && speed(peer),
    ratio: peer && peer[part] / ours[part],
    goal: null,
  };
}

runBench("checkpoint", main);
