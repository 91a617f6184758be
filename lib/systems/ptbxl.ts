/**
 * The sample task: diagnostic superclasses of PTB-XL (Wagner et al. 2020; benchmark by Strodthoff et al. 2021,
 * arXiv 2004.13701) on the records that are bundled, split by the data set's own folds, which keep patients together.
 * The network is a small relative of system 004's.
 */
import { join } from "node:path";
import { PUBLISHED_ECG_AUGMENTATION } from "../augmentation/ecg";
import { projectRoot } from "../core/files";
import {
  HEFEI_MICROVOLTS_PER_UNIT,
  PTBXL_SUPERCLASSES,
  type PtbxlRecord,
  type Recording,
  readPtbxl,
  readPtbxlRecording,
} from "../formats";
import { ECG_LEADS_12 } from "../preprocessing";
import { type Dataset, type Example, memoryDataset, subset } from "../training/dataset";
import { givenFolds, requireNoLeak, type Split } from "../training/folds";
import { dataFolder } from "./copies/data-sets";
import { type EcgMeasurements, measureEcgs } from "./ecg-baseline";
import { ecgInput, encodeAge, encodeSex } from "./ecg-inputs";
import type { EcgPreset } from "./ecg-training";

/** Where the bundled records lie; the environment may name a folder with the whole data set instead. */
export function ptbxlFolder(): string {
  return dataFolder("ptbxl") ?? join(projectRoot, "data", "sample", "ptbxl");
}

export interface PtbxlTask {
  /** Every record with at least one superclass. */
  dataset: Dataset;
  /** Of each example, in the data set's order. */
  records: PtbxlRecord[];
  /** Their signals as read. */
  recordings: Recording[];
  /** Records left out because no superclass applies. */
  withoutSuperclass: string[];
}

export interface PtbxlTaskOptions {
  folder?: string;
  /** Hz: PTB-XL comes at 100 and 500. */
  sampleRate?: 100 | 500;
}

/** Reads all records of the task: 10 s, 12 leads, in mV, without baseline wander (ecgInput). Folder: {@link ptbxlFolder}. */
export function ptbxlTask({ folder = ptbxlFolder(), sampleRate = 100 }: PtbxlTaskOptions = {}): PtbxlTask {
  const { records } = readPtbxl(folder);
  const labelled = records.filter((record) => record.superclasses.length > 0);
  const recordings = labelled.map((record) => readPtbxlRecording(folder, record, sampleRate));
  const examples = labelled.map(
    (record, i): Example => ({
      id: String(record.ecgId),
      input: ecgInput(recordings[i]!, ECG_LEADS_12, { sampleRate, seconds: SECONDS }),
      extras: { age: encodeAge(record.age), sex: encodeSex(record.sex) },
      target: Float32Array.from(PTBXL_SUPERCLASSES, (name) => (record.superclasses.includes(name) ? 1 : 0)),
      group: record.patientId,
      weight: 1,
    }),
  );
  const shape = [SECONDS * sampleRate, ECG_LEADS_12.length];
  return {
    dataset: memoryDataset("PTB-XL sample", PTBXL_SUPERCLASSES, shape, examples),
    records: labelled,
    recordings,
    withoutSuperclass: records.filter((r) => r.superclasses.length === 0).map((r) => String(r.ecgId)),
  };
}

/** Length of every recording. */
const SECONDS = 10;

/** What the baseline sees of each record. */
export function baselineFeatures({ records, recordings }: PtbxlTask): EcgMeasurements {
  return measureEcgs(records.map(({ age, sex }, i) => ({ recording: recordings[i]!, age, sex })));
}

/** Folds 1 to 6 to train on, 7 to choose by, 8 held back to the end. Throws where a patient is in two of them. */
export function ptbxlSplit({ dataset, records }: PtbxlTask): { train: Dataset; validation: Dataset; held: Dataset } {
  const of = (wanted: (fold: number) => boolean): number[] =>
    records.flatMap((record, i) => (wanted(record.fold) ? [i] : []));
  const parts = {
    train: of((fold) => fold <= 6),
    validation: of((fold) => fold === 7),
    held: of((fold) => fold === 8),
  };
  requireNoLeak(dataset.groups, { train: parts.train, test: parts.validation });
  requireNoLeak(dataset.groups, { train: [...parts.train, ...parts.validation], test: parts.held });
  return {
    train: subset(dataset, parts.train, "PTB-XL sample, folds 1-6"),
    validation: subset(dataset, parts.validation, "PTB-XL sample, fold 7"),
    held: subset(dataset, parts.held, "PTB-XL sample, fold 8"),
  };
}

/** The data set's own folds as a split (fold 1 is index 0). */
export function ptbxlFolds({ dataset, records }: PtbxlTask): Split {
  const folds = Math.max(...records.map((record) => record.fold));
  return givenFolds(
    "strat_fold",
    records.map((record) => record.fold - 1),
    dataset.groups,
    folds,
  );
}

/**
 * The preset of the sample: a network in about ten seconds on two quiet cores. Chosen by cross-validation within folds 1
 * to 7 (four folds of patients, seed 0, macro AUC of the pooled predictions of each of three seeds, then of their mean):
 *
 *   published augmentation, 12 epochs                              0.809 0.828 0.796, mean of the three 0.842
 *   the same, baseline wander removed                              0.841 0.840 0.822, mean of the three 0.854
 *
 * Tried with one seed each, before, without filter, 20 epochs: width 24 0.836, 40 epochs 0.819, without age and sex
 * 0.819, without augmentation 0.832, without reversal in time 0.838; the same settings twice 0.833 and 0.842, so that
 * none of these differences but 40 epochs and age and sex is likely to be more than chance.
 *
 * Tried later, on the same four folds: weights learnt first on 1200 simulated Hefei records (12 leads, 27 labels, 10 epochs)
 *   from new weights                                               0.839 0.841 0.828, mean of the three 0.859
 *   from simulated ones                                            0.822 0.842 0.827, mean of the three 0.842
 *   from simulated ones, rate 7e-4                                 0.824 0.832 0.825, mean of the three 0.835
 */
export const SAMPLE_PRESET: EcgPreset = {
  name: "sample",
  model: "ecg_resnet18_small",
  width: 16,
  ageAndSex: true,
  dropout: 0.2,
  epochs: 12,
  batchSize: 16,
  rate: 2e-3,
  warmupEpochs: 1,
  weightDecay: 1e-4,
  loss: { classWeights: false, positives: "none" },
  // as published, its offset in mV: one stored unit is 4.88 microvolt
  augmentation: { ...PUBLISHED_ECG_AUGMENTATION, offsetUnit: HEFEI_MICROVOLTS_PER_UNIT / 1000 },
  keep: null,
};
