/** Thousands of damaged EDF and BDF files: read, strictly and leniently, or refused with an error that says why. */
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { projectRoot } from "../../lib/core/files";
import { EdfFile } from "../../lib/formats";
import { fuzzReader } from "../support/fuzz";
import { goldenFolder } from "../support/golden";

const golden = ["plain.edf", "odd.edf", "plus.edf", "gaps.edf", "hypnogram.edf"];
const seeds = [
  ...golden.map((name) => readFileSync(join(goldenFolder, "formats", name))),
  readFileSync(join(projectRoot, "test", "fixtures", "edf", "duplicate_channel_labels.edf")),
];
const bdfSeeds = ["plain.bdf", "plus.bdf"].map((name) => readFileSync(join(goldenFolder, "formats", name)));

/** Everything that can be read of a file, checked for what must hold whatever is in it. */
function readAll(path: string, lenient: boolean): void {
  const file = new EdfFile(path, { lenient });
  try {
    const size = statSync(path).size;
    if (!lenient) assert.deepEqual(file.losses, []);
    for (const { byte, what, instead } of file.losses)
      assert.ok(byte >= 0 && byte <= size && what !== "" && instead !== "", `loss ${what} at byte ${byte}`);
    const stored = file.records * file.header.recordBytes;
    assert.ok(file.header.headerBytes + stored <= size, "records beyond the file's end");
    assert.ok(
      file.annotations.every(({ onset, duration }) => Number.isFinite(onset) && (duration === null || duration >= 0)),
    );
    let samples = 0;
    for (const { signals } of file.pieces(1)) for (const signal of signals) samples += signal.samples.length;
    assert.ok(samples * file.header.bytesPerSample <= size, "more samples than the file holds");
    const whole = file.read();
    const middle = file.duration / 2;
    file.read({ from: middle / 2, to: middle, as: "float32" });
    const present = whole.reduce((sum, signal) => sum + countPresent(signal.samples), 0);
    assert.equal(present, samples, "every stored sample is read once, all others are gaps");
    file.readStored({ to: (file.segments[0]?.duration ?? 0) / 2 });
  } finally {
    file.close();
  }
}

function countPresent(samples: ArrayLike<number>): number {
  let present = 0;
  for (let i = 0; i < samples.length; i++) if (!Number.isNaN(samples[i])) present++;
  return present;
}

for (const [name, extension, files] of [
  ["edf", ".edf", seeds],
  ["bdf", ".bdf", bdfSeeds],
] as const) {
  for (const lenient of [false, true]) {
    test(`${name}, ${lenient ? "lenient" : "strict"}: no crash, no hang, nothing read outside the file`, async () => {
      const rounds = name === "edf" ? 3000 : 1000;
      const read = (path: string): void => readAll(path, lenient);
      const counts = await fuzzReader({ name, extension, seeds: files, rounds, seed: 11, mebibytesEach: 128, read });
      assert.ok(counts.read > rounds / 50 && counts.refused > rounds / 50, JSON.stringify(counts));
    });
  }
}

test("a lenient reader saves most of what a strict one refuses", async () => {
  let [refused, saved] = [0, 0];
  const read = (path: string): void => {
    try {
      readAll(path, false);
    } catch (error) {
      if (!(error instanceof SignalbookError)) throw error;
      refused++;
      const file = new EdfFile(path, { lenient: true });
      assert.ok(file.losses.length > 0, `nothing lost, yet refused: ${error.message}`);
      file.close();
      saved++;
    }
  };
  await fuzzReader({ name: "edf", extension: ".edf", seeds, rounds: 500, seed: 12, read });
  assert.ok(saved > refused / 4, `${saved} of ${refused} saved`);
});
