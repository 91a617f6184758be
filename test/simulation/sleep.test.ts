import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import {
  listBeetl,
  listMaicExam,
  RK_SLEEP_STAGES,
  readBeetlNight,
  readMaicImage,
  readMaicList,
} from "../../lib/formats";
import { welch } from "../../lib/preprocessing";
import { BEETL_SETS, simulateBeetl, simulateBeetlNight } from "../../lib/simulation/beetl";
import { TRUTH_FILE } from "../../lib/simulation/files";
import { simulateMaic } from "../../lib/simulation/maic";
import { sampleStageStatistics } from "../../lib/simulation/sample";
import { drawSleeper } from "../../lib/simulation/sleeper";
import { drawExcerpt, drawNight, stageStatistics } from "../../lib/simulation/stages";
import { rejectsProblem, scratchFolder, throwsProblem } from "../support/problems";

const statistics = sampleStageStatistics();

test("stages follow each other as in the scored nights, later in life with less deep sleep and more wake", () => {
  assert.equal(statistics.nights, 12);
  for (const part of statistics.parts)
    for (const row of part) assert.ok(Math.abs(row.reduce((sum, share) => sum + share, 0) - 1) < 1e-12);
  const count = (age: number): Map<string, number> => {
    const counts = new Map<string, number>(RK_SLEEP_STAGES.map((stage) => [stage, 0]));
    for (let seed = 0; seed < 20; seed++)
      for (const stage of drawNight(statistics, { epochs: 900, age }, new Generator(seed)))
        counts.set(stage, counts.get(stage)! + 1);
    return counts;
  };
  const [young, old] = [count(28), count(85)];
  assert.ok(old.get("S4")! < 0.5 * young.get("S4")!);
  assert.ok(old.get("W")! > 1.3 * young.get("W")!);
  // The same rows come back from what was drawn, within what chance allows.
  const nights = Array.from({ length: 40 }, (_, seed) => drawNight(statistics, { epochs: 900 }, new Generator(seed)));
  const drawn = stageStatistics(
    nights.map((rkStages) => ({ source: "drawn", start: null, epochSeconds: 30, stages: [], rkStages })),
  );
  statistics.parts.forEach((part, p) => {
    for (const stage of [0, 2, 5]) {
      const [asked, got] = [part[stage]![stage]!, drawn.parts[p]![stage]![stage]!];
      assert.ok(Math.abs(asked - got) < 0.06, `part ${p}, ${RK_SLEEP_STAGES[stage]}: ${asked} and ${got}`);
    }
  });
});

test("short recordings come from anywhere in a night: all stages in the shares that whole nights have them", () => {
  const shares = (nights: readonly (readonly string[])[]): number[] =>
    RK_SLEEP_STAGES.map((stage) => {
      const all = nights.flat();
      return all.filter((one) => one === stage).length / all.length;
    });
  const seeds = Array.from({ length: 300 }, (_, seed) => seed);
  const whole = shares(seeds.map((seed) => drawNight(statistics, { epochs: 731 }, new Generator(seed))));
  const excerpts = seeds.map((seed) => drawExcerpt(statistics, { epochs: 40 }, new Generator(seed)));
  shares(excerpts).forEach((share, k) => {
    assert.ok(Math.abs(share - whole[k]!) < 0.05, `${RK_SLEEP_STAGES[k]}: ${share} and ${whole[k]}`);
  });
  assert.ok(excerpts.every(({ length }) => length === 40));
  assert.ok(excerpts.some(([first]) => first !== "W"));
  // Nothing is cut where a whole night or more is asked for.
  assert.deepEqual(
    drawExcerpt(statistics, { epochs: 800 }, new Generator(3)),
    drawNight(statistics, { epochs: 800 }, new Generator(3)),
  );
});

test("a hypnogram without S3 and S4 apart is refused, as are none", () => {
  throwsProblem(() => stageStatistics([]), { expected: /one or more/ });
  throwsProblem(() => stageStatistics([{ source: "x", start: null, epochSeconds: 30, stages: ["W"] }]), { file: "x" });
});

test("each stage's EEG has the bands it is scored by", () => {
  const random = new Generator(11);
  const sleeper = { ...drawSleeper(27, random), alpha: 1, gain: 1, slowWaves: 1, spindles: 1 };
  const { stages, windows } = simulateBeetlNight(sleeper, 700, statistics, random);
  const band = (stage: string, channel: number, low: number, high: number): number => {
    const powers = stages.flatMap((scored, i) => {
      if (scored !== stage) return [];
      const from = (2 * i + channel) * 3000;
      const { frequencies, power } = welch(windows.subarray(from, from + 3000), 100, { segment: 400 });
      return [
        power.reduce((sum, value, k) => (frequencies[k]! >= low && frequencies[k]! < high ? sum + value : sum), 0),
      ];
    });
    assert.ok(powers.length > 5, `${powers.length} windows of ${stage}`);
    return powers.sort((a, b) => a - b)[powers.length >> 1]!;
  };
  const [frontal, parietal] = [0, 1];
  assert.ok(band("W", parietal, 8, 12) > 3 * band("S2", parietal, 8, 12), "alpha awake");
  assert.ok(band("S4", frontal, 0.5, 2) > 8 * band("S2", frontal, 0.5, 2), "slow waves in S4");
  assert.ok(band("S4", frontal, 0.5, 2) > 1.5 * band("S3", frontal, 0.5, 2), "more of them than in S3");
  assert.ok(band("S2", frontal, 12, 15) > 1.5 * band("REM", frontal, 12, 15), "spindles in S2");
});

test("a BEETL folder: every set, read back; unlabelled where the competition kept the labels; the same for a seed", (t) => {
  const folders = [scratchFolder(t), scratchFolder(t)];
  const options = { subjects: 2, epochs: 12, seed: 7, statistics };
  for (const folder of folders)
    assert.deepEqual(simulateBeetl(folder, options), { nights: 2 * (2 + 4), windows: 2 * (2 + 4) * 12 });
  const files = listBeetl(folders[0]!);
  assert.deepEqual(
    files.map(({ set, subject, night }) => `${set} ${subject} ${night}`),
    ["training 0 1", "training 0 2", "training 1 1", "training 1 2"],
  );
  const night = readBeetlNight(files[0]!);
  assert.equal(night.length, 12);
  assert.equal(night.stages!.length, 12);
  const truth = JSON.parse(readFileSync(join(folders[0]!, TRUTH_FILE), "utf8")) as Record<string, number[]>;
  for (const { folder, prefix, labelled } of BEETL_SETS.slice(1)) {
    const [first] = listBeetl(join(folders[0]!, folder)).filter(({ set }) => set === prefix);
    assert.equal(first!.labels !== null, labelled);
    if (!labelled) assert.equal(truth[`${folder}/${prefix}_s${first!.subject}r1`]!.length, 12);
  }
  const bytes = (folder: string): Buffer => readFileSync(join(folder, "testing", "testing_s1r2X.npy"));
  assert.deepEqual(bytes(folders[0]!), bytes(folders[1]!));
  throwsProblem(() => simulateBeetl(folders[0]!, options), { file: folders[0]!, expected: /empty/ });
});

test("a MAIC folder: images, both lists, and the stages of the test exams kept apart", async (t) => {
  const folder = scratchFolder(t);
  const options = { subjects: 1, epochs: 4, seed: 3, statistics, workers: 1 };
  assert.deepEqual(await simulateMaic(folder, options), { exams: 2, images: 8 });
  const train = readMaicList(join(folder, "trainset-for_user.csv"));
  const toLabel = readMaicList(join(folder, "testset-for_user.csv"));
  assert.equal(train.length, 4);
  assert.equal(toLabel.length, 4);
  const truth = JSON.parse(readFileSync(join(folder, TRUTH_FILE), "utf8")) as Record<string, string[]>;
  assert.equal(truth[toLabel[0]!.exam]!.length, 4);
  const [image] = listMaicExam(join(folder, train[0]!.exam));
  const { width, height, pixels } = await readMaicImage(image!.path);
  assert.deepEqual([width, height], [480, 270]);
  assert.ok(
    pixels.some((value) => value > 200),
    "traces are drawn",
  );
  await rejectsProblem(simulateMaic(scratchFolder(t), { ...options, subjects: 0 }), { found: "0" });
});
