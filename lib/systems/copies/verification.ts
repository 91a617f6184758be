/** What a look at somebody's copy of a data set comes to: what is there, what is missing, what is not as it should be. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { SignalbookError } from "../../core/errors";

export interface Finding {
  /** Relative to the data set's folder. */
  file: string;
  what: string;
}

export interface Verification {
  /** Numbers of things that are there: "exams": 796. */
  counts: Record<string, number>;
  missing: Finding[];
  wrong: Finding[];
}

/** Collects what is found; nothing that is wrong with one file ends the look at the others. */
export class Look {
  readonly counts: Record<string, number> = {};
  readonly missing: Finding[] = [];
  readonly wrong: Finding[] = [];

  constructor(readonly folder: string) {}

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  count(what: string, number: number): void {
    this.counts[what] = (this.counts[what] ?? 0) + number;
  }

  /** Whether a file is there and not empty; noted where it is not. */
  has(file: string, what: string): boolean {
    const path = this.path(file);
    if (!existsSync(path)) {
      this.missing.push({ file, what });
      return false;
    }
    const status = statSync(path);
    if (status.isDirectory() || status.size > 0) return true;
    this.wrong.push({ file, what: "empty" });
    return false;
  }

  /** What `read` returns; where it throws what readers throw, that is noted and null comes back. */
  tryTo<Result>(file: string, read: () => Result): Result | null {
    try {
      return read();
    } catch (error) {
      this.note(file, error);
      return null;
    }
  }

  note(file: string, error: unknown): void {
    if (!(error instanceof SignalbookError)) throw error;
    this.wrong.push({ file, what: error.message });
  }

  get result(): Verification {
    return { counts: this.counts, missing: this.missing, wrong: this.wrong };
  }
}
