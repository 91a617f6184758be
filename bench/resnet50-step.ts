/**
 * Our side of the ResNet-50 bench: a compiled training step (forward, backward, Adam) on one batch.
 * Usage: resnet50-step.ts PRECISION BATCH STEPS. Prints {"seconds": [...], "loss": x} as its last line.
 */
import { Generator } from "../lib/core/random";
import { type Precision, softmaxCrossEntropy, tf } from "../lib/engine";
import { createModel } from "../lib/models";
import { trainingStep } from "./training-step";

const [precision, batch, steps] = [process.argv[2] as Precision, Number(process.argv[3]), Number(process.argv[4])];
const [side, classes] = [224, 1000];
/** The first steps touch memory for the first time, and one traces. */
const warmUps = 2;

const model = createModel("resnet50", { classes }, new Generator(0));
const step = trainingStep({
  ...{ model, precision },
  loss: (labels, logits) => tf.mean(softmaxCrossEntropy(labels, logits)),
});

const generator = new Generator(1);
const pixels = Float32Array.from({ length: batch * side * side * 3 }, () => generator.normal());
const image = tf.tensor4d(pixels, [batch, side, side, 3]);
const classOf = Int32Array.from({ length: batch }, () => generator.below(classes));
const labels = tf.cast(tf.oneHot(tf.tensor1d(classOf, "int32"), classes), "float32") as tf.Tensor2D;

const seconds: number[] = [];
let loss = Number.NaN;
for (let t = 1; t <= warmUps + steps; t++) {
  const start = performance.now();
  loss = step({ image }, labels, t);
  if (t > warmUps) seconds.push((performance.now() - start) / 1000);
}
process.stdout.write(`${JSON.stringify({ seconds, loss })}\n`);
