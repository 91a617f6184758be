import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import type { Batch } from "../../lib/training/dataset";
import type { BatchLoader, BatchPlan } from "../../lib/training/loader";
import { type WorkerLoaderOptions, workerLoader } from "../../lib/training/worker-loader";
import { maxDifference, rejectsProblem, throwsProblem } from "../support/problems";
import { type NoiseSetup, noiseSource } from "./loader-examples";

const plans: BatchPlan[] = Array.from({ length: 9 }, (_, b) => ({
  indices: Int32Array.from({ length: b === 8 ? 2 : 3 }, (_, i) => (5 * b + 2 * i) % 11),
  seed: 1000 + b,
}));

/** All batches, copied: their arrays are written over. */
async function read(loader: BatchLoader, some = plans, signal?: AbortSignal): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of loader.batches(some, signal)) batches.push(copied(batch));
  return batches;
}

function copied({ ids, size, input, extras, target, weight }: Batch): Batch {
  const kept = Object.fromEntries(Object.entries(extras).map(([key, values]) => [key, Float32Array.from(values)]));
  const copy = (values: Float32Array): Float32Array => Float32Array.from(values);
  return { ids, size, input: copy(input), extras: kept, target: copy(target), weight: copy(weight) };
}

async function using<T>(
  shared: NoiseSetup,
  options: WorkerLoaderOptions,
  use: (loader: BatchLoader) => Promise<T>,
): Promise<T> {
  const loader = workerLoader(noiseSource(11, shared), options);
  try {
    return await use(loader);
  } finally {
    await loader.close();
  }
}

test("batches are the same in this process and of 1, 2 and 3 threads, in order, walk after walk", async () => {
  const here = await using({}, { workers: 0 }, read);
  assert.deepEqual(here[0]!.ids, ["n0", "n2", "n4"]);
  assert.deepEqual([...here[0]!.target], [0, 1, 0, 1, 0, 1]);
  assert.deepEqual([...here[0]!.extras.age!], [0, 1, 2]);
  assert.deepEqual([...here[0]!.weight], [1, 3, 5]);
  assert.equal(here[8]!.size, 2);
  assert.ok(maxDifference(here[0]!.input.subarray(6, 12), Array(6).fill(2)) < 4);
  for (const workers of [1, 2, 3]) {
    for (const shared of [{}, { copies: true }]) {
      await using(shared, { workers, prefetch: workers + 1 }, async (loader) => {
        assert.deepEqual(await read(loader), here, `${workers} threads`);
        assert.deepEqual(await read(loader, plans.slice(3)), here.slice(3), "another walk");
        assert.equal(loader.stats.batches, 15);
        assert.ok(loader.stats.workingSeconds > 0);
      });
    }
  }
});

test("a corrupt example ends the walk in its batch, naming it, whatever was made ahead", async () => {
  for (const workers of [0, 2]) {
    const seen: string[][] = [];
    const walk = (loader: BatchLoader) =>
      (async () => {
        for await (const { ids } of loader.batches(plans)) seen.push(ids);
      })();
    await using({ corrupt: [7] }, { workers }, (loader) =>
      rejectsProblem(walk(loader), {
        place: "batch 2 (3 examples)",
        what: /example n7: an example that cannot be made; found \/data\/n7.png: a damaged file/,
      }),
    );
    assert.deepEqual(seen, [["n0", "n2", "n4"]]);
  }
});

test("skipped examples are replaced by ones that the batch's generator draws, and listed", async () => {
  const skip = { onBadExample: "skip" } as const;
  const results = await Promise.all(
    [0, 1, 3].map((workers) =>
      using({ corrupt: [7, 0] }, { workers, ...skip }, async (loader) => ({
        batches: await read(loader),
        skipped: loader.stats.skipped,
      })),
    ),
  );
  const [{ batches, skipped }] = results as [(typeof results)[0]];
  for (const other of results) assert.deepEqual(other, results[0]);
  assert.deepEqual(
    batches.map(({ size }) => size),
    plans.map(({ indices }) => indices.length),
  );
  const wanted = plans.flatMap(({ indices }) => [...indices].filter((i) => i === 7 || i === 0));
  assert.ok(skipped.length >= wanted.length && wanted.length > 2);
  assert.ok(skipped.every(({ id, reason }) => reason.startsWith(`/data/${id}.png: a damaged file`)));
  assert.ok(!batches.some(({ ids }) => ids.includes("n7") || ids.includes("n0")));
  const ids = batches.flatMap((batch) => batch.ids);
  const last = skipped.filter(({ replacedBy }) => !["n7", "n0"].includes(replacedBy));
  assert.ok(last.every(({ replacedBy }) => ids.includes(replacedBy)));
  const all = Array.from({ length: 11 }, (_, i) => i);
  await using({ corrupt: all }, { workers: 1, ...skip }, (loader) =>
    rejectsProblem(read(loader), { what: /cannot be made/ }),
  );
  await using({ ends: { at: 4, how: "bug" } }, { workers: 1, ...skip }, (loader) =>
    rejectsProblem(read(loader), { what: /n4: an example that cannot be made; found undefined is not a signal/ }),
  );
});

test("a thread that ends or cannot start ends the walk, naming module and batch", async () => {
  const module = noiseSource(1).module;
  const first = "batch 1 (3 examples)";
  const cases: [NoiseSetup, WorkerLoaderOptions, string, RegExp][] = [
    [{ ends: { at: 4, how: "exit" } }, {}, first, /ended early.*exit code 7/],
    [{ ends: { at: 4, how: "memory" } }, { heapMegabytes: 24 }, first, /thread failed.*memory limit/],
    [{ throwsAtLoad: true }, {}, first, /thread failed.*no such model of noise/],
  ];
  for (const [shared, options, place, what] of cases) {
    await using(shared, { workers: 1, ...options }, async (loader) => {
      await rejectsProblem(read(loader), { place, what });
      await rejectsProblem(read(loader), { what });
    });
  }
  const missing = workerLoader({ ...noiseSource(1), module: `${module}.gone.ts` }, { workers: 1 });
  await rejectsProblem(read(missing), { file: /gone\.ts$/, what: /module that cannot be loaded/ });
  await using({ throwsAtLoad: true }, { workers: 0 }, (loader) =>
    rejectsProblem(read(loader), { file: module, what: /cannot be prepared; found no such model of noise/ }),
  );
});

test("a signal ends a walk at once; threads give up what they were making; the next walk is whole", async () => {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  await using({ counter, slow: 20 }, { workers: 2, prefetch: 6 }, async (loader) => {
    const stop = new AbortController();
    const reading = read(loader, plans, stop.signal);
    while (counter[0] === 0) await new Promise((done) => setTimeout(done, 5));
    const begun = counter[0]!;
    stop.abort(new Error("enough"));
    await assert.rejects(reading, /enough/);
    await new Promise((done) => setTimeout(done, 60));
    assert.ok(counter[0]! <= begun + 4, `${counter[0]! - begun} examples begun after the signal`);
    await assert.rejects(read(loader, plans, stop.signal), /enough/);
    assert.equal((await read(loader, plans.slice(0, 2))).length, 2);
    const walk = loader.batches(plans)[Symbol.asyncIterator]();
    await walk.next();
    await rejectsProblem(read(loader), { what: /second walk/ });
    await walk.return!();
  });
});

test("no more batches are made ahead than asked for, and their memory is used again", async () => {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  await using({ counter }, { workers: 2, prefetch: 3 }, async (loader) => {
    const memories = new Set<unknown>();
    const many = [...plans, ...plans, ...plans].filter(({ indices }) => indices.length === 3);
    let number = 0;
    for (let walk = 0; walk < 2; walk++) {
      for await (const batch of loader.batches(many)) {
        memories.add(batch.input.buffer);
        number++;
        if (number === 2) await new Promise((done) => setTimeout(done, 100));
        assert.ok(counter[0]! <= 3 * (number + 3), `${counter[0]} examples at batch ${number}`);
      }
    }
    assert.equal(memories.size, 4);
  });
});

test("a process whose loader is idle ends by itself", () => {
  const child = join(__dirname, "loader-child.ts");
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", "ts-node/register", child], options);
  assert.equal(status, 0, stderr);
  assert.equal(stdout, "n0 n4\nn1 n5\nn2 n6\nn3 n7\n");
});

test("weights of a source that says it has none are not passed over", async () => {
  const loader = workerLoader({ ...noiseSource(11), weighted: false }, { workers: 0 });
  await rejectsProblem(read(loader), { place: "noise, example n2", found: "weight 3" });
});

test("options out of range; a loader that was closed", async () => {
  throwsProblem(() => workerLoader(noiseSource(1), { workers: -1 }), {
    found: "-1",
    expected: "an integer, 0 or more",
  });
  throwsProblem(() => workerLoader(noiseSource(1), { workers: 1, prefetch: 0 }), { what: /batches ahead/ });
  const loader = workerLoader(noiseSource(11), { workers: 1 });
  const reading = assert.rejects(read(loader), /closed/);
  await loader.close();
  await reading;
  await rejectsProblem(read(loader), { what: /loader that was closed/ });
});
