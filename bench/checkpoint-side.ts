/**
 * Our side of checkpoint.bench.ts: `checkpoint-side.ts FOLDER WRITES`. A ResNet-50 with Adam's slots is written as fit
 * does it, WRITES times after one to warm up, and read back. Prints {"write": [...], "read": [...], "bytes", "values"}.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Generator } from "../lib/core/random";
import { tf } from "../lib/engine";
import { createModel } from "../lib/models";
import { newRunState, readCheckpoint, writeCheckpoint } from "../lib/training/checkpoint";
import { giveModel, giveSlots, takeModel, takeSlots } from "../lib/training/checkpoint-weights";
import { adam } from "../lib/training/optimizers";

const [folder, writes] = [process.argv[2]!, Number(process.argv[3])];
const model = createModel("resnet50", { classes: 1000 }, new Generator(0));
const optimizer = adam().create(model.parameters);
for (const slot of optimizer.slots.values()) tf.tidy(() => slot.assign(tf.fill(slot.shape, 0.5)));
const first = [...model.parameters.values()][0]!;

const [write, read]: [number[], number[]] = [[], []];
let values = 0;
for (let i = 0; i <= writes; i++) {
  tf.tidy(() => first.assign(tf.fill(first.shape, i))); // else the file is there already, and is not written
  const started = performance.now();
  const weights = new Map([...takeModel(model), ...takeSlots("optimizer", optimizer.slots)]);
  writeCheckpoint(folder, { run: {}, state: { ...newRunState(0), step: i }, weights, best: null });
  const written = performance.now();
  const saved = readCheckpoint(folder);
  giveModel(model, saved.weights);
  giveSlots("optimizer", optimizer.slots, saved.weights);
  const done = performance.now();
  const [found] = first.dataSync();
  if (saved.state.step !== i || found !== i) throw new Error(`read back step ${saved.state.step}, weight ${found}`);
  values = [...saved.weights.values()].reduce((sum, { data }) => sum + data.length, 0);
  if (i === 0) continue;
  write.push((written - started) / 1000);
  read.push((done - written) / 1000);
}
const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
process.stdout.write(`${JSON.stringify({ write, read, bytes, values })}\n`);
