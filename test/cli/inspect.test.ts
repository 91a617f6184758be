import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { summarize, summaryText } from "../../lib/cli/inspect";
import { projectRoot } from "../../lib/core/files";
import { readWfdbRecord } from "../../lib/formats/wfdb";

const sample = (...path: string[]): string => join(projectRoot, "data", "sample", ...path);
const firstOf = (folder: string, ending: string): string =>
  join(
    folder,
    readdirSync(folder)
      .sort()
      .find((name) => name.endsWith(ending))!,
  );

test("a WFDB record: leads, rate and the figures of its samples", () => {
  const path = sample("cinc2021", "A0002.hea");
  const { signals, format, duration } = summarize(path);
  const recording = readWfdbRecord(path);
  assert.equal(format, "WFDB");
  assert.deepEqual(
    signals.map(({ label, samples }) => [label, samples]),
    recording.signals.map(({ label, samples }) => [label, samples.length]),
  );
  const [lead] = recording.signals;
  assert.equal(duration, lead!.samples.length / lead!.sampleRate);
  const values = [...lead!.samples];
  assert.equal(signals[0]!.minimum, Math.min(...values));
  assert.equal(signals[0]!.maximum, Math.max(...values));
  assert.ok(Math.abs(signals[0]!.mean! - values.reduce((a, b) => a + b) / values.length) < 1e-9);
  // The data file beside the header says the same.
  assert.deepEqual(summarize(sample("cinc2021", "A0002.mat")).signals, signals);
});

test("an EDF+ recording and an EDF+ hypnogram", () => {
  const night = summarize(firstOf(sample("psg"), ".edf"));
  assert.equal(night.format, "EDF+C");
  assert.equal(night.duration, 120);
  for (const { samples, sampleRate } of night.signals) assert.equal(samples, sampleRate * 120);
  assert.match(summaryText(night), /EDF\+C, start 2018-02-06 01:36:50, 2 min 0 s\n/);

  const scored = summarize(sample("sleep-edf", "SC4001EC-Hypnogram.edf"));
  assert.equal(scored.duration, 24 * 3600);
  assert.equal(scored.hypnogram!.epochs, (24 * 3600) / 30);
  const counted = Object.values(scored.hypnogram!.stages).reduce((a, b) => a + b);
  assert.equal(counted, scored.hypnogram!.epochs);
  assert.match(summaryText(scored), /hypnogram: 2880 epochs of 30 s: /);
});

test("a Dreem hypnogram and a text hypnogram", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "signalbook-inspect-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const json = join(folder, "a.json");
  writeFileSync(json, "[0, 1, 2, 2, -1]");
  assert.deepEqual(summarize(json).hypnogram, { epochs: 5, epochSeconds: 30, stages: { W: 1, N1: 1, N2: 2, "?": 1 } });
  const text = join(folder, "a.txt");
  writeFileSync(text, "W\nN1\nREM\n");
  assert.deepEqual(summarize(text).hypnogram!.stages, { W: 1, N1: 1, REM: 1 });
});

test("files of no known format and data without its header are named", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "signalbook-inspect-"));
  context.after(() => rmSync(folder, { recursive: true }));
  assert.throws(
    () => summarize(join(folder, "x.docx")),
    /x\.docx: a file of no known format; found \.docx; expected \.edf/,
  );
  const lonely = join(folder, "a.dat");
  writeFileSync(lonely, "");
  assert.throws(() => summarize(lonely), /a\.dat: a WFDB signal file without its header; expected a\.hea beside it/);
});
