import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import {
  EdfFile,
  type Hypnogram,
  RK_TO_AASM,
  type RkStage,
  readCsvHypnogram,
  readDreemHypnogram,
  readEdfHypnogram,
  type SleepStage,
  writeHypnogramCsv,
  writeHypnogramEdf,
} from "../../lib/formats";
import { scratchFolder, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const sleepEdf = join(sample, "sleep-edf", "SC4001EC-Hypnogram.edf");

test("a night written as CSV is read again the same", (t) => {
  const path = join(scratchFolder(t), "n.csv");
  const nights = [
    readEdfHypnogram(sleepEdf),
    readDreemHypnogram(join(sample, "dod-o", "scorer_1", "039ce8ad-a7fa-5272-a3e3-1f4bfebdd087.json")),
  ];
  for (const night of nights) {
    writeHypnogramCsv(path, night);
    const { stages, rkStages } = readCsvHypnogram(path);
    assert.deepEqual({ stages, rkStages }, { stages: night.stages, rkStages: night.rkStages });
  }
  assert.match(readFileSync(path, "utf8"), /^onset,duration,stage\n0,30,W\n30,30,W\n/);
});

test("a Sleep-EDF night written as EDF+ has the annotations and the start it was read from", (t) => {
  const path = join(scratchFolder(t), "n.edf");
  const night = readEdfHypnogram(sleepEdf);
  writeHypnogramEdf(path, night, { patient: "X F X Female_33yr" });
  assert.deepEqual(readEdfHypnogram(path), { ...night, source: path });
  const [original, written] = [new EdfFile(sleepEdf), new EdfFile(path)];
  t.after(() => {
    original.close();
    written.close();
  });
  assert.deepEqual(written.annotations, original.annotations);
  assert.equal(written.header.patient, "X F X Female_33yr");
});

test("any hypnogram written as CSV or EDF+ is read again the same", (t) => {
  const folder = scratchFolder(t);
  const rk = fc
    .constantFrom(...(Object.keys(RK_TO_AASM) as RkStage[]))
    .map((stage) => [RK_TO_AASM[stage], stage] as const);
  const aasm = fc.constantFrom<SleepStage[]>("W", "N1", "N2", "N3", "REM", "?", "M");
  const stages = fc.oneof(
    fc.array(rk, { minLength: 1, maxLength: 60 }).map((pairs) => ({
      stages: pairs.map(([stage]) => stage),
      rkStages: pairs.map(([, stage]) => stage),
    })),
    // An epoch of N1 at the end: a night that could not be R&K's.
    fc.array(aasm, { maxLength: 60 }).map((list) => ({ stages: [...list, "N1" as const], rkStages: undefined })),
  );
  const epoch = fc.constantFrom(30, 20, 10, 1, 0.5, 4.096);
  const start = fc.option(fc.date({ min: new Date("1985-01-02"), max: new Date("2084-01-01"), noInvalidDate: true }));
  fc.assert(
    fc.property(stages, epoch, start, (given, epochSeconds, clock) => {
      const night: Omit<Hypnogram, "source"> = { ...given, epochSeconds, start: clock };
      writeHypnogramCsv(join(folder, "n.csv"), night);
      const csv = readCsvHypnogram(join(folder, "n.csv"), { epochSeconds });
      assert.deepEqual({ stages: csv.stages, rkStages: csv.rkStages }, given);
      writeHypnogramEdf(join(folder, "n.edf"), night);
      const edf = readEdfHypnogram(join(folder, "n.edf"), epochSeconds);
      assert.deepEqual({ stages: edf.stages, rkStages: edf.rkStages }, given);
      assert.equal(edf.start?.getTime(), clock?.getTime());
    }),
    { seed: 21, numRuns: 150 },
  );
});

test("hypnograms that cannot be written", (t) => {
  const folder = scratchFolder(t);
  const writers = [
    (night: Omit<Hypnogram, "source">) => writeHypnogramCsv(join(folder, "n.csv"), night),
    (night: Omit<Hypnogram, "source">) => writeHypnogramEdf(join(folder, "n.edf"), night),
  ];
  for (const write of writers) {
    throwsProblem(() => write({ start: null, epochSeconds: 30, stages: [] }), { what: /without epochs/ });
    throwsProblem(() => write({ start: null, epochSeconds: 0, stages: ["W"] }), { what: /epoch's length/ });
    throwsProblem(() => write({ start: null, epochSeconds: 30, stages: ["W", "N3"], rkStages: ["W", "S2"] }), {
      what: /differ/,
      place: "epoch 2",
      found: /^S2/,
      expected: /^N3/,
    });
    throwsProblem(() => write({ start: null, epochSeconds: 30, stages: ["W", "N1"], rkStages: ["W"] }), {
      place: "epoch 2",
      found: /^1 epochs/,
      expected: /^2 epochs/,
    });
  }
});
