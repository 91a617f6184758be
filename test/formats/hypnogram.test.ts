import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import {
  type Annotation,
  FIVE_CLASSES,
  fiveClasses,
  type Hypnogram,
  hypnogramFromAnnotations,
  hypnogramPart,
  RK_SLEEP_STAGES,
  readDreemHypnogram,
  readEdfHypnogram,
  readTextHypnogram,
  SIX_CLASSES,
  SLEEP_STAGES,
  sixClasses,
} from "../../lib/formats";
import { goldenFolder, readGolden } from "../support/golden";
import { scratchFile, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");

function counts({ stages }: Hypnogram): Record<string, number> {
  const found: Record<string, number> = {};
  for (const stage of stages) found[stage] = (found[stage] ?? 0) + 1;
  return found;
}

test("Sleep-EDF: every hypnogram is a day of epochs; SC4001's stages are the published ones", () => {
  const folder = join(sample, "sleep-edf");
  const names = readdirSync(folder);
  assert.equal(names.length, 12);
  for (const name of names) assert.equal(readEdfHypnogram(join(folder, name)).stages.length, 2880, name);
  const night = readEdfHypnogram(join(folder, "SC4001EC-Hypnogram.edf"));
  assert.equal(night.start?.toISOString(), "1989-04-24T16:13:00.000Z");
  assert.deepEqual(counts(night), { W: 1997, N1: 58, N2: 250, N3: 220, REM: 125, "?": 230 });
});

test("R&K stages: 3 and 4 become N3, movement and unscored stay apart", () => {
  type Golden = { files: { "hypnogram.edf": { by_construction: { annotations: [number, number, string][] } } } };
  const { annotations } = readGolden<Golden>("formats/edf").files["hypnogram.edf"].by_construction;
  const names: Record<string, string> = {
    "Sleep stage W": "W",
    "Sleep stage 1": "N1",
    "Sleep stage 2": "N2",
    "Sleep stage 3": "N3",
    "Sleep stage 4": "N3",
    "Sleep stage R": "REM",
    "Sleep stage ?": "?",
    "Movement time": "M",
  };
  const expected = annotations.flatMap(([, duration, text]) => Array<string>(duration / 30).fill(names[text]!));
  assert.equal(new Set(expected).size, 7);
  assert.deepEqual(readEdfHypnogram(join(goldenFolder, "formats", "hypnogram.edf")).stages, expected);
});

test("DOD-O: five scorers' lists of one night have one length; -1 is not scored", () => {
  const folder = join(sample, "dod-o");
  for (const night of readdirSync(join(folder, "scorer_1"))) {
    const lengths = [1, 2, 3, 4, 5].map((i) => readDreemHypnogram(join(folder, `scorer_${i}`, night)).stages.length);
    assert.equal(new Set(lengths).size, 1, night);
  }
  const night = readDreemHypnogram(join(folder, "scorer_1", "039ce8ad-a7fa-5272-a3e3-1f4bfebdd087.json"));
  assert.deepEqual(counts(night), { W: 285, N1: 34, N2: 381, N3: 142, REM: 185, "?": 9 });
});

test("plain text: numbers with comments, and letters", () => {
  const numbers = readTextHypnogram(join(sample, "yasa", "data_full_6hrs_100Hz_hypno_30s.txt"));
  assert.equal(numbers.stages.length, 720);
  assert.deepEqual(counts(numbers), { W: 43, N1: 22, N2: 318, N3: 182, REM: 155 });
  const letters = readTextHypnogram(join(sample, "yasa", "sub-02_hypno_30s.txt"));
  assert.deepEqual(counts(letters), { W: 36, N1: 9, N2: 31, N3: 22 });
});

const from = (annotations: Annotation[], epochSeconds = 30): Hypnogram =>
  hypnogramFromAnnotations(annotations, { source: "x.edf", start: new Date(0), epochSeconds });

test("annotations: another first epoch, gaps, AASM names, other texts, other epochs", () => {
  const night = from([
    { onset: 150, duration: 30, text: "Sleep stage R" },
    { onset: 60, duration: 60, text: "Sleep stage N2" },
    { onset: 61, duration: null, text: "Lights off" },
  ]);
  assert.deepEqual(night.stages, ["N2", "N2", "?", "REM"]);
  assert.equal(night.start?.getTime(), 60000);
  assert.deepEqual(from([{ onset: 0, duration: 40, text: "Sleep stage 4" }], 20).stages, ["N3", "N3"]);
});

test("annotations that are no hypnogram", () => {
  const stage = (onset: number, duration: number | null, text = "Sleep stage 2"): Annotation => ({
    onset,
    duration,
    text,
  });
  throwsProblem(() => from([]), { what: /no sleep stages/, file: "x.edf" });
  throwsProblem(() => from([stage(0, 30, "Sleep stage 5")]), { what: /unknown stage/, place: /Sleep stage 5/ });
  throwsProblem(() => from([stage(0, 45)]), { what: /whole epochs/, expected: "multiples of 30 s" });
  throwsProblem(() => from([stage(0, null)]), { what: /whole epochs/, found: /no s/ });
  throwsProblem(() => from([stage(0, 30), stage(40, 30)]), { what: /whole epochs/, found: /40 s after/ });
  throwsProblem(() => from([stage(0, 3e12)]), { what: /longer than any recording/, found: "100000000000 epochs" });
  throwsProblem(() => from([stage(0, 90), stage(30, 30)]), { what: /overlap/, expected: "90 s or later" });
});

test("the scoring by Rechtschaffen and Kales is kept where it was one: S3 and S4, six classes", () => {
  const night = readEdfHypnogram(join(sample, "sleep-edf", "SC4001EC-Hypnogram.edf"));
  const found: Record<string, number> = {};
  for (const stage of night.rkStages!) found[stage] = (found[stage] ?? 0) + 1;
  // As MNE 1.13.2 counts the annotations' durations; 220 epochs of N3, as above.
  assert.deepEqual(found, { W: 1997, S1: 58, S2: 250, S3: 101, S4: 119, REM: 125, "?": 230 });
  const count = (classes: Int32Array): number[] =>
    [-1, 0, 1, 2, 3, 4, 5].map((wanted) => classes.filter((value) => value === wanted).length);
  assert.deepEqual(count(sixClasses(night)), [230, 1997, 58, 250, 101, 119, 125]);
  assert.deepEqual(count(fiveClasses(night)), [230, 1997, 58, 250, 220, 125, 0]);
  assert.deepEqual(
    RK_SLEEP_STAGES.map((stage) => SIX_CLASSES[stage]),
    [0, 1, 2, 3, 4, 5],
  );
  assert.deepEqual(
    SLEEP_STAGES.map((stage) => FIVE_CLASSES[stage]),
    [0, 1, 2, 3, 4],
  );
});

test("a night by the AASM manual has no S3 and S4 to tell apart", () => {
  const night = from([
    { onset: 0, duration: 30, text: "Sleep stage N3" },
    { onset: 30, duration: 30, text: "Sleep stage 4" },
    { onset: 60, duration: 30, text: "Movement time" },
  ]);
  assert.deepEqual([night.stages, night.rkStages], [["N3", "N3", "M"], undefined]);
  assert.deepEqual(Array.from(fiveClasses(night)), [3, 3, -1]);
  throwsProblem(() => sixClasses(night), { file: "x.edf", what: /without S3 and S4/, fix: /five/ });
});

test("part of a night: both lists, and the clock of its first epoch", () => {
  const night = from([
    { onset: 0, duration: 60, text: "Sleep stage W" },
    { onset: 60, duration: 30, text: "Sleep stage 3" },
    { onset: 90, duration: 60, text: "Sleep stage 4" },
  ]);
  const part = hypnogramPart(night, 1, 4);
  assert.deepEqual(
    [part.stages, part.rkStages],
    [
      ["W", "N3", "N3"],
      ["W", "S3", "S4"],
    ],
  );
  assert.equal(part.start?.getTime(), 30_000);
  assert.deepEqual(Array.from(sixClasses(part)), [0, 3, 4]);
  throwsProblem(() => hypnogramPart(night, 3, 6), { file: "x.edf", found: "3 to 6", expected: "within 0 to 5" });
  // One list cut without the other is noticed, not shifted.
  throwsProblem(() => sixClasses({ ...night, stages: night.stages.slice(1) }), { what: /differ/, place: "epoch 2" });
});

test("lists and texts that cannot be read", (t) => {
  const json = (content: string): (() => unknown) => {
    const file = scratchFile(t, "n.json", content);
    return () => readDreemHypnogram(file);
  };
  throwsProblem(json("[0, 1, 5]"), { place: "epoch 3", found: "5", expected: /4 REM/ });
  throwsProblem(json("[0, 1.5]"), { place: "epoch 2", found: "1.5" });
  throwsProblem(json('["W"]'), { place: "epoch 1", found: '"W"' });
  throwsProblem(json("[0, [1]]"), { place: "epoch 2", found: "a list or an object" });
  throwsProblem(json("{}"), { what: /not a list/ });
  throwsProblem(json("[]"), { what: /not a list/ });
  throwsProblem(json("[0,"), { what: /not JSON/ });
  const text = (content: string): (() => unknown) => {
    const file = scratchFile(t, "n.txt", content);
    return () => readTextHypnogram(file);
  };
  throwsProblem(text("W\nN4x\n"), { place: "line 2", found: '"N4x"' });
  throwsProblem(text("# comment\nW\n2\n"), { place: "line 3", found: '"2"' });
  throwsProblem(text("0\n7\n"), { place: "line 2", found: '"7"' });
  throwsProblem(text("W\n\nW\n"), { place: "line 2", found: '""' });
  throwsProblem(text("# nothing\n"), { what: /no stages/ });
});
