import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import sharp from "sharp";
import { projectRoot } from "../../lib/core/files";
import { type Hypnogram, listMaicExam, readEdf, readMaicImage, readMaicList, type SleepStage } from "../../lib/formats";
import { drawPsgEpoch, type PsgTraces, psgTraces, writePsgExam, writePsgList } from "../../lib/preprocessing";
import { scratchFolder, throwsProblem } from "../support/problems";

const prepared: PsgTraces = psgTraces(readEdf(join(projectRoot, "data", "sample", "psg", "subject1.edf")));

const night = (seconds: number, ...stages: SleepStage[]): Hypnogram => ({
  source: "h.edf",
  start: new Date(prepared.start!.getTime() + 1000 * seconds),
  epochSeconds: 30,
  stages,
});

const digests = (folder: string): string[] =>
  readdirSync(folder).map((name) =>
    createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex"),
  );

/** The pixels of a PNG that is grey, 480x270, 8 bits. */
async function greyPixels(path: string): Promise<Uint8Array> {
  const { width, height, channels, depth } = await sharp(path).metadata();
  assert.deepEqual([width, height, channels, depth], [480, 270, 1, "uchar"]);
  return new Uint8Array(await sharp(path).extractChannel(0).raw().toBuffer());
}

test("an exam's folder: names in order, grey PNGs of the drawn pixels, the same from any number of threads", async (t) => {
  const root = scratchFolder(t);
  const one = await writePsgExam(root, prepared, { exam: "A2019-NX-01-1451", workers: 1 });
  const images = [1, 2, 3, 4].map((i) => `A2019-NX-01-1451_000${i}.png`);
  assert.deepEqual(one.images, images);
  assert.deepEqual([one.folder, one.labels, one.unlabelled, one.blank], [join(root, one.exam), [], 4, []]);
  assert.deepEqual(readdirSync(root), ["A2019-NX-01-1451"]);
  assert.deepEqual(readdirSync(one.folder), images);
  assert.deepEqual(await greyPixels(join(one.folder, images[2]!)), drawPsgEpoch(prepared, 60).pixels);
  const three = await writePsgExam(join(root, "again"), prepared, { workers: 3 });
  assert.equal(three.exam, "subject1");
  assert.deepEqual(digests(three.folder), digests(one.folder));
});

test("the hypnogram's grid is the images'; labels under the challenge's names", async (t) => {
  const root = scratchFolder(t);
  // Scored from 45 s before the recording: epochs of the grid begin at 15, 45 and 75 s of its 120 s.
  const hypnogram = night(-45, "N1", "N1", "W", "M", "REM", "N2");
  const { images, labels, unlabelled, folder } = await writePsgExam(root, prepared, { exam: "x", hypnogram });
  assert.deepEqual(images, ["x_0001.png", "x_0002.png", "x_0003.png"]);
  assert.deepEqual(labels, [
    { image: "x_0001.png", label: "Wake" },
    { image: "x_0003.png", label: "REM" },
  ]);
  assert.equal(unlabelled, 1);
  assert.deepEqual(await greyPixels(join(folder, images[1]!)), drawPsgEpoch(prepared, 45).pixels);
  // Scored from the second epoch on: the first image has no label.
  const late = await writePsgExam(root, prepared, { exam: "late", hypnogram: night(30, "N2", "N3") });
  assert.deepEqual(late.labels, [
    { image: "late_0002.png", label: "N2" },
    { image: "late_0003.png", label: "N3" },
  ]);
  assert.equal(late.unlabelled, 2);
});

test("exams and their list are read back by the challenge's readers", async (t) => {
  const root = scratchFolder(t);
  const hypnogram = night(0, "W", "?", "N3", "REM");
  const exams = [];
  for (const exam of ["A-1", "A-2"]) exams.push(await writePsgExam(root, prepared, { exam, hypnogram, workers: 1 }));
  const list = join(root, "trainset-for_user.csv");
  writePsgList(list, exams);
  const entries = readMaicList(list);
  assert.deepEqual(
    entries.map(({ exam, image, stage }) => `${exam}/${image} ${stage}`),
    ["A-1", "A-2"].flatMap((exam) =>
      ["0001.png Wake", "0003.png N3", "0004.png REM"].map((rest) => `${exam}/${exam}_${rest}`),
    ),
  );
  const images = listMaicExam(exams[1]!.folder);
  assert.deepEqual(
    images.map(({ number }) => number),
    [1, 2, 3, 4],
  );
  assert.deepEqual((await readMaicImage(images[3]!.path)).pixels, drawPsgEpoch(prepared, 90).pixels);
  throwsProblem(() => writePsgList(list, [{ exam: "x", labels: [] }]), { what: /no scored image/, file: list });
});

test("what cannot be written is refused, and leaves nothing behind", async (t) => {
  const root = scratchFolder(t);
  mkdirSync(join(root, "there"));
  const refused = (options: Parameters<typeof writePsgExam>[2], message: RegExp, from = prepared) =>
    assert.rejects(writePsgExam(root, from, options), message);
  await refused({ exam: "there" }, /there already/);
  await refused({ exam: "../x" }, /names no folder/);
  await refused({ exam: "x", hypnogram: { ...night(0, "W"), epochSeconds: 20 } }, /found 20 s; expected 30 s/);
  await refused({ exam: "x", hypnogram: night(3600, "W") }, /scores no part/);
  await refused({ exam: "x", hypnogram: { ...night(0, "W"), start: null } }, /no start time/);
  await refused({ exam: "x" }, /no exam; found 0 whole epochs/, { ...prepared, duration: 29 });
  // A recording that says it is longer than its signals: the fifth epoch fails, and is named.
  await refused({ exam: "x" }, /x_0005\.png: .*outside the recording/, { ...prepared, duration: 180 });
  assert.deepEqual(readdirSync(root), ["there"]);
});

test("an epoch without any sample is an image of nothing, and said so", async (t) => {
  const gap = {
    ...prepared,
    traces: prepared.traces.map((trace) => trace && { ...trace, samples: trace.samples.slice() }),
  };
  for (const trace of gap.traces) trace?.samples.fill(Number.NaN, 60 * trace.sampleRate, 90 * trace.sampleRate);
  const { blank } = await writePsgExam(scratchFolder(t), gap, { exam: "gap", workers: 1 });
  assert.deepEqual(blank, ["gap_0003.png"]);
});
