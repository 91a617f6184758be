/** For tests of bad input: scratch folders, and the assertion that an error says what a user needs. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type ProblemDetails, SignalbookError } from "../../lib/core/errors";

/** A folder of its own for one test, removed after it. */
export function scratchFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "signalbook-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A folder of its own for what one test's run writes: SIGNALBOOK_OUTPUTS names it until the test ends. */
export function scratchOutputs(t: TestContext): string {
  const before = process.env["SIGNALBOOK_OUTPUTS"];
  const folder = scratchFolder(t);
  process.env["SIGNALBOOK_OUTPUTS"] = folder;
  t.after(() => {
    if (before === undefined) delete process.env["SIGNALBOOK_OUTPUTS"];
    else process.env["SIGNALBOOK_OUTPUTS"] = before;
  });
  return folder;
}

/** Writes a file into the test's own folder and returns its path. */
export function scratchFile(t: TestContext, name: string, content: string | Uint8Array): string {
  const path = join(scratchFolder(t), name);
  writeFileSync(path, content);
  return path;
}

type Expected = { [K in keyof ProblemDetails]?: string | RegExp } & { what?: RegExp };

/** Asserts that `action` throws a SignalbookError whose details are (strings) or match (patterns) what is given. */
export function throwsProblem(action: () => unknown, expected: Expected): void {
  assert.throws(action, matcher(expected));
}

/** {@link throwsProblem} of a promise. */
export async function rejectsProblem(promise: Promise<unknown>, expected: Expected): Promise<void> {
  await assert.rejects(promise, matcher(expected));
}

function matcher(expected: Expected): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SignalbookError, `threw ${String(error)}`);
    const { what, ...details } = expected;
    if (what !== undefined) assert.match(error.message, what);
    for (const [key, wanted] of Object.entries(details)) {
      const found: string = String(error.details[key as keyof ProblemDetails]);
      if (wanted instanceof RegExp) assert.match(found, wanted, `${key} of: ${error.message}`);
      else assert.equal(found, wanted, `${key} of: ${error.message}`);
    }
    return true;
  };
}

/** The largest absolute difference between two arrays of one length. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(actual.length, expected.length, "lengths");
  let worst = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    // NaN beside NaN is equal; NaN beside a number is as wrong as can be.
    if (Number.isNaN(actual[i]) && Number.isNaN(expected[i])) continue;
    worst = Number.isNaN(difference) ? Infinity : Math.max(worst, difference);
  }
  return worst;
}
