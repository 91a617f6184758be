/**
 * System 004: the Hefei Hi-tech Cup for the ECG (Tianchi 231754), by github.com/mikochou/ECG-tianchi (commit c1cc4ff),
 * fifth of 2,353 in round 1 (0.8491), 0.9228 in round 2. Constants as published; where code and text disagree, or the
 * code does not do what was meant, `deviations` says what is done here.
 */
import { join } from "node:path";
import { PUBLISHED_ECG_AUGMENTATION } from "../augmentation/ecg";
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { HEFEI_LEADS, HEFEI_ROWS, type HefeiEntry, readHefeiLabels, readHefeiList, readHefeiStored } from "../formats";
import { type Dataset, type Example, memoryDataset } from "../training/dataset";
import type { TrainTest } from "../training/folds";
import { encodeAge, encodeSex } from "./ecg-inputs";
import type { EcgPreset } from "./ecg-training";
import type { System } from "./system";

/** One of the eight networks of the ensemble. */
export interface HefeiVariant {
  name: string;
  model: EcgPreset["model"];
  ageAndSex: boolean;
  /** Of the 16,000-record run. */
  batchSize: number;
  rate: number;
  dropout: number;
  classWeights: boolean;
  /** Published: mean over batches of 32 of their micro F1. */
  validationF1: number;
}

const resnet50 = { model: "ecg_resnet50", batchSize: 256, rate: 7.5e-4, dropout: 0.2 } as const;
const resnet101 = { model: "ecg_resnet101", batchSize: 128, rate: 3.75e-4, dropout: 0.2 } as const;
const resnext50 = { model: "ecg_resnext50_2x64d", batchSize: 96, rate: 3e-4, dropout: 0 } as const;
const basic = { ageAndSex: false } as const;
const meta = { ageAndSex: true } as const;

export const HEFEI_VARIANTS: readonly HefeiVariant[] = [
  { name: "ResNeXt50", ...resnext50, ...meta, classWeights: false, validationF1: 0.8923 },
  { name: "ResNet50", ...resnet50, ...meta, classWeights: true, validationF1: 0.9185 },
  { name: "ResNet50_noweight", ...resnet50, ...meta, classWeights: false, validationF1: 0.9169 },
  { name: "ResNet101", ...resnet101, ...meta, classWeights: true, validationF1: 0.9143 },
  { name: "ResNeXt50_basic", ...resnext50, ...basic, classWeights: false, validationF1: 0.8904 },
  { name: "ResNet50_basic", ...resnet50, ...basic, classWeights: true, validationF1: 0.9199 },
  { name: "ResNet50_noweight_basic", ...resnet50, ...basic, classWeights: false, validationF1: 0.9166 },
  { name: "ResNet101_basic", ...resnet101, ...basic, classWeights: true, validationF1: 0.916 },
];

/** The blend: mean of sigmoid outputs, weighted by validation score; a label where it is above the threshold. */
export const HEFEI_ENSEMBLE = {
  threshold: 0.5,
  all: { members: HEFEI_VARIANTS.map(({ name }) => name), validationF1: 0.9216 },
  best: {
    members: [
      "ResNet50",
      "ResNet50_noweight",
      "ResNet101",
      "ResNeXt50_basic",
      "ResNet50_basic",
      "ResNet50_noweight_basic",
    ],
    validationF1: 0.9226,
  },
} as const;

/** Training, the same for all variants. */
export const HEFEI_TRAINING = {
  epochs: 48,
  warmupEpochs: 2,
  weightDecay: 1e-5,
  /** First epoch (from 0) whose weights may be kept: validation happened for 39 to 47 only. */
  firstValidatedEpoch: 39,
  seed: 0,
  /** Records to train on; the other 4,036 of round 2 are for validation. */
  trainRecords: 16_000,
  records: 20_036,
} as const;

const micro = { measure: "micro F1", source: "the author's write-up of the competition" } as const;
const validation = {
  measure: "micro F1, mean over batches of 32",
  protocol: "4,036 of the 20,036 real records of round 2, some of them perhaps of people learnt from",
  source: micro.source,
} as const;

export const HEFEI: System = {
  number: "004",
  title: "Hefei Hi-tech Cup ECG",
  task: "34 findings (round 2) in 8-lead ECGs of 10 s at 500 Hz; micro F1",
  sources: [
    "https://github.com/mikochou/ECG-tianchi (commit c1cc4ff; no licence: facts only)",
    "https://tianchi.aliyun.com/competition/entrance/231754",
    "https://github.com/JavisPeng/ecg_pytorch (cited baseline)",
  ],
  scores: [
    ...HEFEI_VARIANTS.map(({ name, validationF1 }) => ({ what: name, ...validation, score: validationF1 })),
    { what: "blend of all eight", ...validation, score: HEFEI_ENSEMBLE.all.validationF1 },
    { what: "best blend, of six", ...validation, score: HEFEI_ENSEMBLE.best.validationF1 },
    { what: "as handed in, round 1", ...micro, score: 0.8491, protocol: "hidden real records of round 1, 55 labels" },
    { what: "as handed in, round 2", ...micro, score: 0.9228, protocol: "hidden real records of round 2, 34 labels" },
  ],
  deviations: [
    {
      point: "weight of positives",
      published: "the mean loss of a batch times the batch's mean of (1+3y)*5/8: one factor for all elements",
      here: "each element's loss times its own factor",
      why: "as a batch scalar the factor does not favour positives, it only changes the step size from batch to batch",
      asPublished: true,
    },
    {
      point: "class weights",
      published: "1/ln(count + 1e-5), the text says; the code also divides by the smallest",
      here: "as in the code; a class with one record or none is an error",
      why: "one record gives a weight of about 1e5, none a negative one",
      asPublished: true,
    },
    {
      point: "augmentation",
      published:
        "each step where a standard normal exceeds 0.5: probability 0.309; called a vertical flip, it reverses time",
      here: "the same, named for what it does; other chances, and a flip of the sign, as options",
      why: "it can be reproduced exactly in distribution",
      asPublished: true,
    },
    {
      point: "validation score",
      published: "mean over batches of 32 records of their micro F1",
      here: "micro F1 of all records; the batch mean beside it, as batchF1",
      why: "the mean depends on batch size and order, and is not the competition's metric",
      asPublished: true,
    },
    {
      point: "epochs that may be kept",
      published:
        "a switch is tested for being there, not for being on: validation happens in the last nine epochs only",
      here: "the same in the published presets; every epoch where nothing else is asked for",
      why: "the best epochs of the published networks lie among these nine",
      asPublished: true,
    },
    {
      point: "split",
      published:
        "records shuffled with seed 0, 16,000 to train on; some configurations train on the validation records too",
      here: "the same by NumPy's legacy generator; never trained on validation records",
      why: "which generator shuffled is not in the published code, and a score on training records says nothing",
      asPublished: false,
    },
    {
      point: "patients",
      published: "no patient ids in the data: recordings of one person may lie on both sides",
      here: "the same on the competition's data; grouped by patient on PTB-XL",
      why: "nothing in the files says which records belong together",
      asPublished: true,
    },
    {
      point: "ensemble",
      published: "the committed configuration names ten models and nine weights",
      here: "the list of the write-up, weights from each model's own validation score",
      why: "the configuration cannot run as committed",
      asPublished: false,
    },
  ],
};

export interface HefeiPresetOptions {
  /** The loss' factor as the published code computes it. Default false: as it was meant. */
  asPublished?: boolean;
}

/** A variant as published, for the competition's data: records of 5,000 rows in stored units. */
export function publishedPreset(name: string, { asPublished = false }: HefeiPresetOptions = {}): EcgPreset {
  const variant = HEFEI_VARIANTS.find((known) => known.name === name);
  if (variant === undefined)
    throw new SignalbookError("an unknown variant of system 004", {
      found: name,
      expected: HEFEI_VARIANTS.map((known) => known.name).join(", "),
    });
  const { model, ageAndSex, dropout, batchSize, rate, classWeights } = variant;
  const { epochs, warmupEpochs, weightDecay, firstValidatedEpoch } = HEFEI_TRAINING;
  return {
    name: `published ${name}`,
    model,
    ageAndSex,
    dropout,
    epochs,
    batchSize,
    rate,
    warmupEpochs,
    weightDecay,
    loss: { classWeights, positives: asPublished ? "batch" : "element" },
    augmentation: PUBLISHED_ECG_AUGMENTATION,
    keep: {
      metric: asPublished ? "batchF1" : "f1",
      mode: "max",
      patience: Number.POSITIVE_INFINITY,
      fromEpoch: firstValidatedEpoch,
    },
  };
}

/** A folder in the competition's layout. */
export interface HefeiFolder {
  /** `<id>.txt` records. */
  records: string;
  /** File name, age, sex, label names a line. */
  list: string;
  /** One label a line. */
  labels: string;
  /** The records to label: file name, age, sex a line. */
  toLabel: string;
}

/**
 * The files of a folder: `hf_round2_train.txt`, `hf_round2_arrythmia.txt` and `hf_round2_subA.txt` beside a folder of
 * records.
 */
export function hefeiFolder(folder: string, records = "records"): HefeiFolder {
  return {
    records: join(folder, records),
    list: join(folder, "hf_round2_train.txt"),
    labels: join(folder, "hf_round2_arrythmia.txt"),
    toLabel: join(folder, "hf_round2_subA.txt"),
  };
}

/** The competition's records as system 004 feeds them: stored integers, no scaling, filtering or resampling. */
export function hefeiDataset(folder: HefeiFolder, name = "Hefei round 2"): Dataset {
  const labels = readHefeiLabels(folder.labels);
  const examples = readHefeiList(folder.list, labels).map((entry) =>
    hefeiExample(entry, labels, readStoredInput(join(folder.records, entry.file))),
  );
  return memoryDataset(name, labels, STORED_INPUT_SHAPE, examples);
}

/** [time, leads] of a record as it is stored. */
export const STORED_INPUT_SHAPE: readonly number[] = [HEFEI_ROWS, HEFEI_LEADS.length];

/** The stored integers of a record's file, [time, leads]. */
export function readStoredInput(path: string): { id: string; input: Float32Array } {
  const { id, stored } = readHefeiStored(path);
  const input = new Float32Array(HEFEI_ROWS * HEFEI_LEADS.length);
  stored.forEach((lead, column) => {
    for (let t = 0; t < HEFEI_ROWS; t++) input[t * HEFEI_LEADS.length + column] = lead[t]!;
  });
  return { id, input };
}

/** A list's line and its record as an example of some classes. */
export function hefeiExample(
  entry: HefeiEntry,
  classes: readonly string[],
  { id, input }: { id: string; input: Float32Array },
): Example {
  return {
    id,
    input,
    extras: { age: encodeAge(entry.age), sex: encodeSex(entry.sex) },
    target: Float32Array.from(classes, (label) => (entry.labels.includes(label) ? 1 : 0)),
    group: id, // the files name no patients
    weight: 1,
  };
}

/** Records shuffled with seed 0: the first 16,000 of 20,036 to train on (of another number, the same share). */
export function hefeiSplit(records: number): TrainTest {
  const { seed, trainRecords, records: all } = HEFEI_TRAINING;
  const order = Array.from(new Generator(seed).permutation(records));
  const train = records === all ? trainRecords : Math.round((records * trainRecords) / all);
  return { train: order.slice(0, train), test: order.slice(train) };
}
