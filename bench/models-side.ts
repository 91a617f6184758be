/**
 * Our side of the bench of models. Usage: models-side.ts MODEL MODE [STEPS | FILE]. Prints JSON as its last line.
 *   train, infer   times STEPS calls after two to warm up: {"seconds": [...], "processor": [...], "loss": x}
 *   check          what FILE (written by the peer: weights, inputs and its results) makes of it here: {"logits", "losses"}
 */
import { Generator } from "../lib/core/random";
import { compile, sigmoidCrossEntropy, softmaxCrossEntropy, type TensorRandom, tensorRandom, tf } from "../lib/engine";
import { readSafetensors } from "../lib/formats/safetensors";
import { createModel, loadWeights, type Model, type ModelInputs } from "../lib/models";
import { type BenchModel, benchModels } from "./models-list";
import { trainingStep } from "./training-step";

const warmUps = 2;

type Named = Record<string, tf.Tensor>;

function lossOf({ loss }: BenchModel): (target: tf.Tensor2D, logits: tf.Tensor2D) => tf.Scalar {
  const each = loss === "softmax" ? softmaxCrossEntropy : sigmoidCrossEntropy;
  return (target, logits) => tf.mean(each(target, logits));
}

function randomInputs({ shapes, batch }: BenchModel, generator: Generator): Named {
  const named = Object.entries(shapes).map(([name, shape]) => {
    const values = Float32Array.from({ length: shape.reduce((n, side) => n * side, batch) }, () => generator.normal());
    return [name, tf.tensor(values, [batch, ...shape])];
  });
  return Object.fromEntries(named);
}

function randomTarget({ loss, classes, batch }: BenchModel, generator: Generator): tf.Tensor2D {
  if (loss === "sigmoid") {
    const labels = Float32Array.from({ length: batch * classes }, () => generator.below(2));
    return tf.tensor2d(labels, [batch, classes]);
  }
  const classOf = Int32Array.from({ length: batch }, () => generator.below(classes));
  return tf.cast(tf.oneHot(tf.tensor1d(classOf, "int32"), classes), "float32") as tf.Tensor2D;
}

const inference = (model: Model) =>
  compile((inputs: Named) => model.forward(inputs as ModelInputs, { training: false }), {
    name: `infer ${model.name}`,
  });

function time(row: BenchModel, mode: "train" | "infer", steps: number): unknown {
  const generator = new Generator(1);
  const model = createModel(row.model, row.options, new Generator(0));
  const [inputs, target] = [randomInputs(row, generator), randomTarget(row, generator)];
  const random = (number: tf.Scalar): TensorRandom => tensorRandom(0, number);
  const train = trainingStep({ model, loss: lossOf(row), random });
  const infer = inference(model);
  const [seconds, processor]: [number[], number[]] = [[], []];
  let loss = Number.NaN;
  for (let t = 1; t <= warmUps + steps; t++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    if (mode === "train") loss = train(inputs, target, t);
    else
      tf.tidy(() => {
        loss = infer(inputs).dataSync()[0]!;
      });
    const { user, system } = process.cpuUsage(before);
    if (t <= warmUps) continue;
    seconds.push((performance.now() - start) / 1000);
    processor.push((user + system) / 1e6);
  }
  return { seconds, processor, loss };
}

function check(row: BenchModel, file: string): unknown {
  const { tensors } = readSafetensors(file);
  const stored = (prefix: string): [string, { shape: readonly number[]; values: Float32Array }][] =>
    [...tensors]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, { shape, data }]) => [name.slice(prefix.length), { shape, values: data as Float32Array }]);
  const model = createModel(row.model, { ...row.options, ...row.still }, new Generator(0));
  loadWeights(model, new Map(stored("weight ")), { file });
  const tensor = ([name, { shape, values }]: ReturnType<typeof stored>[number]): [string, tf.Tensor] => [
    name,
    tf.tensor(values, [...shape]),
  ];
  const inputs = Object.fromEntries(stored("input ").map(tensor));
  const target = tensor(stored("target")[0]!)[1] as tf.Tensor2D;
  const logits = [...inference(model)(inputs).dataSync()];
  const train = trainingStep({ model, loss: lossOf(row) });
  const losses = [1, 2].map((t) => train(inputs, target, t));
  return { logits, losses };
}

const [name, mode, last] = process.argv.slice(2) as [string, "train" | "infer" | "check", string];
const row = benchModels.find(({ model }) => model === name)!;
process.stdout.write(`${JSON.stringify(mode === "check" ? check(row, last) : time(row, mode, Number(last)))}\n`);
