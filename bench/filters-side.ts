/**
 * Our side of filters.bench.ts: `filters-side.ts FOLDER REPEATS SAVE`. Reads the inputs from the folder, times each task,
 * and writes what it computed where SAVE is "yes". One thread.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  butterworth,
  butterworthTransfer,
  filterSectionsChannels,
  filterTransferChannels,
  filterZeroPhaseChannels,
  resampleChannels,
} from "../lib/preprocessing";
import { timed } from "./timed";

const [folder, repeats, save] = process.argv.slice(2) as [string, string, string];
const setup = JSON.parse(readFileSync(join(folder, "setup.json"), "utf8")) as {
  channels: number;
  order: number;
  band: [number, number];
  sampleRate: number;
};

function channelsOf(name: string): Float64Array[] {
  const bytes = readFileSync(join(folder, name));
  const values = new Float64Array(new Uint8Array(bytes).buffer);
  const length = values.length / setup.channels;
  return Array.from({ length: setup.channels }, (_, c) => values.slice(c * length, (c + 1) * length));
}

const design = {
  kind: "bandpass",
  order: setup.order,
  sampleRate: setup.sampleRate,
  frequencies: setup.band,
} as const;
const sections = butterworth(design);
const transfer = butterworthTransfer(design);
const eeg = channelsOf("eeg.f64");
const fast = channelsOf("fast.f64");

const tasks: Readonly<Record<string, () => readonly ArrayBufferView[]>> = {
  sosfiltfilt: () => filterZeroPhaseChannels(sections, eeg),
  sosfilt: () => filterSectionsChannels(sections, eeg).channels,
  lfilter: () => filterTransferChannels(transfer, eeg).channels,
  resamplePoly: () => resampleChannels(fast, 1, 5),
  resamplePolyThreeTenths: () => resampleChannels(fast, 3, 10),
};
const milliseconds: Record<string, number[]> = {};
for (const [name, task] of Object.entries(tasks)) {
  milliseconds[name] = timed(task, { warmUps: 2, repeats: Number(repeats) });
  if (save === "yes") {
    const parts = task().map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    writeFileSync(join(folder, `ours-${name}.f64`), Buffer.concat(parts));
  }
}
process.stdout.write(`${JSON.stringify(milliseconds)}\n`);
