/**
 * The image BiLSTM of system 001: IITNet (Seo et al. 2020, arXiv 1902.06562) on strips of polysomnography images. After
 * github.com/oungji212/Sleep-AI-Challenge, channel1/model.py; written anew from the layer table.
 *
 *   model           strip of four epochs            parameters, 5 classes   published micro-F1 a fold, one epoch
 *   iitnet_strip    21 x 1920 pixels (EOG)          866,085                 0.621
 *                   75 x 1920 (EEG, EOG, chin EMG)  876,453
 *   iitnet_strip_small: not published; half as wide and shallow, for two CPU cores
 *
 * The strip is cut into slices of 400 columns that overlap by 20. They go through the same convolutions, side by side in
 * the batch; batch norm sees each slice's batch alone, as published; of the second LSTM only the last step is read, as published.
 * Input [batch, height, width, 1]. Output: logits.
 */
import { relu, tf } from "../engine";
import {
  BatchNorm,
  BiLstm,
  Conv2d,
  type ConvOptions,
  checkInteger,
  checkRate,
  constant,
  dropout,
  type ForwardContext,
  type Initial,
  Linear,
  type Scope,
  type Sides,
  xavierNormal,
} from "../nn";
import type { Family } from "./family";
import { type Model, makeModel, needImage } from "./model";

export interface StripIitnetOptions {
  /** Rows of the strip: 21 or 75 in the published system. Default 21. */
  height?: number;
  /** Columns: 400 and multiples of 380 more. Default 1920, four epochs. */
  width?: number;
  /** Default 5. */
  classes?: number;
  /** After the convolutions, while training. Default 0.5. */
  dropout?: number;
}

interface Variant {
  /** Channels after the first filters. */
  stem: number;
  /** Of residual blocks; the first block of each halves the columns. */
  stages: readonly { middle: number; outputs: number; blocks: number }[];
  /** Units of each LSTM in each direction. */
  hidden: number;
}

const stagesOf = (middles: readonly number[], blocks: readonly number[]): Variant["stages"] =>
  middles.map((middle, s) => ({ middle, outputs: 4 * middle, blocks: blocks[s]! }));

const variants = {
  iitnet_strip: { stem: 64, stages: stagesOf([16, 16, 32, 32], [3, 4, 6, 3]), hidden: 128 },
  iitnet_strip_small: { stem: 32, stages: stagesOf([8, 8, 16, 16], [1, 1, 2, 1]), hidden: 64 },
} as const satisfies Record<string, Variant>;

export type StripIitnetName = keyof typeof variants;

export const stripIitnets: Family<StripIitnetName, StripIitnetOptions> = {
  input: "image",
  options: ["height", "width", "classes", "dropout"],
  members: {
    iitnet_strip: {
      summary: "image BiLSTM: strips of four epochs, residual filters and two LSTMs",
      source: "Seo et al. 2020, arXiv 1902.06562; github.com/oungji212/Sleep-AI-Challenge",
    },
    iitnet_strip_small: {
      summary: "image BiLSTM of half the width and few filters: small variant for two CPU cores",
      source: "this project, after Seo et al. 2020, arXiv 1902.06562",
    },
  },
  shapes: { image: [21, 1920, 1] },
  make: stripIitnet,
};

const [slice, pitch] = [400, 380];

/** What blocks are told: the slices lie one after the other in the batch, `count` of them. */
interface Slices {
  count: number;
  context: ForwardContext;
}

type Block = (x: tf.Tensor4D, slices: Slices) => tf.Tensor4D;

/**
 * A norm of each slice's batch by itself, as if the slices came one by one: so the published network trains. By running
 * statistics all slices are the same to it.
 */
function normalised(norm: BatchNorm, x: tf.Tensor4D, { count, context }: Slices): tf.Tensor4D {
  if (!context.training || count === 1) return norm.forward(x, context);
  const parts: tf.Tensor4D[] = tf.split(x, count, 0);
  return tf.concat4d(
    parts.map((part) => norm.forward(part, context)),
    0,
  );
}

/** Shows each slice's part of an inner output: "name", "name#", "name##" ... */
function tapSlices(name: string, x: tf.Tensor4D, { count, context }: Slices): void {
  if (context.tap === undefined) return;
  for (const [i, part] of tf.split(x, count, 0).entries()) context.tap(`${name}${"#".repeat(i)}`, part);
}

/** @throws SignalbookError for options out of range. */
function stripIitnet(name: StripIitnetName, options: StripIitnetOptions, initial: Initial): Model {
  const config = {
    height: checkInteger(`${name}: height`, options.height ?? 21, 1, 4096),
    width: checkInteger(`${name}: width`, options.width ?? 1920, slice, 65_536),
    classes: checkInteger(`${name}: classes`, options.classes ?? 5, 1, 100_000),
    dropout: checkRate(`${name}: dropout`, options.dropout ?? 0.5),
  };
  const steps = checkInteger(
    `${name}: steps of ${pitch} columns (width - ${slice})`,
    (config.width - slice) / pitch,
    0,
  );
  const variant: Variant = variants[name];
  const { stages, hidden } = variant;
  return makeModel(name, config, initial, (parameters) => {
    const root = parameters.root();
    const filters = convolutions(root.at("cnn"), variant, config);
    const first = new BiLstm(root.at("lstm1"), { inputs: stages.at(-1)!.outputs, hidden });
    const second = new BiLstm(root.at("lstm2"), { inputs: 2 * hidden, hidden });
    const head = new Linear(root.at("classifier"), {
      ...{ inputs: 2 * hidden, outputs: config.classes, weight: xavierNormal, bias: constant(0) },
    });
    return (inputs, context) => {
      const strip = needImage(name, inputs.image, { ...config, channels: 1 });
      const [batch] = strip.shape;
      const count = steps + 1;
      const parts = Array.from({ length: count }, (_, i) =>
        tf.slice(strip, [0, 0, i * pitch, 0], [batch, config.height, slice, 1]),
      );
      const features = filters(tf.concat(parts, 0), { count, context });
      const [, , columns, channels] = features.shape;
      const bySlice = tf.reshape(features, [count, batch, columns, channels]);
      const sequence: tf.Tensor3D = tf.reshape(tf.transpose(bySlice, [1, 0, 2, 3]), [batch, count * columns, channels]);
      const one = first.forward(sequence);
      context.tap?.("lstm1", one);
      context.tap?.("lstm2", second.forward(one));
      const logits = head.forward(second.last(one));
      context.tap?.("classifier", logits);
      return logits;
    };
  });
}

/** [slices * batch, height, 400, 1] to [slices * batch, 1, 25, features]. */
function convolutions(
  scope: Scope,
  { stem: width, stages }: Variant,
  { height, dropout: rate }: { height: number; dropout: number },
): Block {
  const stem = new Conv2d(scope.at("conv1"), {
    ...{ inputs: 1, outputs: width, kernel: [height, 3], padding: [0, 1], bias: true },
  });
  const stemNorm = new BatchNorm(scope.at("bn1"), { channels: width });
  let inputs = width;
  const built = stages.map(({ middle, outputs, blocks }, s) =>
    Array.from({ length: blocks }, (_, i) => {
      const block = bottleneck(scope.at(`stage${s + 2}.${i}`), { inputs, middle, outputs }, i === 0);
      inputs = outputs;
      return block;
    }),
  );
  return (image, slices) => {
    const filtered = stem.forward(image);
    tapSlices("cnn.conv1", filtered, slices);
    const normal = normalised(stemNorm, filtered, slices);
    tapSlices("cnn.bn1", normal, slices);
    let x = relu(normal);
    built.forEach((blocks, s) => {
      blocks.forEach((block, i) => {
        x = block(x, slices);
        tapSlices(`cnn.stage${s + 2}.${i}`, x, slices);
      });
      tapSlices(`cnn.stage${s + 2}`, x, slices);
    });
    const dropped = dropout(x, rate, slices.context);
    tapSlices("cnn.drop", dropped, slices);
    tapSlices("cnn", dropped, slices);
    return dropped;
  };
}

/** Filters 1 wide (2 where it halves the width), 3 wide, 1 wide; all with bias. */
function bottleneck(
  scope: Scope,
  { inputs, middle, outputs }: { inputs: number; middle: number; outputs: number },
  halves: boolean,
): Block {
  const unit = (conv: string, norm: string, options: Omit<ConvOptions<Sides>, "bias">): Block => {
    const filter = new Conv2d(scope.at(conv), { ...options, bias: true });
    const normal = new BatchNorm(scope.at(norm), { channels: options.outputs });
    return (x, slices) => normalised(normal, filter.forward(x), slices);
  };
  const entry = halves ? ({ kernel: [1, 2], stride: [1, 2] } as const) : ({ kernel: 1 } as const);
  const first = unit("conv1", "bn1", { inputs, outputs: middle, ...entry });
  const second = unit("conv2", "bn2", { inputs: middle, outputs: middle, kernel: [1, 3], padding: [0, 1] });
  const third = unit("conv3", "bn3", { inputs: middle, outputs, kernel: 1 });
  const around: Block = halves ? unit("down_conv", "down_bn", { inputs, outputs, ...entry }) : (x) => x;
  return (x, slices) => {
    const y = third(relu(second(relu(first(x, slices)), slices)), slices);
    return relu(tf.add(y, around(x, slices)));
  };
}
