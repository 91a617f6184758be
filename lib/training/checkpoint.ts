/**
 * Checkpoints: everything a run needs to go on as if it had not stopped. A folder holds `checkpoint.json` and the
 * weight files it names; the JSON is replaced last and atomically, so that the folder always holds one whole
 * checkpoint, whenever the process dies.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { Generator, type GeneratorState } from "../core/random";
import { readJson } from "../formats/json-file";
import { decodeSafetensors, safetensorsChunks } from "../formats/safetensors";
import type { Weights } from "./checkpoint-weights";
import type { DivergenceState } from "./divergence";
import type { EarlyStoppingState } from "./early-stopping";
import { noTime, type Timing } from "./training-clock";

/** What an epoch came to. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Batches done since the start of the run. */
  step: number;
  /** Mean loss of the epoch's steps. */
  loss: number;
  /** Of the last step. */
  learningRate: number;
  /** On the validation data; empty without. */
  metrics: Record<string, number>;
  /** Steps of the optimizer that the loss scaler left out, the gradients having overflowed. */
  skipped: number;
  seconds: number;
  /** What the seconds went into, as far as they were when the record was made. */
  timing: Timing;
}

/** Where a run stands. Plain JSON. */
export interface RunState {
  /** Index of the epoch in progress, from 0. */
  epoch: number;
  /** Batches of it that are done. */
  position: number;
  /** Whether the epoch's batches are done and the averages by epoch were taken: only its validation is missing. */
  averaged: boolean;
  /** Batches done since the start of the run. */
  step: number;
  /** Steps of the optimizer since the start of the run. */
  updates: number;
  /** Steps of the optimizer that the loss scaler left out since the start of the run. */
  skipped: number;
  /** Sum of the losses of the epoch's steps so far. */
  lossSum: number;
  /** The shuffling generator as it was when the epoch began: the epoch's order follows from it. */
  shuffle: GeneratorState;
  earlyStopping: EarlyStoppingState | null;
  divergence: DivergenceState;
  history: EpochRecord[];
  /** Of training up to here, over all processes. */
  timing: Timing;
  stopped: "finished" | "early" | null;
}

/** A run that has not begun. */
export function newRunState(seed: number): RunState {
  return {
    ...{ epoch: 0, position: 0, averaged: false, step: 0, updates: 0, skipped: 0, lossSum: 0 },
    shuffle: new Generator(seed).state(),
    earlyStopping: null,
    divergence: { mean: null, best: null, above: 0 },
    history: [],
    timing: noTime,
    stopped: null,
  };
}

export interface Checkpoint {
  /** What was run: model, data, loss, optimizer, schedule, seed ... A run that differs cannot go on from here. */
  run: Record<string, unknown>;
  state: RunState;
  /** The model, the optimizer's slots and the training step's: gradient sums, averages, the loss scaler. */
  weights: Weights;
  /** The model at its best epoch; null before one was measured. */
  best: Weights | null;
}

interface StoredFile {
  file: string;
  /** Against damage: a third of the time that a cryptographic hash takes. */
  crc32: number;
}

/** Files that hold weights, by folder: the best epoch's are the same for many checkpoints, and written once. */
const written = new WeakMap<Weights, { folder: string; stored: StoredFile }>();

interface StoredCheckpoint {
  format: "signalbook-checkpoint";
  version: 3;
  run: Record<string, unknown>;
  state: RunState;
  weights: StoredFile;
  best: StoredFile | null;
}

const INDEX = "checkpoint.json";

/** Whether a folder holds a checkpoint. */
export function hasCheckpoint(folder: string): boolean {
  return existsSync(join(folder, INDEX));
}

/**
 * Writes a checkpoint, then removes the weight files of the one before.
 * Throws where the disk is full; the checkpoint before is whole then.
 */
export function writeCheckpoint(folder: string, { run, state, weights, best }: Checkpoint): void {
  const files: string[] = [];
  const write = (kind: string, tensors: Weights): StoredFile => {
    const known = kind === "best" ? written.get(tensors) : undefined;
    if (known?.folder === folder && existsSync(join(folder, known.stored.file))) {
      files.push(known.stored.file);
      return known.stored;
    }
    const chunks = safetensorsChunks(tensors);
    const crc = chunks.reduce((sum, chunk) => crc32(chunk, sum), 0);
    const hex = (value: number): string => value.toString(16).padStart(8, "0");
    const stored = { file: `${kind}-${hex(state.step)}${hex(crc)}.safetensors`, crc32: crc };
    files.push(stored.file);
    writeWhereRoom(folder, stored.file, chunks);
    if (kind === "best") written.set(tensors, { folder, stored });
    return stored;
  };
  try {
    const stored: StoredCheckpoint = {
      format: "signalbook-checkpoint",
      version: 3,
      run,
      state,
      weights: write("weights", weights),
      best: best === null ? null : write("best", best),
    };
    writeWhereRoom(folder, INDEX, [Buffer.from(`${JSON.stringify(stored, null, 1)}\n`)]);
  } catch (error) {
    removeAllBut(folder, filesOfIndex(folder)); // what was written of this one only takes room
    throw error;
  }
  removeAllBut(folder, files);
}

/** Older weights, and what a killed process left half written. */
function removeAllBut(folder: string, kept: readonly string[]): void {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const ours =
      /^(weights|best)-[0-9a-f]{16}\.safetensors(\..*\.tmp)?$/.test(name) || /^checkpoint\.json\..*\.tmp$/.test(name);
    if (ours && !kept.includes(name)) rmSync(join(folder, name), { force: true });
  }
}

/** The weight files that the folder's checkpoint names. */
function filesOfIndex(folder: string): string[] {
  if (!hasCheckpoint(folder)) return [];
  const { weights, best } = readIndex(folder);
  return [weights.file, ...(best === null ? [] : [best.file])];
}

function writeWhereRoom(folder: string, name: string, chunks: readonly Uint8Array[]): void {
  try {
    writeFileAtomic(join(folder, name), chunks);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined || !["ENOSPC", "EDQUOT", "EFBIG"].includes(code)) throw cause;
    const needed = chunks.reduce((total, chunk) => total + chunk.length, 0);
    const { bavail, bsize } = statfsSync(folder);
    throw new SignalbookError("no room for a checkpoint", {
      file: folder,
      found: `${bavail * bsize} bytes free (${code})`,
      expected: `${needed} bytes for ${name}`,
      fix: "make room, or raise the limit, and resume: the checkpoint before this one is whole",
      cause,
    });
  }
}

/** Reads a folder's checkpoint. Throws where there is none, or a file is missing or was changed. */
export function readCheckpoint(folder: string): Checkpoint {
  if (!hasCheckpoint(folder))
    throw new SignalbookError("no checkpoint to go on from", { file: folder, fix: "train without resume first" });
  const { run, state, weights, best } = readIndex(folder);
  return {
    run,
    state,
    weights: readWeights(folder, weights),
    best: best === null ? null : readWeights(folder, best),
  };
}

function readIndex(folder: string): StoredCheckpoint {
  const file = join(folder, INDEX);
  const stored = readJson(file, "a checkpoint") as unknown as StoredCheckpoint;
  if (stored.format !== "signalbook-checkpoint" || stored.version !== 3)
    throw new SignalbookError("a checkpoint of another format", {
      file,
      found: `${stored.format}, version ${stored.version}`,
      expected: "signalbook-checkpoint, version 3: it also knows the data it learnt from",
      fix: "train anew in another folder, or go on with the version that wrote it",
    });
  return stored;
}

function readWeights(folder: string, stored: StoredFile): Weights {
  const { file, crc32: expected } = stored;
  const path = join(folder, file);
  if (!existsSync(path)) throw new SignalbookError("a checkpoint whose weights are missing", { file: path });
  const bytes = readFileSync(path);
  const found = crc32(bytes);
  if (found !== expected)
    throw new SignalbookError("weights that are not the checkpoint's", {
      file: path,
      found: `check sum ${found}`,
      expected: String(expected),
    });
  const { tensors } = decodeSafetensors(bytes, path, { share: true });
  written.set(tensors, { folder, stored });
  return tensors;
}

/** Whether a checkpoint was written by this run: the same model, data and settings. */
export function isSameRun(saved: Record<string, unknown>, now: Record<string, unknown>): boolean {
  return differences(saved, now, "").length === 0;
}

/**
 * Throws where a run differs from the one that a checkpoint was written by, and says in what: "train.labels" are the
 * targets and weights of the examples, "train.inputs" a sample of their inputs, "train.made" a loader's source.
 */
export function requireSameRun(folder: string, saved: Record<string, unknown>, now: Record<string, unknown>): void {
  const different = differences(saved, now, "");
  if (different.length === 0) return;
  const text = (value: unknown): string => JSON.stringify(value) ?? "nothing";
  throw new SignalbookError("a checkpoint of another run", {
    file: folder,
    found: different.map(({ place, before }) => `${place} ${text(before)}`).join(", "),
    expected: different.map(({ place, after }) => `${place} ${text(after)}`).join(", "),
    fix: "go on with the same data and settings, or train anew in another folder",
  });
}

interface Difference {
  place: string;
  before: unknown;
  after: unknown;
}

/** The innermost values that differ. */
function differences(before: unknown, after: unknown, place: string): Difference[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [{ place, before, after }];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => differences(before[key], after[key], place === "" ? key : `${place}.${key}`));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
