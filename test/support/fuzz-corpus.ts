/**
 * Committed inputs of the fuzz tests, test/fixtures/fuzz/<name>/: small damaged files, and in refusals.json what the reader
 * said of each. Made by KEEP_FUZZ_CORPUS=inputs in the environment of a fuzz test, which adds the smallest input for each
 * way of refusing that it meets and does not have yet; then once more with KEEP_FUZZ_CORPUS=refusals, which only writes
 * down what each reader says of all of them.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import type { SignalbookError } from "../../lib/core/errors";
import { projectRoot } from "../../lib/core/files";

/** Larger ones are not kept: the corpus is to stay small. */
const largest = 8192;
const most = 8;
const list = "refusals.json";

/** What a reader says is wrong, without file, place and values. */
export function refusalOf({ message, details: { file, place, fix } }: SignalbookError): string {
  const where = [file, place].filter((part) => part !== undefined && part !== "").join(", ");
  const said = where === "" ? message : message.slice(where.length + 2);
  const ends = ["; found ", "; expected ", ...(fix === undefined ? [] : [`; ${fix}`])].map((mark) =>
    said.indexOf(mark),
  );
  const end = Math.min(said.length, ...ends.filter((at) => at >= 0));
  return said.slice(0, end).replaceAll(/\d+/g, "#");
}

export class Corpus {
  private readonly folder: string;
  /** By file: each outcome that some way of reading it may have ("read", or a refusal). */
  private readonly known: Record<string, string[]>;
  private readonly found = new Map<string, Uint8Array>();
  private readonly keeping = process.env["KEEP_FUZZ_CORPUS"];

  constructor(
    name: string,
    private readonly extension: string,
  ) {
    this.folder = join(projectRoot, "test", "fixtures", "fuzz", name);
    const path = join(this.folder, list);
    this.known = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, string[]>) : {};
  }

  files(): string[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter((file) => extname(file) === this.extension && file !== list)
      .sort();
  }

  read(file: string): Uint8Array {
    return readFileSync(join(this.folder, file));
  }

  /** Fails when a file of the corpus is no longer refused as it was. */
  check(file: string, outcome: string): void {
    const expected = this.known[file] ?? [];
    this.known[file] = expected;
    if (this.keeping !== undefined) {
      if (!expected.includes(outcome)) expected.push(outcome);
    } else assert.ok(expected.includes(outcome), `corpus ${file}: "${outcome}", expected "${expected.join('" or "')}"`);
  }

  /** While keeping: remembers the smallest input of each refusal. */
  consider(bytes: Uint8Array, outcome: string): void {
    if (this.keeping !== "inputs" || outcome === "read" || bytes.length > largest) return;
    if (Object.values(this.known).some((outcomes) => outcomes.includes(outcome))) return;
    const smallest = this.found.get(outcome);
    if (smallest === undefined || bytes.length < smallest.length) this.found.set(outcome, Uint8Array.from(bytes));
  }

  /** While keeping: writes what was found. */
  keep(): void {
    if (this.keeping === undefined || (this.found.size === 0 && Object.keys(this.known).length === 0)) return;
    mkdirSync(this.folder, { recursive: true });
    for (const [outcome, bytes] of [...this.found].slice(0, most)) {
      const file = `${createHash("sha256").update(bytes).digest("hex").slice(0, 10)}${this.extension}`;
      writeFileSync(join(this.folder, file), bytes);
      this.known[file] = [...(this.known[file] ?? []), outcome];
    }
    writeFileSync(join(this.folder, list), `${JSON.stringify(this.known, null, 2)}\n`);
  }
}
