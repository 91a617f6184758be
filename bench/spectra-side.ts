/**
 * Our side of spectra.bench.ts: `spectra-side.ts FOLDER REPEATS SAVE`. Reads the inputs from the folder, times each task,
 * and writes every SAVE-th frame of what it computed (0: nothing). One thread.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HMS_MEL, melSpectrogram, spectrogram, toDecibels } from "../lib/preprocessing";
import { timed } from "./timed";

const [folder, repeats, save] = process.argv.slice(2) as [string, string, string];
const { sampleRate, points, hop, channels, traces, shortSamples } = JSON.parse(
  readFileSync(join(folder, "setup.json"), "utf8"),
) as Record<"sampleRate" | "points" | "hop" | "channels" | "traces" | "shortSamples", number>;

const values = new Float32Array(new Uint8Array(readFileSync(join(folder, "eeg.f32"))).buffer);
const length = values.length / channels;
const single = Array.from({ length: channels }, (_, c) => values.slice(c * length, (c + 1) * length));
const double = single.map((channel) => Float64Array.from(channel));
const short = <T extends Float32Array | Float64Array>(signals: readonly T[]): T[] =>
  signals.map((channel) => channel.slice(0, shortSamples) as T);

/** A channel's frames, and how many values each has. */
interface Frames {
  values: Float64Array;
  width: number;
}

const powers = (signals: readonly Float64Array[], detrend: "none" | "constant") => (): Frames[] =>
  signals.map((channel) => {
    const { power } = spectrogram(channel, sampleRate, { segment: points, overlap: points - hop, detrend });
    // The rows lie one behind the other.
    return { values: new Float64Array(power[0]!.buffer), width: power[0]!.length };
  });

const mels = (signals: readonly Float32Array[]) => (): Frames[] =>
  signals.slice(0, traces).map((trace) => {
    const { mels: width, power } = melSpectrogram(trace, HMS_MEL);
    toDecibels(power, { reference: "max" });
    return { values: power, width };
  });

const tasks: Readonly<Record<string, () => Frames[]>> = {
  spectrogram: powers(double, "none"),
  spectrogramDetrended: powers(double, "constant"),
  spectrogramShort: powers(short(double), "none"),
  mel: mels(single),
  melShort: mels(short(single)),
};
const milliseconds: Record<string, number[]> = {};
for (const [name, task] of Object.entries(tasks)) {
  milliseconds[name] = timed(task, { warmUps: 3, repeats: Number(repeats) });
  if (save === "0") continue;
  const bytes = task().flatMap(({ values, width }) =>
    Array.from({ length: Math.ceil(values.length / width / Number(save)) }, (_, i) => {
      const frame = values.subarray(i * Number(save) * width, (i * Number(save) + 1) * width);
      return Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    }),
  );
  writeFileSync(join(folder, `ours-${name}.f64`), Buffer.concat(bytes));
}
process.stdout.write(`${JSON.stringify(milliseconds)}\n`);
