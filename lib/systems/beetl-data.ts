/** The windows of a BEETL folder as examples for training: one derivation for AttnSleep, both for the other networks. */
import { join, relative, sep } from "node:path";
import { SignalbookError } from "../core/errors";
import {
  BEETL_CHANNELS,
  BEETL_SAMPLE_RATE,
  BEETL_STAGES,
  BEETL_WINDOW,
  type BeetlFiles,
  type BeetlNight,
  listBeetl,
  readBeetlNight,
} from "../formats";
import { resampleFourier, zScore } from "../preprocessing";
import { type Dataset, type Example, memoryDataset } from "../training/dataset";
import type { WindowPlace } from "../training/relative-positioning";

/** The competition's two rounds, by the first word of their files. */
export const BEETL_ROUNDS = { leaderboard: "leaderboard", final: "testing" } as const;
export type BeetlRound = keyof typeof BEETL_ROUNDS;

/** Younger sleepers with stages: `training_s*` in the folder itself. @throws SignalbookError as {@link beetlTarget} */
export function beetlSource(folder: string): BeetlFiles[] {
  return labelled(setOf(folder, "training"));
}

/**
 * Older sleepers of a round, with stages: its files in `sleep_target/`.
 * @throws SignalbookError where there are none, and for a night without stages
 */
export function beetlTarget(folder: string, round: BeetlRound): BeetlFiles[] {
  return labelled(setOf(join(folder, "sleep_target"), BEETL_ROUNDS[round]));
}

/**
 * Older sleepers of a round whose stages are asked for: its files in `testing/`, by subject and then night, the order in
 * which stages are handed in.
 * @throws SignalbookError where there are none
 */
export function beetlToLabel(folder: string, round: BeetlRound): BeetlFiles[] {
  return setOf(join(folder, "testing"), BEETL_ROUNDS[round]);
}

function setOf(folder: string, set: string): BeetlFiles[] {
  const found = listBeetl(folder).filter((files) => files.set === set);
  if (found.length > 0) return found;
  throw new SignalbookError("a set of BEETL's that has no files", { file: folder, expected: `${set}_s0r1X.npy ...` });
}

function labelled(nights: BeetlFiles[]): BeetlFiles[] {
  const without = nights.find(({ labels }) => labels === null);
  if (without === undefined) return nights;
  throw new SignalbookError("a night to learn from without its stages", {
    file: without.signals,
    expected: without.signals.replace(/X\.npy$/i, "y.npy"),
  });
}

/** Paths of the nights' files in a folder, with forward slashes. */
export function beetlPaths(folder: string, nights: readonly BeetlFiles[]): string[] {
  return nights
    .flatMap(({ signals, labels }) => (labels === null ? [signals] : [signals, labels]))
    .map((file) => relative(folder, file).split(sep).join("/"));
}

export interface BeetlInput {
  /** 1: Fpz-Cz alone, as AttnSleep takes it. 2: both derivations. */
  channels: 1 | 2;
  /** What each window's z-score is multiplied with: published 1,000. */
  scale: number;
  /** Samples that its 30 s become: 3,000 as recorded, or fewer for networks that are to be trained in minutes. */
  samples: number;
}

/**
 * All windows of the nights, in their order, as {@link nightExamples}. Groups are subjects.
 * @throws SignalbookError as readBeetlNight
 */
export function beetlWindows(name: string, nights: readonly BeetlFiles[], input: BeetlInput): Dataset {
  const examples = nights.flatMap((files) => nightExamples(files, readBeetlNight(files), input));
  return memoryDataset(name, BEETL_STAGES, [input.samples, input.channels], examples);
}

/**
 * A night's windows, [samples, channels] each: every window and channel by itself to mean 0 and deviation 1 (of the
 * population), then scaled. Windows without a stage have a target of zeros.
 * @param night signals [windows, 2, 3000], and stages as indices into BEETL_STAGES
 */
export function nightExamples(
  name: Pick<BeetlFiles, "set" | "subject" | "night">,
  { samples, stages }: Pick<BeetlNight, "samples" | "stages">,
  { channels, scale, samples: size }: BeetlInput,
): Example[] {
  const length = samples.length / (BEETL_CHANNELS.length * BEETL_WINDOW);
  return Array.from({ length }, (_, window) => {
    const input = new Float32Array(size * channels);
    for (let channel = 0; channel < channels; channel++) {
      const from = (window * BEETL_CHANNELS.length + channel) * BEETL_WINDOW;
      const recorded = samples.subarray(from, from + BEETL_WINDOW);
      const signal = size === BEETL_WINDOW ? recorded : resampleFourier(recorded, size);
      zScore(signal, scale).forEach((value, t) => {
        input[t * channels + channel] = value;
      });
    }
    const target = new Float32Array(BEETL_STAGES.length);
    if (stages !== null) target[stages[window]!] = 1;
    return { id: `${nightName(name)}:${window}`, input, extras: {}, target, group: subjectName(name), weight: 1 };
  });
}

/** "training_s3" */
export function subjectName({ set, subject }: Pick<BeetlFiles, "set" | "subject">): string {
  return `${set}_s${subject}`;
}

/** "training_s3r1" */
export function nightName(files: Pick<BeetlFiles, "set" | "subject" | "night">): string {
  return `${subjectName(files)}r${files.night}`;
}

export const BEETL_WINDOW_SECONDS: number = BEETL_WINDOW / BEETL_SAMPLE_RATE;

/**
 * When each window was recorded, each night by itself, for nights whose windows come in the order of time: a night's
 * windows follow each other without gaps. Of shuffled nights this says nothing true.
 * @param dataset of {@link beetlWindows}
 */
export function windowPlaces({ ids }: Dataset): WindowPlace[] {
  return ids.map((id) => {
    const [recording, window] = id.split(":");
    return { recording: recording!, onsetSeconds: Number(window) * BEETL_WINDOW_SECONDS };
  });
}
