/**
 * Our side of the ResNet-50 bench: a compiled training step (forward, backward, Adam) on one batch.
 * Usage: resnet50-step.ts PRECISION BATCH STEPS. Prints {"seconds": [...], "loss": x} as its last line.
 */
import { Generator } from "../lib/core/random";
import { applyAdam, compile, type Precision, softmaxCrossEntropy, tf, withPrecision } from "../lib/engine";
import { createModel } from "../lib/models";

const [policy, batch, steps] = [process.argv[2] as Precision, Number(process.argv[3]), Number(process.argv[4])];
const [side, classes] = [224, 1000];
/** The first steps touch memory for the first time, and one traces. */
const warmUps = 2;

const model = createModel("resnet50", { classes }, new Generator(0));
const variables = [...model.parameters.values()];
const moments = variables.map((variable) => [0, 1].map(() => tf.variable(tf.zeros(variable.shape), false)));

interface Numbers {
  learningRate: tf.Scalar;
  beta1Power: tf.Scalar;
  beta2Power: tf.Scalar;
}

const step = compile((image: tf.Tensor4D, labels: tf.Tensor2D, numbers: Numbers & Record<string, tf.Scalar>) => {
  const loss = (): tf.Scalar => {
    const logits = withPrecision(policy, () => model.forward({ image }, { training: true }));
    return tf.mean(softmaxCrossEntropy(labels, logits));
  };
  const { value, grads } = tf.variableGrads(loss, variables);
  variables.forEach((variable, i) => {
    const [m, v] = moments[i]!;
    const adam = { ...numbers, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
    applyAdam(variable, m!, v!, adam, grads[variable.name]!);
  });
  return value;
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
  tf.tidy(() => {
    const numbers = {
      learningRate: tf.scalar(1e-3),
      beta1Power: tf.scalar(0.9 ** t),
      beta2Power: tf.scalar(0.999 ** t),
    };
    loss = step(image, labels, numbers).dataSync()[0]!;
  });
  if (t > warmUps) seconds.push((performance.now() - start) / 1000);
}
process.stdout.write(`${JSON.stringify({ seconds, loss })}\n`);
