import assert from "node:assert/strict";
import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EventFile } from "../../lib/training/event-file";
import { scratchFolder } from "../support/problems";
import { readEvents, readScalars } from "./events";

test("scalars read back, by another reader: values as float32, steps beyond 32 bits, any tag", (t) => {
  const folder = scratchFolder(t);
  const events = new EventFile(folder, null);
  const steps = [0, 1, 127, 128, 300, 2 ** 31, 2 ** 40];
  for (const step of steps) events.scalars(step, { "train/loss": step / 3, "Validation AUC, µ": -1e-20 });
  events.scalars(2 ** 40, { odd: Number.NaN, far: Number.POSITIVE_INFINITY });
  const [version, start, ...rest] = readEvents(events.file);
  assert.equal(version!.version, "brain.Event:2");
  assert.deepEqual([start!.session, start!.step], [1, 0]);
  assert.deepEqual(
    rest.slice(0, -1).map(({ step, scalars }) => [step, scalars]),
    steps.map((step) => [step, { "train/loss": Math.fround(step / 3), "Validation AUC, µ": Math.fround(-1e-20) }]),
  );
  assert.deepEqual(rest.at(-1)!.scalars, { odd: Number.NaN, far: Number.POSITIVE_INFINITY });
  for (const { wallTime } of rest) assert.ok(Math.abs(wallTime - Date.now() / 1000) < 60);
});

test("every record is in the file when the call returns", (t) => {
  const events = new EventFile(scratchFolder(t), null);
  for (let step = 1; step <= 5; step++) {
    events.scalars(step, { loss: step });
    assert.equal(readEvents(events.file).at(-1)!.step, step);
  }
});

test("a resumed run goes on in a file of its own: what lies beyond the checkpoint is forgotten, steps never go back", (t) => {
  const folder = scratchFolder(t);
  const first = new EventFile(folder, null);
  for (let step = 1; step <= 8; step++) first.scalars(step, { loss: step });
  appendFileSync(first.file, Buffer.from("18000000000000", "hex")); // killed while it wrote
  const second = new EventFile(folder, 6);
  for (let step = 7; step <= 9; step++) second.scalars(step, { loss: 10 * step });
  const files = readdirSync(folder).sort();
  assert.deepEqual(
    files.map((name) => join(folder, name)),
    [first.file, second.file],
    "in the order of their names",
  );
  const expected = [1, 2, 3, 4, 5, 6, 70, 80, 90].map((value, i) => [i + 1, value]);
  assert.deepEqual(readScalars(folder), { loss: expected });
  new EventFile(folder, null).scalars(1, { loss: 5 });
  assert.deepEqual(readScalars(folder), { loss: [[1, 5]] }, "a new run in the same folder begins anew");
});

test("a step that cannot be is refused", (t) => {
  const events = new EventFile(scratchFolder(t), null);
  assert.throws(() => events.scalars(-1, { loss: 1 }), /cannot hold here; found -1/);
  assert.throws(() => events.scalars(1.5, { loss: 1 }), /found 1.5/);
});
