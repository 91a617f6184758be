/**
 * IITNet (Seo et al. 2020, arXiv 1902.06562): a sequence of epochs, each through the same 1-D residual filters, then two
 * bidirectional LSTMs over all their steps; the last epoch is staged. Names and results are those of
 * github.com/gist-ailab/IITNet-official; written anew from the layer table.
 *
 *   model    input                                 parameters, 5 classes   published on Sleep-EDF-20
 *   iitnet   10 epochs of 30 s at 100 Hz, Fpz-Cz   814,421                 accuracy 0.839, macro F1 0.776, kappa 0.78
 *   iitnet_small: not published; 4 epochs by default, narrow and shallow, for two CPU cores
 *
 * Each epoch's filters run by themselves, so batch norm sees each place of the sequence alone. The forward LSTM is read
 * at the last step, the backward one at the first. Input [batch, time, 1]: the epochs one after another. Output: logits.
 */
import { relu, tf } from "../engine";
import {
  BatchNorm,
  BiLstm,
  Conv1d,
  type ConvNormNames,
  checkInteger,
  checkRate,
  convNorm1d,
  dropout,
  type ForwardContext,
  type Initial,
  Linear,
  maxPool1d,
  type Scope,
} from "../nn";
import { type EpochOptions, needSamples, settleEpoch } from "./epoch";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface IitnetOptions extends EpochOptions {
  /** Derivations. Default 1. */
  channels?: number;
  /** Seconds of an epoch. Default 30. */
  windowSeconds?: number;
  /** Epochs of a sequence. Default 10; small variant 4. */
  epochs?: number;
  /** Default 5. */
  classes?: number;
  /** After the filters, while training. Default 0.5. */
  dropout?: number;
}

interface Variant {
  /** Residual blocks of each stage, and their channels before the expansion. */
  stages: readonly { depth: number; width: number }[];
  /** Units of each LSTM in each direction. */
  hidden: number;
  epochs: number;
}

const stagesOf = (depths: readonly number[], widths: readonly number[]): Variant["stages"] =>
  depths.map((depth, s) => ({ depth, width: widths[s]! }));

const variants = {
  iitnet: { stages: stagesOf([3, 4, 6, 3], [16, 16, 32, 32]), hidden: 128, epochs: 10 },
  iitnet_small: { stages: stagesOf([1, 1, 2, 1], [8, 8, 16, 16]), hidden: 64, epochs: 4 },
} as const satisfies Record<string, Variant>;

export type IitnetName = keyof typeof variants;

export const iitnets: Family<IitnetName, IitnetOptions> = {
  input: "signal",
  options: ["channels", "sampleRate", "windowSeconds", "epochs", "classes", "dropout"],
  members: {
    iitnet: {
      summary: "sleep stager of a sequence of epochs: 1-D residual filters and two LSTMs",
      source: "Seo et al. 2020, arXiv 1902.06562; github.com/gist-ailab/IITNet-official",
    },
    iitnet_small: {
      summary: "sleep stager of four epochs, few residual filters and two LSTMs: small variant for two CPU cores",
      source: "this project, after Seo et al. 2020, arXiv 1902.06562",
      shapes: { signal: [12_000, 1] },
    },
  },
  shapes: { signal: [30_000, 1] },
  make: iitnet,
};

const [stemWidth, expansion] = [16, 4];
const pool = { kernel: 3, stride: 2, padding: 1 };

type Block = (x: tf.Tensor3D, context: ForwardContext) => tf.Tensor3D;

/** @throws SignalbookError for options out of range. */
function iitnet(name: IitnetName, options: IitnetOptions, initial: Initial): Model {
  const { stages, hidden, ...variant } = variants[name];
  const features = stages.at(-1)!.width * expansion;
  const epoch = settleEpoch(name, options, { channels: 1, classes: 5 });
  const epochs = checkInteger(`${name}: epochs`, options.epochs ?? variant.epochs, 1, 1000);
  const rate = checkRate(`${name}: dropout`, options.dropout ?? 0.5);
  const { channels, classes } = epoch.config;
  return makeModel(name, { ...epoch.config, epochs, dropout: rate }, initial, (parameters) => {
    const root = parameters.root();
    const filters = residualFilters(root.at("feature"), channels, stages);
    const memory = root.at("classifier.lstm");
    const first = new BiLstm(memory, { inputs: features, hidden });
    const second = new BiLstm(memory, { inputs: 2 * hidden, hidden, layer: 1 });
    const head = new Linear(root.at("classifier.fc"), { inputs: 2 * hidden, outputs: classes });
    return (inputs, context) => {
      const signal = needInput(name, "signal", inputs.signal, ["batch", "time", "channels"], channels);
      const [batch, time] = signal.shape;
      needSamples(name, time / epochs, epoch);
      const parts = tf
        .split(signal, epochs, 1)
        .map((part) => dropout(filters(part as tf.Tensor3D, context), rate, context));
      const sequence = tf.concat(parts, 1);
      context.tap?.("feature", sequence);
      const states = second.forward(first.forward(sequence));
      context.tap?.("classifier.lstm", states);
      const steps = states.shape[1];
      const onward = tf.slice(states, [0, steps - 1, 0], [batch, 1, hidden]);
      const back = tf.slice(states, [0, 0, hidden], [batch, 1, hidden]);
      const logits = head.forward(tf.reshape(tf.concat([onward, back], 2), [batch, 2 * hidden]) as tf.Tensor2D);
      context.tap?.("classifier.fc", logits);
      return logits;
    };
  });
}

/** [batch, time, channels] of one epoch to [batch, steps, features]: 47 steps of 3000 samples. */
function residualFilters(scope: Scope, channels: number, stages: Variant["stages"]): Block {
  const stem = new Conv1d(scope.at("initial_layer.0"), {
    ...{ inputs: channels, outputs: stemWidth, kernel: 7, stride: 2, padding: 3 },
  });
  const stemNorm = new BatchNorm(scope.at("initial_layer.1"), { channels: stemWidth });
  let inputs = stemWidth;
  const built = stages.map(({ depth, width }, s) =>
    Array.from({ length: depth }, (_, i) => {
      const block = bottleneck(scope.at(`layer${s + 1}.${i}`), inputs, width, s > 0 && i === 0 ? 2 : 1);
      inputs = width * expansion;
      return block;
    }),
  );
  return (epoch, context) => {
    let x = maxPool1d(relu(stemNorm.forward(stem.forward(epoch), context)), pool);
    built.forEach((blocks, s) => {
      for (const block of blocks) x = block(x, context);
      if (s === 1) x = maxPool1d(x, pool);
    });
    return x;
  };
}

function bottleneck(scope: Scope, inputs: number, width: number, stride: number): Block {
  const outputs = width * expansion;
  const unit = (
    names: ConvNormNames,
    options: { inputs: number; outputs: number; kernel: number; stride?: number },
  ): Block => convNorm1d(scope, names, { ...options, padding: (options.kernel - 1) / 2 });
  const first = unit(["conv1", "bn1"], { inputs, outputs: width, kernel: 1 });
  const second = unit(["conv2", "bn2"], { inputs: width, outputs: width, kernel: 3, stride });
  const third = unit(["conv3", "bn3"], { inputs: width, outputs, kernel: 1 });
  const around: Block =
    stride === 1 && inputs === outputs
      ? (x) => x
      : unit(["downsample.0", "downsample.1"], { inputs, outputs, kernel: 1, stride });
  return (x, context) => {
    const y = third(relu(second(relu(first(x, context)), context)), context);
    return relu(tf.add(y, around(x, context)));
  };
}
