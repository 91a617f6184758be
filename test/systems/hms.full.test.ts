/** System 002's whole chain by command line: simulated files in the competition's layout to a checked submission. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { main } from "../../lib/cli/main";
import { Generator } from "../../lib/core/random";
import { HMS_CLASSES, readHmsEeg, readHmsSpectrogram, readHmsTable } from "../../lib/formats";
import { readHmsSubmission } from "../../lib/formats/hms-submission";
import { hmsImage } from "../../lib/preprocessing";
import { simulateHms } from "../../lib/simulation/hms";
import { hmsDataset, hmsSource, middleWindows, voteTarget, windowId } from "../../lib/systems/hms-data";
import { hmsAugmentation } from "../../lib/systems/hms-training";

const root = mkdtempSync(join(tmpdir(), "hms-"));
const data = join(root, "data");
const out = join(root, "run");
before(() => void simulateHms(data, { subjects: 30, seed: 3 }));
after(() => rmSync(root, { recursive: true }));

test("an example is the published image, and its target the shares of votes", () => {
  const source = hmsSource(data, "train");
  const dataset = hmsDataset(source);
  const row = source.rows.at(-1)!;
  const example = dataset.example(dataset.length - 1);
  const recording = readHmsEeg(join(data, "train_eegs", `${row.eegId}.parquet`));
  const file = join(data, "train_spectrograms", `${row.spectrogramId}.parquet`);
  const spectrogram = readHmsSpectrogram(file, { offset: row.spectrogramOffset });
  const whole = hmsImage({ recording, startSample: row.eegOffset * 200, spectrogram });
  assert.deepEqual(dataset.inputShape, [640, 1920, 1]);
  assert.deepEqual(example.input, whole.pixels);
  assert.ok(Math.abs(voteTarget(row).reduce((sum, share) => sum + share, 0) - 1) < 1e-6);
});

test("augmentation draws another window, or the mirrored head, and is the same for a seed", () => {
  const source = hmsSource(data, "train", { size: { height: 64, width: 192 }, keep: true });
  const rows = middleWindows(source.rows.filter(({ votes }) => votes!.reduce((sum, count) => sum + count, 0) > 7));
  const dataset = hmsDataset(source, rows);
  const augment = hmsAugmentation(source, rows);
  const draw = (seed: number): Float32Array =>
    augment(dataset.example(0), dataset.inputShape, new Generator(seed)).input;
  assert.deepEqual(draw(1), draw(1));
  const different = Array.from({ length: 12 }, (_, seed) => draw(seed)).filter(
    (input) => input.join() !== draw(1).join(),
  );
  assert.ok(different.length >= 6);
  assert.equal(windowId(rows[0]!), dataset.ids[0]);
});

test("shifted traces go round beside spectrograms that stay, and a drawn window is learnt as it was voted on", () => {
  const source = hmsSource(data, "train", { size: { height: 64, width: 192 }, keep: true });
  const [row] = source.rows;
  const dataset = hmsDataset(source, [row!]);
  const target = Float32Array.of(0, 1, 0, 0, 0, 0);
  const augment = hmsAugmentation(source, [row!], { windows: [row!], pictures: "shift", target: () => target });
  const pictures = [false, true].map((mirrored) => source.image(row!, mirrored));
  for (let seed = 0; seed < 6; seed++) {
    const drawn = augment(dataset.example(0), dataset.inputShape, new Generator(seed));
    assert.equal(drawn.target, target);
    const from = pictures.find((pixels) => drawn.input[0] === pixels[0] && drawn.input[9] === pixels[9])!;
    for (let y = 0; y < 64; y++) {
      const [before, after] = [from, drawn.input].map((pixels) => [...pixels.subarray(192 * y, 192 * (y + 1))]);
      assert.deepEqual(after!.slice(0, 32), before!.slice(0, 32));
      assert.deepEqual(after!.slice(32).sort(), before!.slice(32).sort());
    }
    assert.notDeepEqual(drawn.input, from);
  }
});

test("train, evaluate, predict, ensemble, submit: a row of shares for each EEG of the test set", async () => {
  const stage = (name: string, ...more: string[]): Promise<number> =>
    main([name, "--system", "hms", "--data", data, "--out", out, ...more]);
  for (const name of ["train", "evaluate", "predict", "ensemble", "submit"]) assert.equal(await stage(name), 0, name);
  const asked = readHmsTable(join(data, "test.csv"));
  const files = readFileSync(join(out, "submit", "submit.json"), "utf8");
  const file = join(out, "submit", "submission.csv");
  assert.ok(existsSync(file), files);
  const handedIn = readHmsSubmission(
    file,
    asked.map(({ eegId }) => eegId),
  );
  assert.deepEqual(
    handedIn.map(({ eegId }) => eegId),
    asked.map(({ eegId }) => eegId),
  );
  assert.equal(handedIn[0]!.shares.length, HMS_CLASSES.length);
});
