import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import {
  listMaicExam,
  MAIC_STAGES,
  maicExams,
  readMaicImage,
  readMaicList,
  writeMaicSubmission,
} from "../../lib/formats";
import { readMaicSubmission } from "../../lib/formats/maic";
import { decodeGreyPng, readPngHeader } from "../../lib/formats/png";
import { fuzzReader } from "../support/fuzz";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { rejectsProblem, scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const path = (name: string): string => join(goldenFolder, "formats", name);
const golden = readGolden<{
  grey: GoldenArray;
  grey_of_palette_by_pillow_L: { crc32: number };
  grey_of_rgb_by_pillow_L: { crc32: number; sample_at_210_350: number };
  files: Record<string, { shape: number[]; crc32_of_decoded_bytes_row_major: number; row_sums: number[] }>;
  strips: { rows_75_95_crc32: number; rows_32_106_crc32: number };
  label_list: [string, string, string][];
}>("formats/png");

test("grey images, byte for byte, however they are stored", async () => {
  const { pixels } = await readMaicImage(path("grey.png"));
  assert.deepEqual(pixels, golden.grey.data);
  assert.equal(crc32(pixels), golden.files["grey.png"]!.crc32_of_decoded_bytes_row_major);
  // The strips that system 001 cuts out.
  assert.equal(crc32(pixels.subarray(75 * 480, 96 * 480)), golden.strips.rows_75_95_crc32);
  assert.equal(crc32(pixels.subarray(32 * 480, 107 * 480)), golden.strips.rows_32_106_crc32);
  for (const name of ["bilevel.png", "uncompressed.png"]) {
    const image = await decodeGreyPng(readFileSync(path(name)), name);
    const { shape, row_sums: sums, crc32_of_decoded_bytes_row_major: crc } = golden.files[name]!;
    assert.deepEqual([image.height, image.width], shape);
    assert.equal(crc32(image.pixels), crc, name);
    const rows = sums.map((_, y) => image.pixels.subarray(y * image.width, (y + 1) * image.width));
    assert.deepEqual(
      rows.map((row) => row.reduce((sum, value) => sum + value, 0)),
      sums,
    );
  }
});

test("colours as Pillow makes them grey; transparency left out", async () => {
  const { crc32: expected, sample_at_210_350: sample } = golden.grey_of_rgb_by_pillow_L;
  const rgb = await readMaicImage(path("rgb.png"));
  assert.equal(crc32(rgb.pixels), expected);
  assert.equal(rgb.pixels[210 * 480 + 350], sample);
  const rgba = await readMaicImage(path("rgba.png"));
  assert.deepEqual(rgba.pixels, rgb.pixels);
  assert.deepEqual(readPngHeader(readFileSync(path("palette.png")), "p"), {
    width: 480,
    height: 270,
    depth: 4,
    kind: "palette",
  });
  const palette = await readMaicImage(path("palette.png"));
  assert.equal(crc32(palette.pixels), golden.grey_of_palette_by_pillow_L.crc32);
});

test("images that are refused", async (t) => {
  await rejectsProblem(readMaicImage(path("uncompressed.png")), { found: "60 x 40", expected: "480 x 270" });
  await rejectsProblem(readMaicImage(path("grey16.png")), { found: "16 bits" });
  await rejectsProblem(readMaicImage(path("testset-for_user.csv")), { what: /no PNG image/ });
  await rejectsProblem(readMaicImage(path("none.png")), { found: "nothing there" });
  const bytes = readFileSync(path("grey.png"));
  await rejectsProblem(readMaicImage(scratchFile(t, "a.png", bytes.subarray(0, 5000))), { what: /cannot be decoded/ });
  const huge = Buffer.from(bytes);
  huge.writeUInt32BE(0x7fffffff, 16);
  await rejectsProblem(readMaicImage(scratchFile(t, "a.png", huge)), { what: /header that is damaged/ });
});

test("lists, with stages and without", () => {
  const train = readMaicList(path("trainset-for_user.csv"));
  assert.deepEqual(
    train.map(({ exam, image, stage }) => [exam, image, stage]),
    golden.label_list,
  );
  const given = readMaicList(path("testset-for_user.csv"));
  assert.deepEqual(
    given.map(({ image, stage }) => [image, stage]),
    golden.label_list.map(([, image]) => [image, null]),
  );
  assert.deepEqual(
    [...maicExams(train)].map(([exam, images]) => [exam, images.length]),
    [["A2019-NX-01-1860", 12]],
  );
});

test("lists that are wrong are told by line", (t) => {
  const reading = (text: string): (() => unknown) => {
    const file = scratchFile(t, "list.csv", text);
    return () => readMaicList(file);
  };
  throwsProblem(reading("a,a_1.png,N4\n"), { place: "line 1", found: '"N4"' });
  throwsProblem(reading("a,a_1.png,N1\na,a_2.png\n"), { place: "line 2", found: "2" });
  throwsProblem(reading("a\n"), { found: "1" });
  throwsProblem(reading("a,a_1.png\na,a_1.png\n"), { place: "line 2", what: /listed twice/ });
  throwsProblem(reading("../x,a_1.png\n"), { what: /names no folder/ });
  throwsProblem(reading("a,../a_1.png\n"), { what: /no image's name/ });
  throwsProblem(reading("a,a_1.jpg\n"), { what: /no image's name/ });
  throwsProblem(reading("exam,image,label\n"), { place: "line 1", what: /no image's name/ });
  throwsProblem(reading(""), { what: /empty list/ });
});

test("an exam's folder, in the order of time", (t) => {
  const folder = join(scratchFolder(t), "A1-x");
  mkdirSync(folder);
  for (const number of ["0010", "0009", "1000"]) copyFileSync(path("grey.png"), join(folder, `A1-x_${number}.png`));
  writeFileSync(join(folder, "notes.txt"), "");
  assert.deepEqual(
    listMaicExam(folder).map(({ image, number }) => [image, number]),
    [
      ["A1-x_0009.png", 9],
      ["A1-x_0010.png", 10],
      ["A1-x_1000.png", 1000],
    ],
  );
  writeFileSync(join(folder, "A1-x_9.png"), "");
  throwsProblem(() => listMaicExam(folder), { what: /two images of one epoch/ });
  writeFileSync(join(folder, "B_0001.png"), "");
  throwsProblem(() => listMaicExam(folder), { what: /named unlike its exam/, found: '"B_0001.png"' });
  throwsProblem(() => listMaicExam(scratchFolder(t)), { what: /without images/ });
});

test("a submission is what the list and the predictions say", (t) => {
  const file = join(scratchFolder(t), "files.csv");
  const entries = readMaicList(path("testset-for_user.csv"));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 12, maxLength: 12 }), (predicted) => {
      writeMaicSubmission(file, entries, predicted);
      assert.equal(readFileSync(file, "utf8"), predicted.map((stage) => `${MAIC_STAGES[stage]}\n`).join(""));
      assert.deepEqual(
        readMaicSubmission(file, 12),
        predicted.map((stage) => MAIC_STAGES[stage]),
      );
    }),
    { seed: 3, numRuns: 20 },
  );
  throwsProblem(() => writeMaicSubmission(file, entries, [0]), { found: "1 predictions" });
  throwsProblem(() => readMaicSubmission(file, 13), { found: "12 lines", expected: /^13,/ });
  const five = new Array<number>(12).fill(0);
  five[3] = 5;
  throwsProblem(() => writeMaicSubmission(file, entries, five), { place: /_0006\.png$/, found: "5" });
});

test("a submission with a byte-order mark, as system 001 wrote it, is read like one without", (t) => {
  const file = join(scratchFolder(t), "files.csv");
  const entries = readMaicList(path("testset-for_user.csv")).slice(0, 2);
  writeMaicSubmission(file, entries, [4, 1], { byteOrderMark: true });
  assert.deepEqual([...readFileSync(file)], [0xef, 0xbb, 0xbf, ...Buffer.from("REM\nN1\n")]);
  assert.deepEqual(readMaicSubmission(file, 2), ["REM", "N1"]);
});

test("fuzz: damaged images and lists are read or refused", async () => {
  const images = await fuzzReader({
    name: "png",
    extension: ".png",
    seeds: ["grey.png", "rgb.png", "palette.png", "uncompressed.png"].map((name) => readFileSync(path(name))),
    rounds: 300,
    read: (file) => decodeGreyPng(readFileSync(file), file),
  });
  assert.ok(images.refused > 100, JSON.stringify(images));
  const lists = await fuzzReader({
    name: "maic-list",
    extension: ".csv",
    seeds: ["trainset-for_user.csv", "testset-for_user.csv"].map((name) => readFileSync(path(name))),
    rounds: 1000,
    read: readMaicList,
  });
  assert.ok(lists.refused > 200 && lists.read > 20, JSON.stringify(lists));
});
