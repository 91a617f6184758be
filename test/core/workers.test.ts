import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { runInWorkers } from "../../lib/core/workers";

const example = join(__dirname, "..", "support", "worker-example.ts");
const place = (task: number): string => `task ${task}`;
const tasks = Array.from({ length: 20 }, (_, i) => i);

test("results come in the tasks' order, whatever the number of threads, and threads share memory", async () => {
  for (const workers of [1, 3]) {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    const seen: number[] = [];
    const shared = { counter, slow: 2 };
    const results = await runInWorkers(example, shared, tasks, { workers, place, onDone: (done) => seen.push(done) });
    assert.deepEqual(
      results,
      tasks.map((task) => task * task),
    );
    assert.equal(counter[0], tasks.length);
    assert.deepEqual(
      seen,
      tasks.map((task) => task + 1),
    );
  }
  assert.deepEqual(await runInWorkers(example, {}, [], { place }), []);
});

test("of several failures the first task's is told, with its place; nothing is begun after one", async () => {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const shared = { counter, slow: 4, fails: [4, 5] };
  await assert.rejects(runInWorkers(example, shared, tasks, { workers: 2, place }), (error: unknown) => {
    assert.ok(error instanceof SignalbookError);
    assert.match(error.message, /^task 4: .*cannot do 4/);
    return true;
  });
  assert.ok(counter[0]! < tasks.length);
});

test("a module that cannot be loaded, a thread that ends, a signal", async () => {
  await assert.rejects(
    runInWorkers(`${example}x`, {}, tasks, { place }),
    /worker's module that cannot be loaded.*(no such file|Cannot find)/,
  );
  await assert.rejects(runInWorkers(example, { exits: true }, tasks, { place }), /ended early.*exit code 3/);
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const stop = new AbortController();
  const work = runInWorkers(example, { counter, slow: 50 }, tasks, {
    workers: 1,
    place,
    signal: stop.signal,
    onDone: () => stop.abort(new Error("enough")),
  });
  await assert.rejects(work, /enough/);
  assert.ok(counter[0]! < tasks.length);
  await assert.rejects(runInWorkers(example, {}, tasks, { place, signal: stop.signal }), /enough/);
  await assert.rejects(runInWorkers(example, {}, tasks, { place, workers: 0 }), /number of workers/);
});

test("a task that cannot be copied to a thread is refused, and the threads end", async () => {
  const uncopied = { valueOf: () => 1 } as unknown as number;
  await assert.rejects(runInWorkers(example, {}, [uncopied], { workers: 1, place: () => "the only task" }), (error) => {
    assert.ok(error instanceof SignalbookError);
    assert.match(error.message, /^the only task: a task that cannot be copied/);
    return true;
  });
});
