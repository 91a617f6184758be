/**
 * Our side of the bench of models. Usage: models-side.ts MODEL MODE [STEPS | FILE]. Prints JSON as its last line.
 *   train, infer   times STEPS calls after two to warm up: {"seconds": [...], "processor": [...], "loss": x}
 *   check          what FILE (written by the peer: weights, inputs and its results) makes of it here: {"logits", "losses"}
 */
import { Generator } from "../lib/core/random";
import { compile, tf } from "../lib/engine";
import { readSafetensors } from "../lib/formats/safetensors";
import { createModel, loadWeights, type Model, type ModelInputs } from "../lib/models";
import { binaryCrossEntropy, crossEntropy, type Loss } from "../lib/training";
import { noiseBatch } from "../lib/training/noise-batch";
import { batchInputs } from "../lib/training/train-step";
import { type BenchModel, benchModels } from "./models-list";
import { trainingStep } from "./training-step";

const warmUps = 2;

type Named = Record<string, tf.Tensor>;

const lossOf = ({ loss }: BenchModel): Loss =>
  loss === "softmax" ? crossEntropy() : binaryCrossEntropy({ positives: "none" });

const inference = (model: Model) =>
  compile((inputs: Named) => model.forward(inputs as ModelInputs, { training: false }), {
    name: `infer ${model.name}`,
  });

async function time(row: BenchModel, mode: "train" | "infer", steps: number): Promise<unknown> {
  const model = createModel(row.model, row.options, new Generator(0));
  const noise = noiseBatch({ ...row, size: row.batch, activation: row.loss }, new Generator(1));
  const inputs = batchInputs(noise.batch, noise.inputShape);
  const train = trainingStep({ model, loss: lossOf(row), ...noise });
  const infer = inference(model);
  const [seconds, processor]: [number[], number[]] = [[], []];
  let loss = Number.NaN;
  for (let t = 1; t <= warmUps + steps; t++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    if (mode === "train") loss = await train();
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

async function check(row: BenchModel, file: string): Promise<unknown> {
  const { tensors } = readSafetensors(file);
  const stored = (prefix: string): Map<string, { shape: readonly number[]; values: Float32Array }> =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { shape, data }]) => [name.slice(prefix.length), { shape, values: data as Float32Array }]),
    );
  const model = createModel(row.model, { ...row.options, ...row.still }, new Generator(0));
  loadWeights(model, stored("weight "), { file });
  const given = stored("input ");
  const inputs = Object.fromEntries(
    [...given].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
  const logits = [...inference(model)(inputs).dataSync()];
  const noise = noiseBatch({ ...row, size: row.batch, activation: row.loss }, new Generator(1));
  const input = (given.get("image") ?? given.get("signal")!).values;
  const extras = Object.fromEntries(Object.keys(noise.batch.extras).map((name) => [name, given.get(name)!.values]));
  const batch = { ...noise.batch, input, extras, target: stored("target").get("")!.values };
  const train = trainingStep({ model, loss: lossOf(row), inputShape: noise.inputShape, batch });
  return { logits, losses: [await train(), await train()] };
}

async function main([name, mode, last]: string[]): Promise<void> {
  const row = benchModels.find(({ model }) => model === name)!;
  const result = mode === "check" ? check(row, last!) : time(row, mode as "train" | "infer", Number(last));
  process.stdout.write(`${JSON.stringify(await result)}\n`);
}

void main(process.argv.slice(2));
