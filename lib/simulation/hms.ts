/** EEGs and spectrograms in the layout of Kaggle's HMS competition, simulated. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "../core/files";
import { Generator } from "../core/random";
import {
  HMS_CLASSES,
  HMS_ELECTRODES,
  HMS_SAMPLE_RATE,
  HMS_SPECTROGRAM_COLUMNS,
  HMS_SPECTROGRAM_ROWS,
  type HmsClass,
} from "../formats";
import { writeParquet } from "../formats/parquet-write";
import { LONGITUDINAL_CHAINS } from "../preprocessing/montages";
import { eachFrame, framing, powerScale } from "../preprocessing/spectra-frames";
import { requireCount, requireEmptyFolder, writeTruth } from "./files";
import { simulateIcuEeg } from "./hms-eeg";
import { castVotes, drawRaters, opinion } from "./votes";

export interface SimulatedHms {
  /** Patients with labels, each with one to three EEGs; a sixth as many more, one at least, are the test set. */
  subjects: number;
  seed: number;
  onDone?: (done: number, of: number) => void;
}

/** Seconds between rows of a spectrogram, and of the window that each is made from (1,024 samples: 0.195 Hz a column). */
const STEP = 2;
const SEGMENT = 1024;
const WINDOW = 50;
/** Offsets of an EEG's labelled windows are drawn up to here, in seconds. */
const MOST_OFFSET = 16;
/** The EEG's place in the ten minutes: its windows' middle is the middle of the spectrogram's. */
const SECONDS = HMS_SPECTROGRAM_ROWS * STEP;
const MARGIN = MOST_OFFSET + SEGMENT / HMS_SAMPLE_RATE;

const consensusWord = (name: HmsClass): string =>
  name.length > 4 ? name[0]!.toUpperCase() + name.slice(1) : name.toUpperCase();

interface Eeg {
  eegId: number;
  spectrogramId: number;
  patientId: number;
  pattern: HmsClass;
  strength: number;
  random: Generator;
}

/**
 * Writes train.csv, test.csv, train_eegs/, train_spectrograms/, test_eegs/ and test_spectrograms/. Same seed, same files.
 * @throws SignalbookError for numbers out of range, and for a folder that is not empty.
 */
export function simulateHms(folder: string, { subjects, seed, onDone }: SimulatedHms): { eegs: number; rows: number } {
  requireCount("subjects", subjects);
  requireEmptyFolder(folder);
  for (const name of ["train_eegs", "train_spectrograms", "test_eegs", "test_spectrograms"])
    mkdirSync(join(folder, name), { recursive: true });
  const random = new Generator(seed);
  const tests = Math.max(1, Math.round(subjects / 6));
  const eegs = Array.from({ length: subjects + tests }, (_, patient) => drawPatientEegs(patient, random)).flat();
  const train: string[] = [];
  const test: string[] = [];
  const truth: Record<string, number[]> = {};
  eegs.forEach((eeg, done) => {
    const labelled = eeg.patientId - FIRST_PATIENT < subjects;
    const kind = labelled ? "train" : "test";
    const offsets = labelled ? drawOffsets(eeg.random) : [0];
    writeSignals(folder, kind, eeg, offsets[offsets.length - 1]!);
    const shares = opinion(eeg.pattern, eeg.strength);
    if (labelled) train.push(...labelledRows(eeg, offsets, shares));
    else {
      test.push(`${eeg.spectrogramId},${eeg.eegId},${eeg.patientId}`);
      truth[eeg.eegId] = shares;
    }
    onDone?.(done + 1, eegs.length);
  });
  const write = (name: string, header: string, lines: readonly string[]): void =>
    writeFileAtomic(join(folder, name), [header, ...lines].map((line) => `${line}\n`).join(""));
  const votes = HMS_CLASSES.map((name) => `${name}_vote`).join(",");
  write("train.csv", `${TRAIN_COLUMNS},${votes}`, train);
  write("test.csv", "spectrogram_id,eeg_id,patient_id", test);
  writeTruth(folder, truth);
  return { eegs: eegs.length, rows: train.length + test.length };
}

const FIRST_PATIENT = 100;
const TRAIN_COLUMNS =
  "eeg_id,eeg_sub_id,eeg_label_offset_seconds,spectrogram_id,spectrogram_sub_id,spectrogram_label_offset_seconds,label_id,patient_id,expert_consensus";

/** One to three EEGs; a patient mostly shows one kind of pattern. */
function drawPatientEegs(patient: number, random: Generator): Eeg[] {
  const usual = HMS_CLASSES[random.below(HMS_CLASSES.length)]!;
  return Array.from({ length: 1 + random.below(3) }, (_, i) => ({
    eegId: 1_000_000 + 1000 * patient + i,
    spectrogramId: 2_000_000 + 1000 * patient + i,
    patientId: FIRST_PATIENT + patient,
    pattern: random.random() < 0.75 ? usual : HMS_CLASSES[random.below(HMS_CLASSES.length)]!,
    strength: random.uniform(0.5, 1.15),
    random: random.fork(),
  }));
}

function drawOffsets(random: Generator): number[] {
  const more = Array.from({ length: random.below(2) }, () => 2 * (1 + random.below(MOST_OFFSET / 2)));
  return [...new Set([0, ...more])].sort((a, b) => a - b);
}

function labelledRows(eeg: Eeg, offsets: readonly number[], shares: readonly number[]): string[] {
  const { eegId, spectrogramId, patientId, random } = eeg;
  // People who look at one EEG look at all of its windows, and mostly say the same.
  const votes = castVotes(shares, drawRaters(random), random);
  const consensus = HMS_CLASSES[votes.indexOf(Math.max(...votes))]!;
  return offsets.map((offset, sub) => {
    const label = 10 * eegId + sub;
    const place = `${eegId},${sub},${offset.toFixed(1)},${spectrogramId},${sub},${offset.toFixed(1)}`;
    return `${place},${label},${patientId},${consensusWord(consensus)},${votes.join(",")}`;
  });
}

/** The EEG's file, as long as its last window needs, and the spectrogram of ten minutes around each window. */
function writeSignals(folder: string, kind: "train" | "test", eeg: Eeg, lastOffset: number): void {
  const { eegId, spectrogramId, pattern, strength, random } = eeg;
  const length = Math.ceil((SECONDS + MARGIN) * HMS_SAMPLE_RATE);
  const begin = (SECONDS - WINDOW) / 2;
  // The pattern is there for some minutes around the windows; a seizure is shorter by itself.
  const from = Math.max(0, begin - random.uniform(0, 120));
  const to = Math.min(SECONDS + MARGIN, begin + WINDOW + lastOffset + random.uniform(0, 120));
  const seizure = { from: begin, to: begin + WINDOW + lastOffset };
  const options = {
    length,
    sampleRate: HMS_SAMPLE_RATE,
    pattern,
    strength,
    ...(pattern === "seizure" ? seizure : { from, to }),
  };
  const { electrodes } = simulateIcuEeg(options, random);
  const first = Math.round(begin * HMS_SAMPLE_RATE);
  const stop = first + (WINDOW + lastOffset) * HMS_SAMPLE_RATE;
  writeParquet(
    join(folder, `${kind}_eegs`, `${eegId}.parquet`),
    HMS_ELECTRODES.map((name, k) => ({ name, data: new Float32Array(electrodes[k]!.subarray(first, stop)) })),
  );
  writeParquet(
    join(folder, `${kind}_spectrograms`, `${spectrogramId}.parquet`),
    spectrogramColumns(electrodes, lastOffset),
  );
}

/** How each row of a spectrogram is cut and tapered. */
const FRAMES = framing(SEGMENT, { segment: SEGMENT });

/** The regions LL, LP, RL and RP of the spectrogram's columns: each the mean over the derivations of one chain. */
const REGION_CHAINS = ["left temporal", "left parasagittal", "right temporal", "right parasagittal"] as const;

function spectrogramColumns(
  electrodes: readonly Float64Array[],
  lastOffset: number,
): { name: string; data: Float32Array }[] {
  const rows = HMS_SPECTROGRAM_ROWS + lastOffset / STEP;
  const columns = new Map<string, Float32Array>();
  const frequencies = HMS_SPECTROGRAM_COLUMNS.length / 4;
  const trace = new Float64Array(electrodes[0]!.length);
  const starts = Array.from({ length: rows }, (_, row) => row * STEP * HMS_SAMPLE_RATE);
  REGION_CHAINS.forEach((chain, region) => {
    const names = LONGITUDINAL_CHAINS[chain]!;
    const sums = new Float64Array(rows * frequencies);
    const share = (2 * powerScale(FRAMES.shape, HMS_SAMPLE_RATE, "density")) / (names.length - 1);
    for (let i = 1; i < names.length; i++) {
      const [plus, minus] = [names[i - 1]!, names[i]!].map((name) => electrodes[HMS_ELECTRODES.indexOf(name)]!);
      for (let t = 0; t < trace.length; t++) trace[t] = plus![t]! - minus![t]!;
      // The first column is 0.59 Hz: three bins of 0.195 Hz up. A one-sided density, as `spectrogram` gives it.
      eachFrame(trace, starts, FRAMES, "constant", "power", (row, { squares }, lane) => {
        const bins = squares[lane];
        for (let k = 0; k < frequencies; k++) sums[row * frequencies + k]! += share * bins[3 + k]!;
      });
    }
    // Column names sort as numbers here, as the competition's files have them.
    const ordered = [...HMS_SPECTROGRAM_COLUMNS.slice(region * frequencies, (region + 1) * frequencies)].sort(
      (a, b) => Number(a.slice(3)) - Number(b.slice(3)),
    );
    ordered.forEach((name, k) => {
      const column = new Float32Array(rows);
      for (let row = 0; row < rows; row++) column[row] = sums[row * frequencies + k]!;
      columns.set(name, column);
    });
  });
  // The middle of each row's two seconds.
  const time = { name: "time", data: Float32Array.from({ length: rows }, (_, row) => STEP * row + 1) };
  return [time, ...[...columns].map(([name, data]) => ({ name, data }))];
}
