/**
 * Checkpoints: everything a run needs to go on as if it had not stopped. A folder holds `checkpoint.json` and the
 * weight files it names; the JSON is replaced last and atomically, so that the folder always holds one whole
 * checkpoint, whenever the process dies.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import type { GeneratorState } from "../core/random";
import { tf } from "../engine";
import { decodeSafetensors, encodeSafetensors, type SafeTensor } from "../formats/safetensors";
import type { Model } from "../models";
import type { State } from "../nn";
import type { EarlyStoppingState } from "./early-stopping";

/** Values of variables by name, as a safetensors file holds them. */
export type Weights = Map<string, SafeTensor>;

/** What an epoch came to. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  /** Steps done since the start of the run. */
  step: number;
  /** Mean loss of the epoch's steps. */
  loss: number;
  /** Of the last step. */
  learningRate: number;
  /** On the validation data; empty without. */
  metrics: Record<string, number>;
  seconds: number;
}

/** Where a run stands. Plain JSON. */
export interface RunState {
  /** Index of the epoch in progress, from 0. */
  epoch: number;
  /** Batches of it that are done. */
  position: number;
  /** Steps done since the start of the run. */
  step: number;
  /** Sum of the losses of the epoch's steps so far. */
  lossSum: number;
  /** The shuffling generator as it was when the epoch began: the epoch's order follows from it. */
  shuffle: GeneratorState;
  earlyStopping: EarlyStoppingState | null;
  history: EpochRecord[];
  /** Seconds of training up to here, over all processes. */
  seconds: number;
  stopped: "finished" | "early" | null;
}

export interface Checkpoint {
  /** What was run: model, data, loss, optimizer, schedule, seed ... A run that differs cannot go on from here. */
  run: Record<string, unknown>;
  state: RunState;
  /** The model and the optimizer's slots. */
  weights: Weights;
  /** The model at its best epoch; null before one was measured. */
  best: Weights | null;
}

interface StoredFile {
  file: string;
  sha256: string;
}

interface StoredCheckpoint {
  format: "signalbook-checkpoint";
  version: 1;
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

/** Writes a checkpoint, then removes the weight files of the one before. */
export function writeCheckpoint(folder: string, { run, state, weights, best }: Checkpoint): void {
  const stored: StoredCheckpoint = {
    format: "signalbook-checkpoint",
    version: 1,
    run,
    state,
    weights: writeWeights(folder, "weights", weights),
    best: best === null ? null : writeWeights(folder, "best", best),
  };
  writeFileAtomic(join(folder, INDEX), `${JSON.stringify(stored, null, 1)}\n`);
  const named = new Set([stored.weights.file, stored.best?.file]);
  for (const name of readdirSync(folder)) {
    // older weights, and what a killed process left half written
    const ours =
      /^(weights|best)-[0-9a-f]{16}\.safetensors(\..*\.tmp)?$/.test(name) || /^checkpoint\.json\..*\.tmp$/.test(name);
    if (ours && !named.has(name)) rmSync(join(folder, name), { force: true });
  }
}

/** Named by content: a file that is already there (the best weights, mostly) is not written again. */
function writeWeights(folder: string, kind: string, weights: Weights): StoredFile {
  const bytes = encodeSafetensors(weights);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const file = `${kind}-${sha256.slice(0, 16)}.safetensors`;
  if (!existsSync(join(folder, file))) writeFileAtomic(join(folder, file), bytes);
  return { file, sha256 };
}

/** Reads a folder's checkpoint. Throws where there is none, or a file is missing or was changed. */
export function readCheckpoint(folder: string): Checkpoint {
  const file = join(folder, INDEX);
  if (!existsSync(file))
    throw new SignalbookError("no checkpoint to go on from", { file: folder, fix: "train without resume first" });
  const stored = JSON.parse(readFileSync(file, "utf8")) as StoredCheckpoint;
  if (stored.format !== "signalbook-checkpoint" || stored.version !== 1)
    throw new SignalbookError("a checkpoint of another format", {
      file,
      found: `${stored.format}, version ${stored.version}`,
      expected: "signalbook-checkpoint, version 1",
    });
  const { run, state, weights, best } = stored;
  return {
    run,
    state,
    weights: readWeights(folder, weights),
    best: best === null ? null : readWeights(folder, best),
  };
}

function readWeights(folder: string, { file, sha256 }: StoredFile): Weights {
  const path = join(folder, file);
  if (!existsSync(path)) throw new SignalbookError("a checkpoint whose weights are missing", { file: path });
  const bytes = readFileSync(path);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256)
    throw new SignalbookError("weights that are not the checkpoint's", { file: path, found, expected: sha256 });
  return decodeSafetensors(bytes, path).tensors;
}

const SLOTS = "optimizer/";

/** A model's weights and statistics: PyTorch's names and layouts, so that other programs can read the file too. */
export function takeModel(model: Model): Weights {
  return new Map(
    [...model.readState()].map(([name, { shape, values }]) => [name, { dtype: "F32", shape, data: values }]),
  );
}

/** Saved weights as a model takes them; what the file holds of an optimizer is left aside. */
export function modelState(weights: ReadonlyMap<string, SafeTensor>): State {
  const own = [...weights].filter(([name]) => !name.startsWith(SLOTS));
  return new Map(own.map(([name, { shape, data }]) => [name, { shape, values: data as Float32Array }]));
}

/** Sets a model to saved weights. */
export function giveModel(model: Model, weights: ReadonlyMap<string, SafeTensor>): void {
  model.loadState(modelState(weights));
}

/** What an optimizer keeps, as the engine lays it out. */
export function takeSlots(slots: ReadonlyMap<string, tf.Variable>): Weights {
  return new Map(
    [...slots].map(([name, slot]) => [
      SLOTS + name,
      { dtype: "F32", shape: [...slot.shape], data: Float32Array.from(slot.dataSync()) },
    ]),
  );
}

export function giveSlots(slots: ReadonlyMap<string, tf.Variable>, weights: ReadonlyMap<string, SafeTensor>): void {
  for (const [name, slot] of slots) {
    const saved = weights.get(SLOTS + name);
    if (saved === undefined || saved.shape.join() !== slot.shape.join())
      throw new SignalbookError("an optimizer's state that does not fit the model", {
        place: SLOTS + name,
        found: saved === undefined ? "nothing" : `[${saved.shape.join(", ")}]`,
        expected: `[${slot.shape.join(", ")}]`,
      });
    tf.tidy(() => {
      slot.assign(tf.tensor(saved.data as Float32Array, slot.shape));
    });
  }
}

/** Throws where a run differs from the one that a checkpoint was written by, and says in what. */
export function requireSameRun(folder: string, saved: Record<string, unknown>, now: Record<string, unknown>): void {
  const text = (value: unknown): string => JSON.stringify(value) ?? "nothing";
  const different = [...new Set([...Object.keys(saved), ...Object.keys(now)])].filter(
    (key) => text(saved[key]) !== text(now[key]),
  );
  if (different.length === 0) return;
  throw new SignalbookError("a checkpoint of another run", {
    file: folder,
    found: different.map((key) => `${key} ${text(saved[key])}`).join(", "),
    expected: different.map((key) => `${key} ${text(now[key])}`).join(", "),
    fix: "go on with the same settings, or train anew in another folder",
  });
}
