/**
 * What a stage writes beside its output: JSON that tells what made it, of what data, by what code, and the hashes of all
 * it read from earlier stages and wrote. By it a stage knows that it is done, or that what it was made of has changed.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";
import { type FilesHash, hashFile } from "../core/hash";
import { startEngine } from "../engine";
import { readJson } from "../formats/json-file";
import { codeFacts } from "../report/environment";
import type { PresetName } from "../systems";
import type { SplitLeak } from "../training";
import { commandFor, type StageName, type StageOptions } from "./stage-options";

/** Data that a stage read. */
export interface DataRecord extends FilesHash {
  /** What of the folder was read. */
  role: "labelled" | "to label";
  /** As it was given. */
  folder: string;
}

export interface StageRecord {
  format: "signalbook-stage";
  version: 1;
  stage: StageName;
  state: "running" | "done";
  command: string;
  system: string;
  preset: PresetName;
  /** One training; null for a stage that takes all of them. */
  run: RunName | null;
  data: DataRecord;
  /** Of the split's file; null for a stage that needs none. */
  split: { file: string; sha256: string; kind: string; seed: number | null; leak: SplitLeak | null } | null;
  /** SHA-256 of files of earlier stages, by their path in the out folder. */
  inputs: Record<string, string>;
  /** SHA-256 of the files written, by their path in the out folder. */
  outputs: Record<string, string>;
  /** What came out: scores, weights, precision and device that computed. */
  results: Record<string, unknown>;
  code: ReturnType<typeof codeFacts>;
  /** ISO 8601. */
  started: string;
  finished: string | null;
}

export interface RunName {
  member: string;
  seed: number;
  fold: number;
}

export function runFolder({ member, seed, fold }: RunName): string {
  return `${member}_seed${seed}_fold${fold}`;
}

/** What a stage says of itself before it begins. */
export type StageBegin = Pick<StageRecord, "preset" | "run" | "data" | "split"> & {
  /** Files of earlier stages, by their path in the out folder. */
  reads: readonly string[];
};

/** A stage of one run: where its files lie, and its record. */
export class Stage {
  /** In the out folder. */
  readonly folder: string;
  private readonly inputs: Record<string, string>;

  constructor(
    readonly options: StageOptions,
    readonly begin: StageBegin,
  ) {
    const { stage } = options;
    this.folder = begin.run === null ? stage : `${stage}/${runFolder(begin.run)}`;
    this.inputs = this.hashes(begin.reads);
  }

  /** A file's path, for reading and writing. */
  path(name: string): string {
    return join(this.options.out, this.folder, name);
  }

  /**
   * done: it was, of the same data and inputs. half: a training that was interrupted. Else it has to run: new, or
   * because what it is made of has changed.
   * @throws SignalbookError where an output is no longer what the stage wrote
   */
  state(): "new" | "half" | "done" | "changed" {
    const record = this.record();
    if (record === null) return "new";
    if (!sameData(record.data, this.begin.data) || JSON.stringify(record.inputs) !== JSON.stringify(this.inputs))
      return "changed";
    if (record.state === "running") return "half";
    for (const [name, sha256] of Object.entries(record.outputs)) {
      const path = join(this.options.out, name);
      if (existsSync(path) && hashFile(path) === sha256) continue;
      throw new SignalbookError("an output that is not what its stage wrote", {
        file: path,
        found: existsSync(path) ? "another content" : "no such file",
        expected: `SHA-256 ${sha256}`,
        fix: `remove ${join(this.options.out, this.folder)} and run: ${commandFor(this.options.stage, this.options)}`,
      });
    }
    return "done";
  }

  /** Of the stage as it was done before. */
  results(): StageRecord["results"] {
    return this.record()?.results ?? {};
  }

  private record(): StageRecord | null {
    return readRecord(this.options.out, `${this.folder}/${this.options.stage}.json`);
  }

  /** Writes the record of a stage that begins or is done. @param outputs names of files in its folder */
  write(state: StageRecord["state"], started: Date, outputs: readonly string[], results: StageRecord["results"]): void {
    const { options, begin, folder, inputs } = this;
    const { reads: _reads, ...own } = begin;
    const record: StageRecord = {
      format: "signalbook-stage",
      version: 1,
      stage: options.stage,
      state,
      command: commandFor(options.stage, options),
      system: options.pipeline.name,
      ...own,
      inputs,
      outputs: this.hashes(outputs.map((name) => `${folder}/${name}`)),
      results,
      code: codeFacts(),
      started: started.toISOString(),
      finished: state === "done" ? new Date().toISOString() : null,
    };
    writeFileAtomic(this.path(`${options.stage}.json`), `${JSON.stringify(record, null, 1)}\n`);
  }

  private hashes(names: readonly string[]): Record<string, string> {
    return Object.fromEntries([...names].sort().map((name) => [name, hashFile(join(this.options.out, name))]));
  }
}

/** A stage's record; null where there is none. @param name its path in the out folder */
export function readRecord(out: string, name: string): StageRecord | null {
  const file = join(out, name);
  if (!existsSync(file)) return null;
  const record = readJson(file, "a stage's record") as unknown as StageRecord;
  if (record.format !== "signalbook-stage" || record.version !== 1)
    throw new SignalbookError("a stage's record of another format", {
      file,
      found: `${record.format}, version ${record.version}`,
      expected: "signalbook-stage, version 1",
    });
  return record;
}

/** Of the engine that computed, for a record's results. */
export function engineVersions(): Record<string, string | null> {
  const { tensorflowVersion, tfjsVersion, variant } = startEngine();
  return { tensorflow: tensorflowVersion, tfjs: tfjsVersion, variant };
}

export function sameData(a: FilesHash, b: FilesHash): boolean {
  return a.sha256 === b.sha256;
}
