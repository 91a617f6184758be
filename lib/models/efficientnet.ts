/**
 * EfficientNet (Tan and Le 2019, arXiv 1905.11946), as its TensorFlow weights want it: "same" padding by TensorFlow's
 * rule, batch norm with epsilon 1e-3. Names and results are timm's `tf_efficientnet_b*` (rwightman/timm,
 * models/efficientnet.py); written anew from the layer table.
 *
 *   model                width   depth   parameters, 5 classes   1000 classes   multiply-adds at 224x224
 *   tf_efficientnet_b0   1.0     1.0     4,013,953               5,288,548      0.4 G
 *   tf_efficientnet_b4   1.4     1.8     17,557,581              19,341,616     1.5 G
 *   efficientnet_small: not published; half as wide and deep as b0, for two CPU cores
 *
 * System 000 trains b4 with its 1000 outputs for 5 classes. Input [batch, height, width, channels]. Output: logits.
 */
import { silu, tf } from "../engine";
import {
  BatchNorm,
  Conv2d,
  type ConvOptions,
  checkInteger,
  checkRate,
  convNorm2d,
  dropout,
  dropPath,
  type ForwardContext,
  globalAveragePool,
  type Initial,
  Linear,
  type Scope,
  type Sides,
  SqueezeExcitation,
  tapOf,
} from "../nn";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface EfficientNetOptions {
  /** Default 3. */
  channels?: number;
  /** Default 1000; small variant 5. */
  classes?: number;
  /** Before the last layer. Default 0. */
  dropout?: number;
  /** Rate of stochastic depth at the last block; it grows from 0 at the first. Default 0. */
  dropPath?: number;
}

const variants = {
  tf_efficientnet_b0: { width: 1, depth: 1, classes: 1000 },
  tf_efficientnet_b4: { width: 1.4, depth: 1.8, classes: 1000 },
  efficientnet_small: { width: 0.5, depth: 0.5, classes: 5 },
} as const;

export type EfficientNetName = keyof typeof variants;

/** The stages of b0: the first is depthwise-separable, the others are inverted bottlenecks. */
const stages = [
  { kernel: 3, stride: 1, expansion: 1, channels: 16, repeats: 1 },
  { kernel: 3, stride: 2, expansion: 6, channels: 24, repeats: 2 },
  { kernel: 5, stride: 2, expansion: 6, channels: 40, repeats: 2 },
  { kernel: 3, stride: 2, expansion: 6, channels: 80, repeats: 3 },
  { kernel: 5, stride: 1, expansion: 6, channels: 112, repeats: 3 },
  { kernel: 5, stride: 2, expansion: 6, channels: 192, repeats: 4 },
  { kernel: 3, stride: 1, expansion: 6, channels: 320, repeats: 1 },
] as const;

/** To the nearest multiple of 8, but never down by more than a tenth. */
function roundedChannels(channels: number): number {
  const nearest = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return nearest < 0.9 * channels ? nearest + 8 : nearest;
}

type Block = (x: tf.Tensor4D, context: ForwardContext) => tf.Tensor4D;

const source = "Tan and Le 2019, arXiv 1905.11946; timm";

export const efficientNets: Family<EfficientNetName, EfficientNetOptions> = {
  input: "image",
  options: ["channels", "classes", "dropout", "dropPath"],
  members: {
    tf_efficientnet_b0: { summary: "EfficientNet-B0: small variant of B4", source },
    tf_efficientnet_b4: { summary: "EfficientNet-B4 for images", source },
    efficientnet_small: {
      summary: "EfficientNet of half of B0's width and depth for small images: small variant for two CPU cores",
      source: "this project, after Tan and Le 2019, arXiv 1905.11946",
      shapes: { image: [96, 96, 3] },
    },
  },
  shapes: { image: [224, 224, 3] },
  make: efficientNet,
};

/** @throws SignalbookError for options out of range. */
function efficientNet(name: EfficientNetName, options: EfficientNetOptions, initial: Initial): Model {
  const { width, depth, classes } = variants[name];
  const config = {
    channels: checkInteger(`${name}: channels`, options.channels ?? 3, 1, 1024),
    classes: checkInteger(`${name}: classes`, options.classes ?? classes, 1, 100_000),
    dropout: checkRate(`${name}: dropout`, options.dropout ?? 0),
    dropPath: checkRate(`${name}: dropPath`, options.dropPath ?? 0),
  };
  return makeModel(name, config, initial, (parameters) => {
    const root = parameters.root();
    let channels = roundedChannels(32 * width);
    const stem = new Conv2d(root.at("conv_stem"), {
      ...{ inputs: config.channels, outputs: channels, kernel: 3 },
      ...{ stride: 2, padding: "same" },
    });
    const stemNorm = norm(root.at("bn1"), channels);
    const repeats = stages.map((stage) => Math.ceil(stage.repeats * depth));
    const total = repeats.reduce((sum, n) => sum + n, 0);
    let place = 0;
    const built = stages.map((stage, s) =>
      Array.from({ length: repeats[s]! }, (_, i) => {
        const outputs = roundedChannels(stage.channels * width);
        const block = mobileBlock(root.at(`blocks.${s}.${i}`), {
          ...{ inputs: channels, outputs, kernel: stage.kernel, expansion: stage.expansion },
          ...{ stride: i === 0 ? stage.stride : 1, dropPath: (config.dropPath * place++) / total },
        });
        channels = outputs;
        return block;
      }),
    );
    const wide = roundedChannels(1280 * width);
    const head = new Conv2d(root.at("conv_head"), { inputs: channels, outputs: wide, kernel: 1 });
    const headNorm = norm(root.at("bn2"), wide);
    const classifier = new Linear(root.at("classifier"), { inputs: wide, outputs: config.classes });
    return (inputs, context) => {
      const axes = ["batch", "height", "width", "channels"];
      const image = needInput(name, "image", inputs.image, axes, config.channels);
      const tap = tapOf(context);
      let x = tap("bn1", silu(stemNorm.forward(tap("conv_stem", stem.forward(image)), context)));
      built.forEach((blocks, s) => {
        blocks.forEach((block, i) => {
          x = tap(`blocks.${s}.${i}`, block(x, context));
        });
        tap(`blocks.${s}`, x);
      });
      tap("blocks", x);
      const last = tap("bn2", silu(headNorm.forward(tap("conv_head", head.forward(x)), context)));
      const features = dropout(tap("global_pool", globalAveragePool(last)), config.dropout, context);
      return tap("classifier", classifier.forward(features));
    };
  });
}

const epsilon = 1e-3;
const norm = (scope: Scope, channels: number): BatchNorm => new BatchNorm(scope, { channels, epsilon });

interface BlockOptions {
  inputs: number;
  outputs: number;
  kernel: number;
  stride: number;
  expansion: number;
  dropPath: number;
}

function mobileBlock(scope: Scope, options: BlockOptions): Block {
  const { inputs, outputs, kernel, stride, expansion } = options;
  const middle = inputs * expansion;
  let units = 0;
  const unit = (name: string, conv: Omit<ConvOptions<Sides>, "padding">): Block =>
    convNorm2d(scope, [name, `bn${++units}`], { ...conv, padding: "same", norm: { epsilon } });
  // The first stage does not widen; timm then calls the last filter otherwise.
  const widen = expansion === 1 ? undefined : unit("conv_pw", { inputs, outputs: middle, kernel: 1 });
  const depthwise = unit("conv_dw", { inputs: middle, outputs: middle, kernel, stride, groups: middle });
  const gate = new SqueezeExcitation(scope.at("se"), { channels: middle, squeezed: Math.round(inputs / 4) });
  const narrow = unit(expansion === 1 ? "conv_pw" : "conv_pwl", { inputs: middle, outputs, kernel: 1 });
  const shortcut = stride === 1 && inputs === outputs;
  return (x, context) => {
    const wide = widen === undefined ? x : silu(widen(x, context));
    const y = narrow(gate.forward(silu(depthwise(wide, context))), context);
    return shortcut ? tf.add(x, dropPath(y, options.dropPath, context)) : y;
  };
}
