/**
 * A night of one's own, staged by a network that was trained in system 003's way: one derivation of EEG in, for each 30 s
 * the shares of five stages, the likeliest of them, and files to keep.
 */
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import {
  BEETL_CHANNELS,
  BEETL_SAMPLE_RATE,
  BEETL_STAGES,
  BEETL_WINDOW,
  type BeetlFiles,
  type BeetlNight,
  type Hypnogram,
  RK_TO_AASM,
  readBeetlNight,
  type Signal,
  SLEEP_STAGES,
  writeHypnogramEdf,
} from "../formats";
import type { Model } from "../models";
import { displaySignal, resampleSignal, type SleepStageName } from "../preprocessing";
import { type Dataset, type Example, memoryDataset } from "../training/dataset";
import { predict } from "../training/predict";
import { type BeetlInput, nightExamples } from "./beetl-data";

/** What drifts more slowly would fill the windows' z-scores; the competition's recordings had lost it too. */
const HIGH_PASS_HZ = 0.5;

export type StageShares = Readonly<Record<SleepStageName, number>>;

export interface StagedNight {
  hypnogram: Hypnogram;
  epochSeconds: number;
  /** Of every epoch; all 0 where samples are missing. */
  shares: StageShares[];
  /** The share of the stage in the hypnogram; null where samples are missing. */
  confidence: (number | null)[];
}

/**
 * A derivation's whole epochs of 30 s as the staging network has them: 100 Hz, each by itself above 0.5 Hz and to mean 0 and
 * deviation 1. What is left over at the end is left out.
 * @param signal one derivation (Fpz-Cz is what the networks learn from) at a whole sampling rate of 100 Hz or more; NaN where it
 * was not recorded
 * @throws SignalbookError for a lower rate, and for less than one epoch
 */
export function ownWindows(signal: Signal, input: BeetlInput): { windows: Dataset; missing: boolean[] } {
  const { label, sampleRate } = signal;
  if (sampleRate < BEETL_SAMPLE_RATE)
    throw new SignalbookError("a derivation too slow to be staged", {
      place: `signal ${label}`,
      found: `${sampleRate} Hz`,
      expected: `${BEETL_SAMPLE_RATE} Hz or more`,
    });
  const size = (sampleRate * BEETL_WINDOW) / BEETL_SAMPLE_RATE;
  const epochs = Math.floor(signal.samples.length / size);
  if (epochs < 1)
    throw new SignalbookError("a recording too short to be staged", {
      place: `signal ${label}`,
      found: `${(signal.samples.length / sampleRate).toFixed(1)} s`,
      expected: "30 s or more",
    });
  const missing = Array.from({ length: epochs }, (_, epoch) =>
    signal.samples.subarray(epoch * size, (epoch + 1) * size).some((value) => Number.isNaN(value)),
  );
  const whole = { ...signal, samples: signal.samples.map((value) => (Number.isNaN(value) ? 0 : value)) };
  const { samples } = sampleRate === BEETL_SAMPLE_RATE ? whole : resampleSignal(whole, BEETL_SAMPLE_RATE);
  // The layout has two derivations; the second is not read.
  const pairs = new Float32Array(epochs * BEETL_CHANNELS.length * BEETL_WINDOW);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const from = epoch * BEETL_WINDOW;
    pairs.set(samples.subarray(from, from + BEETL_WINDOW), from * BEETL_CHANNELS.length);
  }
  const examples = highPassed({ set: "own", subject: 0, night: 1 }, { samples: pairs, stages: null }, input);
  return { windows: memoryDataset(label, BEETL_STAGES, [input.samples, 1], examples), missing };
}

/** The first derivation of labelled nights, treated as {@link ownWindows} treats a recording. */
export function ownTrainingWindows(name: string, nights: readonly BeetlFiles[], input: BeetlInput): Dataset {
  const examples = nights.flatMap((files) => highPassed(files, readBeetlNight(files), input));
  return memoryDataset(name, BEETL_STAGES, [input.samples, 1], examples);
}

/** Every window filtered by itself: then it does not matter what lay beside it, which of shuffled windows nobody knows. */
function highPassed(
  name: Pick<BeetlFiles, "set" | "subject" | "night">,
  { samples, stages }: Pick<BeetlNight, "samples" | "stages">,
  input: BeetlInput,
): Example[] {
  const step = BEETL_CHANNELS.length * BEETL_WINDOW;
  const filtered = new Float32Array(samples.length);
  for (let from = 0; from < samples.length; from += step) {
    const window = samples.subarray(from, from + BEETL_WINDOW);
    const signal = { label: BEETL_CHANNELS[0], unit: "uV", sampleRate: BEETL_SAMPLE_RATE, samples: window };
    filtered.set(displaySignal(signal, { low: HIGH_PASS_HZ }).samples, from);
  }
  return nightExamples(name, { samples: filtered, stages }, { ...input, channels: 1 });
}

/**
 * Stages a derivation; S3 and S4 count as N3.
 * @param model of system 003, trained on {@link ownTrainingWindows} of the same `input`
 * @param from what the hypnogram says of its origin
 */
export async function stageOwnNight(
  model: Model,
  signal: Signal,
  { input, signal: stop, ...from }: { input: BeetlInput; signal?: AbortSignal } & Pick<Hypnogram, "source" | "start">,
): Promise<StagedNight> {
  const { windows, missing } = ownWindows(signal, input);
  const { values } = await predict(model, windows, {
    ...{ batchSize: 64, activation: "softmax" },
    ...(stop && { signal: stop }),
  });
  const classes = BEETL_STAGES.length;
  const none: StageShares = { W: 0, N1: 0, N2: 0, N3: 0, REM: 0 };
  const shares = missing.map((gap, epoch) => {
    if (gap) return none;
    const sums = { ...none };
    BEETL_STAGES.forEach((stage, k) => {
      sums[RK_TO_AASM[stage] as SleepStageName] += values[epoch * classes + k]!;
    });
    return sums;
  });
  const likeliest = shares.map((share) =>
    SLEEP_STAGES.reduce((best, stage) => (share[stage] > share[best] ? stage : best)),
  );
  const epochSeconds = BEETL_WINDOW / BEETL_SAMPLE_RATE;
  return {
    epochSeconds,
    shares,
    confidence: shares.map((share, epoch) => (missing[epoch] ? null : share[likeliest[epoch]!])),
    hypnogram: { ...from, epochSeconds, stages: likeliest.map((stage, epoch) => (missing[epoch] ? "?" : stage)) },
  };
}

/**
 * Writes `<path>.edf`, an EDF+ hypnogram that other programs read, and `<path>.csv`: onset and duration in seconds, stage,
 * its confidence and the shares of all stages, one row an epoch.
 */
export function writeStagedNight(
  path: string,
  { hypnogram, shares, confidence }: StagedNight,
): { edf: string; csv: string } {
  const [edf, csv] = [`${path}.edf`, `${path}.csv`];
  const { epochSeconds, stages } = hypnogram;
  const rows = stages.map((stage, i) => {
    const numbers = [confidence[i], ...SLEEP_STAGES.map((known) => shares[i]![known])];
    const texts = numbers.map((value) => (value == null ? "" : value.toFixed(4)));
    return `${i * epochSeconds},${epochSeconds},${stage},${texts.join(",")}\n`;
  });
  writeFileAtomic(csv, `onset,duration,stage,confidence,${SLEEP_STAGES.join(",")}\n${rows.join("")}`);
  writeHypnogramEdf(edf, hypnogram);
  return { edf, csv };
}
