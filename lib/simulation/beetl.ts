/**
 * Sleep in the layout of the BEETL competition: Sleep-EDF's two derivations in 30 s windows, a pickle of signals and one of
 * stages for each subject and night, three age groups. Simulated, from the transition statistics of real hypnograms.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Generator } from "../core/random";
import { BEETL_CHANNELS, BEETL_SAMPLE_RATE, BEETL_STAGES, BEETL_WINDOW, writePickledArray } from "../formats";
import { sleepCourse } from "./course";
import { requireCount, requireEmptyFolder, writeTruth } from "./files";
import { sleepEeg } from "./sleep-eeg";
import { drawSleeper, type Sleeper } from "./sleeper";
import { drawNight, type SimulatedStage, type StageStatistics } from "./stages";

/**
 * The competition's folders, the first word of their files, the ages in years (as a write-up gives them), and whether
 * stages are given away. Every subject sleeps two nights.
 */
export const BEETL_SETS = [
  { folder: "", prefix: "training", ages: [25, 64], labelled: true },
  { folder: "sleep_target", prefix: "leaderboard", ages: [65, 79], labelled: true },
  { folder: "testing", prefix: "leaderboard", ages: [65, 79], labelled: false },
  { folder: "sleep_target", prefix: "testing", ages: [80, 95], labelled: true },
  { folder: "testing", prefix: "testing", ages: [80, 95], labelled: false },
] as const;

export interface SimulatedBeetl {
  /** Subjects of the training set; each other set has a third as many, one at least. */
  subjects: number;
  /** Windows of a night. The competition's nights have about 1,160. */
  epochs: number;
  seed: number;
  statistics: StageStatistics;
  /** Windows of the target sets in random order, as the competition's came. Default true. */
  shuffleTargets?: boolean;
  onDone?: (done: number, of: number) => void;
}

export interface SimulatedNight {
  sleeper: Sleeper;
  stages: SimulatedStage[];
  /** [windows, 2, 3000], row-major, µV. */
  windows: Float32Array;
}

const EPOCH_SECONDS = BEETL_WINDOW / BEETL_SAMPLE_RATE;

/** One night of a sleeper, in the order of time. */
export function simulateBeetlNight(
  sleeper: Sleeper,
  epochs: number,
  statistics: StageStatistics,
  random: Generator,
): SimulatedNight {
  const stages = drawNight(statistics, { epochs, age: sleeper.age }, random);
  const course = sleepCourse(stages, EPOCH_SECONDS, random);
  const options = { derivations: BEETL_CHANNELS, sampleRate: BEETL_SAMPLE_RATE };
  const signals = sleepEeg(sleeper, course, options, random);
  const windows = new Float32Array(epochs * signals.length * BEETL_WINDOW);
  for (let epoch = 0; epoch < epochs; epoch++)
    signals.forEach((signal, channel) => {
      const begin = epoch * BEETL_WINDOW;
      windows.set(signal.subarray(begin, begin + BEETL_WINDOW), (epoch * signals.length + channel) * BEETL_WINDOW);
    });
  return { sleeper, stages, windows };
}

/**
 * Writes all sets below `folder`. Same seed, same files. What the competition kept to itself, the stages of the unlabelled
 * nights, is in a file of its own.
 * @throws SignalbookError for numbers out of range, and for a folder that is not empty.
 */
export function simulateBeetl(folder: string, options: SimulatedBeetl): { nights: number; windows: number } {
  const { subjects, epochs, seed, statistics, shuffleTargets = true, onDone } = options;
  requireCount("subjects", subjects);
  requireCount("epochs a night", epochs);
  requireEmptyFolder(folder);
  const random = new Generator(seed);
  const all = BEETL_SETS.flatMap((set) => {
    const count = set.folder === "" ? subjects : Math.max(1, Math.round(subjects / 3));
    // The unlabelled subjects of a set go on counting where the labelled ones end.
    const before = BEETL_SETS.slice(0, BEETL_SETS.indexOf(set)).filter(({ prefix }) => prefix === set.prefix).length;
    return Array.from({ length: count }, (_, i) => ({ set, subject: before * count + i, random: random.fork() }));
  });
  const truth: Record<string, number[]> = {};
  all.forEach(({ set, subject, random: own }, done) => {
    const sleeper = drawSleeper(own.uniform(set.ages[0], set.ages[1]), own);
    mkdirSync(join(folder, set.folder), { recursive: true });
    for (const night of [1, 2]) {
      const { stages, windows } = simulateBeetlNight(sleeper, epochs, statistics, own);
      const labels = Int32Array.from(stages, (stage) => BEETL_STAGES.indexOf(stage));
      const shuffled = shuffleTargets && set.folder !== "";
      const order = shuffled ? own.permutation(epochs) : Int32Array.from({ length: epochs }, (_, i) => i);
      const name = join(folder, set.folder, `${set.prefix}_s${subject}r${night}`);
      const shape = [epochs, BEETL_CHANNELS.length, BEETL_WINDOW];
      writePickledArray(`${name}X.npy`, { dtype: "float32", shape, data: reordered(windows, order) });
      const given = order.map((i) => labels[i]!);
      if (set.labelled) writePickledArray(`${name}y.npy`, { dtype: "int32", shape: [epochs], data: given });
      else truth[`${set.folder}/${set.prefix}_s${subject}r${night}`] = [...given];
    }
    onDone?.(done + 1, all.length);
  });
  writeTruth(folder, truth);
  return { nights: 2 * all.length, windows: 2 * all.length * epochs };
}

function reordered(windows: Float32Array, order: Int32Array): Float32Array {
  const size = windows.length / order.length;
  const result = new Float32Array(windows.length);
  order.forEach((from, to) => {
    result.set(windows.subarray(from * size, (from + 1) * size), to * size);
  });
  return result;
}
