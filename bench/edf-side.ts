/**
 * Our side of the EDF bench, one task a process:
 *   make FOLDER              writes the recordings that all sides read
 *   read FILE CHANNEL REPEATS  one channel of the whole night, windows from the path, windows of an open file
 *   large FILE CHANNEL       inspects a file and reads windows of it: for its memory
 * Prints one JSON document last.
 */
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { summarize } from "../lib/cli/inspect";
import { Generator } from "../lib/core/random";
import { EdfFile, type EdfSignalToWrite, writeEdf } from "../lib/formats";

/** Half a gigabyte less would not be "2 GB". */
const LARGE_BYTES = 2e9;
const HOURS = 8;
/** Hz, of the channel that is read. */
const RATE = 200;
const WINDOWS = 2000;
/** Of an open file windows are quick: more of them, as an epoch of training reads. */
const OPEN_WINDOWS = 20_000;
/** Where windows begin is the same on every side: a stride through the night that is prime to it, in seconds. */
const STRIDE = 7919;

/** A polysomnography at the AASM manual's lowest rates: EEG, EOG, EMG, ECG, snoring; airflow and effort; oximetry; position. */
const montage: readonly [label: string, unit: string, sampleRate: number][] = [
  ...["F3-M2", "F4-M1", "C3-M2", "C4-M1", "O1-M2", "O2-M1", "E1-M2", "E2-M2", "Chin", "LAT", "RAT", "ECG", "Snore"].map(
    (label): [string, string, number] => [label, "uV", RATE],
  ),
  ...["Nasal", "Oral", "Thorax", "Abdomen"].map((label): [string, string, number] => [label, "mV", 25]),
  ["SpO2", "%", 10],
  ["Pulse", "bpm", 10],
  ["Position", "", 1],
];

function make(folder: string): Record<string, string> {
  const random = new Generator(8);
  const seconds = HOURS * 3600;
  const signals = montage.map(([label, unit, sampleRate]): EdfSignalToWrite => {
    // Noise that wanders, as recordings do.
    let value = 0;
    const samples = Float32Array.from({ length: seconds * sampleRate }, () => {
      value += 10 * (random.random() - 0.5) - 0.02 * value;
      return value;
    });
    return { label, unit, sampleRate, samples };
  });
  const annotations = Array.from({ length: seconds / 30 }, (_, epoch) => ({
    onset: 30 * epoch,
    duration: 30,
    text: `Sleep stage ${"W123R"[random.below(5)]}`,
  }));
  const start = new Date("2024-05-06T22:30:00Z");
  const files = { default: "night.edf", second: "night-1s.edf", large: "large.edf" };
  writeEdf(join(folder, files.default), { signals, annotations, start });
  writeEdf(join(folder, files.second), { signals, annotations, start }, { recordDuration: 1 });
  makeLarge(join(folder, files.large), signals, start);
  return files;
}

/** A file of 2 GB that takes no room on the disk: one second's record, then holes that read as zeros. */
function makeLarge(path: string, signals: readonly EdfSignalToWrite[], start: Date): void {
  const second = signals.map((signal) => ({ ...signal, samples: signal.samples.slice(0, signal.sampleRate) }));
  writeEdf(path, { signals: second, start }, { kind: "EDF" });
  const header = 256 * (signals.length + 1);
  const record = readFileSync(path).length - header;
  const records = Math.ceil(LARGE_BYTES / record);
  const file = openSync(path, "r+");
  writeSync(file, String(records).padEnd(8), 236, "latin1");
  ftruncateSync(file, header + records * record);
  closeSync(file);
}

type Way = (file: EdfFile, from: number, to: number) => ArrayLike<number>;

/** The ways a channel is read: as the peers do (a new array of doubles each time), as floats, into an array that is kept. */
function waysOf(channel: string): Record<"fresh" | "single" | "kept", Way> {
  const channels = [channel];
  let into = [new Float64Array(0)];
  return {
    fresh: (file, from, to) => file.read({ channels, from, to })[0]!.samples,
    single: (file, from, to) => file.read({ channels, from, to, as: "float32" })[0]!.samples,
    kept: (file, from, to) => {
      const length = Math.round((to - from) * RATE);
      if (into[0]!.length !== length) into = [new Float64Array(length)];
      return file.read({ channels, from, to, into })[0]!.samples;
    },
  };
}

function read(path: string, channel: string, repeats: number): unknown {
  const seconds: Record<string, number[]> = {};
  const timed = (what: string, times: number, action: (i: number) => ArrayLike<number>): number[] => {
    const all: number[] = [];
    seconds[what] = all;
    return Array.from({ length: times }, (_, i) => {
      const began = performance.now();
      const samples = action(i);
      all.push((performance.now() - began) / 1000);
      return samples[0]!;
    });
  };
  const opened = (way: Way, from: number, to: number): ArrayLike<number> => {
    const file = new EdfFile(path);
    const samples = way(file, from, to);
    file.close();
    return samples;
  };
  // One way after another, each warmed up by its own first reads, as every peer has a process of its own.
  const ways = Object.entries(waysOf(channel));
  for (const [name, way] of ways) timed(`channel ${name}`, repeats, () => opened(way, 0, HOURS * 3600));
  const { fresh } = waysOf(channel);
  const from = (i: number): number => (i * STRIDE) % (HOURS * 3600 - 2);
  const windows = timed("path fresh", WINDOWS, (i) => opened(fresh, from(i), from(i) + 2));
  const file = new EdfFile(path);
  for (const [name, way] of ways) timed(`window ${name}`, OPEN_WINDOWS, (i) => way(file, from(i), from(i) + 2));
  const whole = fresh(file, 0, HOURS * 3600);
  file.close();
  return { seconds, probe: Array.from({ length: 500 }, (_, k) => whole[k * 10_007]!), windows };
}

async function large(path: string, channel: string): Promise<unknown> {
  const { duration, signals } = await summarize(path);
  const file = new EdfFile(path);
  let samples = 0;
  for (let i = 0; i < WINDOWS; i++)
    samples += file.read({ channels: [channel], from: i * 100, to: i * 100 + 2 })[0]!.samples.length;
  file.close();
  return { duration, signals: signals.length, samples, resident: process.memoryUsage.rss() };
}

const [task, path = "", channel = "", repeats = "1"] = process.argv.slice(2);
const result =
  task === "make" ? make(path) : task === "read" ? read(path, channel, Number(repeats)) : large(path, channel);
void Promise.resolve(result).then((told) => process.stdout.write(`${JSON.stringify(told)}\n`));
