/**
 * Residual networks for images (He et al. 2016, arXiv 1512.03385), with the stride on the 3x3 filter ("v1.5"), and their
 * kin with grouped filters (Xie et al. 2017, arXiv 1611.05431). Names and results are timm's (rwightman/timm,
 * models/resnet.py); written anew from the layer table.
 *
 *   model             parameters, 5 classes   1000 classes   multiply-adds at 224x224
 *   resnet50          23,518,277              25,557,032     4.1 G
 *   resnext50_32x4d   22,990,149              25,028,904     4.2 G
 *   resnet14_small, resnext14_small: not published; a quarter as wide, one block a stage, for two CPU cores
 *
 * Input [batch, height, width, channels], sides of at least 32 pixels. Output: logits.
 */
import { relu, tf } from "../engine";
import {
  BatchNorm,
  Conv2d,
  type ConvNormNames,
  checkInteger,
  convNorm2d,
  type ForwardContext,
  globalAveragePool,
  type Initial,
  Linear,
  maxPoolImage,
  type Scope,
  tapOf,
} from "../nn";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface ResNetOptions {
  /** Default 3. */
  channels?: number;
  /** Default 1000; small variants 5. */
  classes?: number;
}

type Block = (x: tf.Tensor4D, context: ForwardContext) => tf.Tensor4D;

interface Variant {
  depths: readonly number[];
  /** Channels after the stem; a block of the first stage gives four times as many. */
  width: number;
  /** Groups of the 3x3 filter. */
  groups: number;
  /** Channels of a group in the first stage; they double with each stage. */
  groupWidth: number;
  classes: number;
}

const variants = {
  resnet50: { depths: [3, 4, 6, 3], width: 64, groups: 1, groupWidth: 64, classes: 1000 },
  resnext50_32x4d: { depths: [3, 4, 6, 3], width: 64, groups: 32, groupWidth: 4, classes: 1000 },
  resnet14_small: { depths: [1, 1, 1, 1], width: 16, groups: 1, groupWidth: 16, classes: 5 },
  resnext14_small: { depths: [1, 1, 1, 1], width: 16, groups: 8, groupWidth: 4, classes: 5 },
} as const satisfies Record<string, Variant>;

export type ResNetName = keyof typeof variants;

const expansion = 4;

export const resNets: Family<ResNetName, ResNetOptions> = {
  input: "image",
  options: ["channels", "classes"],
  members: {
    resnet50: { summary: "ResNet-50 for images", source: "He et al. 2016, arXiv 1512.03385; timm" },
    resnext50_32x4d: {
      summary: "ResNeXt-50 for images, 32 groups",
      source: "Xie et al. 2017, arXiv 1611.05431; timm",
    },
    resnet14_small: {
      summary: "narrow ResNet-14 for small images: small variant for two CPU cores",
      source: "this project, after He et al. 2016, arXiv 1512.03385",
      shapes: { image: [96, 96, 3] },
    },
    resnext14_small: {
      summary: "narrow ResNeXt-14 for small images, 8 groups: small variant for two CPU cores",
      source: "this project, after Xie et al. 2017, arXiv 1611.05431",
      shapes: { image: [96, 96, 3] },
    },
  },
  shapes: { image: [224, 224, 3] },
  make: resNet,
};

/** @throws SignalbookError for options out of range. */
function resNet(name: ResNetName, options: ResNetOptions, initial: Initial): Model {
  const { depths, width: base, groups, groupWidth, classes } = variants[name];
  const config = {
    channels: checkInteger(`${name}: channels`, options.channels ?? 3, 1, 1024),
    classes: checkInteger(`${name}: classes`, options.classes ?? classes, 1, 100_000),
  };
  return makeModel(name, config, initial, (parameters) => {
    const root = parameters.root();
    const conv1 = new Conv2d(root.at("conv1"), {
      inputs: config.channels,
      outputs: base,
      kernel: 7,
      stride: 2,
      padding: 3,
    });
    const bn1 = new BatchNorm(root.at("bn1"), { channels: base });
    let channels: number = base;
    const stages = depths.map((depth, s) =>
      Array.from({ length: depth }, (_, i) => {
        const stride = s > 0 && i === 0 ? 2 : 1;
        const widths = { inputs: channels, width: groups * groupWidth * 2 ** s, outputs: base * expansion * 2 ** s };
        const block = bottleneck(root.at(`layer${s + 1}.${i}`), widths, groups, stride);
        channels = widths.outputs;
        return block;
      }),
    );
    const fc = new Linear(root.at("fc"), { inputs: channels, outputs: config.classes });
    return (inputs, context) => {
      const axes = ["batch", "height", "width", "channels"];
      const image = needInput(name, "image", inputs.image, axes, config.channels);
      const tap = tapOf(context);
      const normal = tap("bn1", bn1.forward(tap("conv1", conv1.forward(image)), context));
      if (context.tap !== undefined) tap("act1", relu(normal));
      // ReLU and max-pooling commute; after the pooling there is a quarter to do.
      let x = tap("maxpool", relu(maxPoolImage(normal, { kernel: 3, stride: 2, padding: 1 })));
      stages.forEach((blocks, s) => {
        blocks.forEach((block, i) => {
          x = tap(`layer${s + 1}.${i}`, block(x, context));
        });
        tap(`layer${s + 1}`, x);
      });
      return tap("fc", fc.forward(tap("global_pool", globalAveragePool(x))));
    };
  });
}

function unit(
  scope: Scope,
  names: ConvNormNames,
  options: { inputs: number; outputs: number; kernel: number; stride?: number; groups?: number },
  scale = 1,
): Block {
  return convNorm2d(scope, names, { ...options, padding: (options.kernel - 1) / 2, norm: { scale } });
}

/** Filters of 1x1, 3x3 (with the stride) and 1x1. The last norm starts at 0, as timm's: a new block is the identity. */
function bottleneck(
  scope: Scope,
  { inputs, width, outputs }: { inputs: number; width: number; outputs: number },
  groups: number,
  stride: number,
): Block {
  const first = unit(scope, ["conv1", "bn1"], { inputs, outputs: width, kernel: 1 });
  const second = unit(scope, ["conv2", "bn2"], { inputs: width, outputs: width, kernel: 3, stride, groups });
  const third = unit(scope, ["conv3", "bn3"], { inputs: width, outputs, kernel: 1 }, 0);
  const around: Block =
    stride === 1 && inputs === outputs
      ? (x) => x
      : unit(scope, ["downsample.0", "downsample.1"], { inputs, outputs, kernel: 1, stride });
  return (x, context) => {
    const y = third(relu(second(relu(first(x, context)), context)), context);
    return relu(tf.add(y, around(x, context)));
  };
}
