/**
 * Our side of the HMS image bench: from an example's two Parquet files to the image.
 * Usage: hms-image-run.ts FOLDER TIMES. Reads eeg.parquet and spectrogram.parquet, writes our-image.f32, prints
 * {"seconds": [...], "processor": [...], "stages": {name: [...]}} as its last line: seconds on the clock and of processor
 * time (all threads) an example.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readHmsEeg, readHmsSpectrogram } from "../lib/formats/hms";
import {
  composeHmsImage,
  cutHmsMel,
  filterHmsTraces,
  HMS_RASTER,
  HMS_WINDOW,
  hmsDifferences,
  hmsImage,
  hmsMelSpectrogram,
  type Image,
  normaliseHmsSpectrogram,
  rasterTraces,
  scaleHmsTraces,
} from "../lib/preprocessing";

const [folder, times] = [process.argv[2]!, Number(process.argv[3])];
/** A first run compiles, the next ones optimise: a training run makes a hundred thousand of these images. */
const warmUps = 20;

function example(): Image<Float32Array> {
  const recording = readHmsEeg(join(folder, "eeg.parquet"));
  const spectrogram = readHmsSpectrogram(join(folder, "spectrogram.parquet"), { offset: 0 });
  return hmsImage({ recording, startSample: 0, spectrogram });
}

/** The same in its steps, each timed. */
function stages(): Record<string, number> {
  const seconds: Record<string, number> = {};
  const stage = <T>(name: string, action: () => T): T => {
    const start = performance.now();
    const made = action();
    seconds[name] = (performance.now() - start) / 1000;
    return made;
  };
  const { recording, spectrogram } = stage("read", () => ({
    recording: readHmsEeg(join(folder, "eeg.parquet")),
    spectrogram: readHmsSpectrogram(join(folder, "spectrogram.parquet"), { offset: 0 }),
  }));
  const minutes = stage("minutes", () => normaliseHmsSpectrogram(spectrogram));
  const mel = stage("seconds", () => cutHmsMel(hmsMelSpectrogram(recording), 0));
  const { tracesStart, tracesLength } = HMS_WINDOW;
  const filtered = stage("filter", () => {
    const cut = recording.signals.map((signal) => ({
      ...signal,
      samples: signal.samples.subarray(tracesStart, tracesStart + tracesLength),
    }));
    const differences = hmsDifferences(cut);
    filterHmsTraces(differences);
    return differences;
  });
  const traces = stage("plot", () => {
    scaleHmsTraces(filtered);
    return rasterTraces(filtered, HMS_RASTER);
  });
  stage("compose", () => composeHmsImage({ minutes, seconds: mel, traces }));
  return seconds;
}

const seconds: number[] = [];
const processor: number[] = [];
const each: Record<string, number[]> = {};
let image = example();
for (let i = 1; i < warmUps + times; i++) {
  const start = performance.now();
  const before = process.cpuUsage();
  image = example();
  const { user, system } = process.cpuUsage(before);
  if (i >= warmUps) {
    seconds.push((performance.now() - start) / 1000);
    processor.push((user + system) / 1e6);
  }
  for (const [name, took] of Object.entries(stages())) if (i >= warmUps) each[name] = [...(each[name] ?? []), took];
}
writeFileSync(join(folder, "our-image.f32"), image.pixels);
process.stdout.write(`${JSON.stringify({ seconds, processor, stages: each })}\n`);
