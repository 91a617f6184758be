/**
 * Our side of the ResNet-50 bench: the training step of `fit` (forward, backward, Adam) on one batch.
 * Usage: resnet50-step.ts PRECISION BATCH STEPS. Prints {"seconds": [...], "loss": x} as its last line.
 */
import { Generator } from "../lib/core/random";
import type { Precision } from "../lib/engine";
import { createModel } from "../lib/models";
import { crossEntropy } from "../lib/training";
import { noiseBatch } from "../lib/training/noise-batch";
import { trainingStep } from "./training-step";

const classes = 1000;
/** The first steps touch memory for the first time, and one traces. */
const warmUps = 2;

async function main(precision: Precision, size: number, steps: number): Promise<void> {
  const loss = crossEntropy();
  const noise = { shapes: { image: [224, 224, 3] }, size, classes, activation: loss.activation };
  const model = createModel("resnet50", { classes }, new Generator(0));
  const step = trainingStep({ model, loss, precision, ...noiseBatch(noise, new Generator(1)) });
  const seconds: number[] = [];
  let last = Number.NaN;
  for (let t = 1; t <= warmUps + steps; t++) {
    const start = performance.now();
    last = await step();
    if (t > warmUps) seconds.push((performance.now() - start) / 1000);
  }
  process.stdout.write(`${JSON.stringify({ seconds, loss: last })}\n`);
}

const [precision, batch, steps] = process.argv.slice(2) as [Precision, string, string];
void main(precision, Number(batch), Number(steps));
