import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { SYSTEM_000_CUTMIX, SYSTEM_000_INTENDED } from "../../lib/augmentation";
import { Generator } from "../../lib/core/random";
import { MAIC_STAGES, type MaicEntry, readMaicImage } from "../../lib/formats";
import { encodePng, IMAGENET_SCALE, normalisePixels, resize } from "../../lib/preprocessing";
import { anyExample, imageAugmentation, signalAugmentation } from "../../lib/training/augment";
import { cacheStats } from "../../lib/training/cache";
import { type Batch, type Dataset, type Example, memoryDataset } from "../../lib/training/dataset";
import { type ImageSourceOptions, maicSource } from "../../lib/training/image-source";
import { memoryLoader } from "../../lib/training/loader";
import { type WorkerLoaderOptions, workerLoader } from "../../lib/training/worker-loader";
import { goldenFolder } from "../support/golden";
import { rejectsProblem, scratchFolder, throwsProblem } from "../support/problems";

/** A MAIC folder of traces that are random walks, with one of the golden pictures at the front. */
async function maicFolder(t: TestContext, golden = "grey.png"): Promise<{ root: string; entries: MaicEntry[] }> {
  const root = scratchFolder(t);
  const random = new Generator(3);
  const entries: MaicEntry[] = [];
  for (let i = 0; i < 8; i++) {
    const exam = i < 4 ? "A1" : "B2";
    const image = `${exam}_000${i}.png`;
    mkdirSync(join(root, exam), { recursive: true });
    const pixels = new Uint8Array(480 * 270);
    for (let x = 0, y = 135; x < 480; x++, y = Math.min(269, Math.max(0, y + random.below(11) - 5)))
      pixels[y * 480 + x] = 128 + random.below(128);
    const bytes =
      i === 0
        ? readFileSync(join(goldenFolder, "formats", golden))
        : await encodePng({ width: 480, height: 270, channels: 1, pixels });
    writeFileSync(join(root, exam, image), bytes);
    entries.push({ line: i + 1, exam, image, stage: MAIC_STAGES[i % 5]! });
  }
  return { root, entries };
}

const plans = [
  { indices: Int32Array.of(0, 2, 5), seed: 1 },
  { indices: Int32Array.of(7, 3, 6), seed: 2 },
  { indices: Int32Array.of(4, 2, 0), seed: 3 },
];

async function read(
  root: string,
  entries: readonly MaicEntry[],
  options: ImageSourceOptions & WorkerLoaderOptions,
  some = plans,
): Promise<{ batches: { ids: string[]; input: Float32Array; target: Float32Array }[]; skipped: readonly object[] }> {
  const loader = workerLoader(maicSource(root, entries, options), options);
  const batches = [];
  try {
    for await (const { ids, input, target } of loader.batches(some))
      batches.push({ ids, input: input.slice(), target: target.slice() });
  } finally {
    await loader.close();
  }
  return { batches, skipped: loader.stats.skipped };
}

/** The same images by the project's other functions, all in memory: decoded by sharp, resized in grey, three equal channels. */
async function inMemory(root: string, entries: readonly MaicEntry[], side: number): Promise<Dataset> {
  const examples = await Promise.all(
    entries.map(async ({ exam, image, stage }): Promise<Example> => {
      const grey = resize(await readMaicImage(join(root, exam, image)), {
        width: side,
        height: side,
        method: "opencv-linear",
      });
      const rgb = Uint8Array.from({ length: 3 * side * side }, (_, i) => grey.pixels[Math.floor(i / 3)]!);
      const target = Float32Array.from(MAIC_STAGES, (name) => (name === stage ? 1 : 0));
      return {
        id: `${exam}/${image}`,
        input: normalisePixels(rgb, IMAGENET_SCALE),
        extras: {},
        target,
        group: exam,
        weight: 1,
      };
    }),
  );
  return memoryDataset("in memory", MAIC_STAGES, [side, side, 3], examples);
}

test("images from threads are those of the functions that decode, resize, normalise and augment, value for value", async (t) => {
  const { root, entries } = await maicFolder(t);
  const side = 64;
  const dataset = await inMemory(root, entries, side);
  const augmentations = [
    [null, undefined],
    ["system 000, intended", SYSTEM_000_INTENDED],
    ["system 000, CutMix", { ...SYSTEM_000_INTENDED, mix: SYSTEM_000_CUTMIX }],
  ] as const;
  for (const [augmentation, steps] of augmentations) {
    const augment = steps && imageAugmentation(steps, anyExample(dataset));
    const expected: Batch[] = [];
    for await (const batch of memoryLoader(dataset, augment).batches(plans)) expected.push(batch);
    for (const workers of [0, 2]) {
      const { batches } = await read(root, entries, { height: side, width: side, augmentation, workers });
      batches.forEach(({ ids, input, target }, b) => {
        assert.deepEqual(ids, expected[b]!.ids);
        assert.deepEqual(target, expected[b]!.target);
        assert.deepEqual(input, expected[b]!.input);
      });
    }
  }
});

test("a picture in colour keeps its colours", async (t) => {
  const { root, entries } = await maicFolder(t, "rgb.png");
  const { batches } = await read(root, entries, { workers: 0 }, [{ indices: Int32Array.of(0), seed: 1 }]);
  const { input } = batches[0]!;
  const [red, green] = IMAGENET_SCALE.mean.map((mean, c) =>
    input.filter((_, i) => i % 3 === c).map((value) => value * IMAGENET_SCALE.deviation[c]! + mean),
  ) as [Float32Array, Float32Array];
  assert.ok(red.some((value, i) => Math.abs(value - green[i]!) > 0.1));
});

test("a damaged file in the middle: fatal, naming file and example; or replaced, the same of any number of threads", async (t) => {
  const { root, entries } = await maicFolder(t);
  const broken = join(root, "B2", "B2_0005.png");
  writeFileSync(broken, readFileSync(broken).subarray(0, 700));
  await rejectsProblem(read(root, entries, { workers: 2 }), {
    place: "batch 1 (3 examples)",
    what: new RegExp(`example B2/B2_0005.png: .*${broken}.*cannot be decoded`),
  });
  const [one, two] = await Promise.all(
    [1, 2].map((workers) => read(root, entries, { workers, onBadExample: "skip", height: 32, width: 32 })),
  );
  assert.deepEqual(one, two);
  assert.ok(one!.skipped.length >= 1);
  assert.equal(one!.batches[0]!.ids.length, 3);
});

test("cached images are those read anew, in threads that share a folder", async (t) => {
  const { root, entries } = await maicFolder(t);
  const cache = { folder: join(scratchFolder(t), "cache") };
  const options = { height: 48, width: 40, augmentation: "system 000, intended" } as const;
  const { batches } = await read(root, entries, { ...options, workers: 0 });
  const source = maicSource(root, entries, { ...options, cache });
  const setup = source.shared.cache!;
  for (const [workers, least] of [
    [2, 0],
    [0, 9],
  ] as const) {
    const loader = workerLoader(source, { workers });
    const before = cacheStats(setup).hits;
    let b = 0;
    for await (const { input } of loader.batches(plans)) assert.deepEqual(input, batches[b++]!.input);
    await loader.close();
    assert.ok(cacheStats(setup).hits >= before + least);
  }
  assert.equal(cacheStats(setup).off, false);
});

test("sources and augmentations of other shapes are refused", async (t) => {
  const { root, entries } = await maicFolder(t);
  throwsProblem(() => maicSource(root, [{ ...entries[0]!, stage: null }]), { place: "line 1, A1/A1_0000.png" });
  throwsProblem(() => maicSource(root, []), { what: /without examples/ });
  const example = {
    id: "a",
    input: new Float32Array(4),
    extras: {},
    target: Float32Array.of(1),
    group: "a",
    weight: 1,
  };
  const augment = imageAugmentation(SYSTEM_000_INTENDED, () => example);
  throwsProblem(() => augment(example, [2, 2], new Generator(1)), { what: /no images/, found: "[2, 2]" });
  throwsProblem(() => signalAugmentation([])(example, [4], new Generator(1)), { what: /no signals/ });
  assert.deepEqual(signalAugmentation([])(example, [2, 2], new Generator(1)), example);
});
