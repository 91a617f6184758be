/**
 * 1-D residual networks for the electrocardiogram.
 *
 * Source: system of the Hefei Hi-tech Cup 2019 (Tianchi 231754), github.com/mikochou/ECG-tianchi, code/models/ResNet.py
 * and ResNext.py; written anew from their layer table. After He et al. 2016 (arXiv 1512.03385) and Xie et al. 2017
 * (arXiv 1611.05431), with long filters: a heartbeat is wide.
 *
 *   model                  parameters with age and sex   without      published validation F1 (with / without)
 *   ecg_resnet50           82,247,448                    82,247,074   0.9185 / 0.9199
 *   ecg_resnet101          156,945,176                   156,944,802  0.9143 / 0.9160
 *   ecg_resnext50_2x64d    29,178,392                    29,178,018   0.8923 / 0.8904
 *   ecg_resnet18_small     not published: basic blocks and narrow stages of the same design, for two CPU cores
 *
 * Input [batch, time, channels], any length from 32 samples; published: 5000 samples at 500 Hz, 8 leads, raw units.
 * Age (10 slots) and sex (1 number) are appended to the pooled features. Output: logits, one a label.
 */
import { relu, tf } from "../engine";
import {
  BatchNorm,
  Conv1d,
  type ConvNormNames,
  checkInteger,
  checkRate,
  constant,
  convNorm1d,
  dropout,
  type ForwardContext,
  globalAveragePool,
  type Initial,
  Linear,
  maxPool1d,
  type Scope,
  tapOf,
  xavierUniform,
} from "../nn";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface EcgResNetOptions {
  /** Leads. Default 8. */
  channels?: number;
  /** Labels. Default 34. */
  classes?: number;
  /** Whether age and sex are inputs too. Default true, as published; "Basic" in the source is false. */
  ageAndSex?: boolean;
  /** Within blocks, while training. Default as published: 0.2, in the ResNeXt none. */
  dropout?: number;
  /** Channels after the stem, doubled from stage to stage. Default 64; small variant 16. Other widths are no published model. */
  width?: number;
}

type Block = (x: tf.Tensor3D, context: ForwardContext) => tf.Tensor3D;

interface BlockOptions {
  inputs: number;
  /** Channels of the block's middle, before the expansion. */
  width: number;
  stride: number;
  dropout: number;
}

interface Variant {
  /** Blocks in each stage. */
  depths: readonly [number, number, number, number];
  block: (scope: Scope, options: BlockOptions) => Block;
  /** Channels a block gives, in multiples of its width. */
  expansion: number;
  width: number;
  dropout: number;
  /** Name of the last layer. */
  head: string;
}

const variants = {
  ecg_resnet50: { depths: [3, 4, 6, 3], block: bottleneck, expansion: 4, width: 64, dropout: 0.2, head: "fc" },
  ecg_resnet101: { depths: [3, 4, 23, 3], block: bottleneck, expansion: 4, width: 64, dropout: 0.2, head: "fc" },
  ecg_resnext50_2x64d: { depths: [3, 4, 6, 3], block: grouped, expansion: 4, width: 64, dropout: 0, head: "linear" },
  ecg_resnet18_small: { depths: [2, 2, 2, 2], block: basic, expansion: 1, width: 16, dropout: 0.2, head: "fc" },
} as const satisfies Record<string, Variant>;

export type EcgResNetName = keyof typeof variants;

/** Slots of the one-hot age, and the one number for sex. */
const ageSlots = 10;
const metaInputs = ageSlots + 1;

const source = "Tianchi 231754, github.com/mikochou/ECG-tianchi";

export const ecgResNets: Family<EcgResNetName, EcgResNetOptions> = {
  input: "signal",
  options: ["channels", "classes", "ageAndSex", "dropout", "width"],
  members: {
    ecg_resnet50: { summary: "1-D ResNet-50 with long filters for the ECG, with or without age and sex", source },
    ecg_resnet101: { summary: "1-D ResNet-101 with long filters for the ECG, with or without age and sex", source },
    ecg_resnext50_2x64d: { summary: "1-D ResNeXt-50, two groups, for the ECG, with or without age and sex", source },
    ecg_resnet18_small: {
      summary: "narrow 1-D ResNet of basic blocks for the ECG: small variant for two CPU cores",
      source: `this project, after ${source}`,
    },
  },
  shapes: { signal: [5000, 8], age: [10], sex: [1] },
  make: ecgResNet,
};

/** @throws SignalbookError for options out of range. */
function ecgResNet(name: EcgResNetName, options: EcgResNetOptions, initial: Initial): Model {
  const variant: Variant = variants[name];
  const config = {
    channels: checkInteger(`${name}: channels`, options.channels ?? 8, 1, 1024),
    classes: checkInteger(`${name}: classes`, options.classes ?? 34, 1, 100_000),
    ageAndSex: options.ageAndSex ?? true,
    dropout: checkRate(`${name}: dropout`, options.dropout ?? variant.dropout),
    width: checkInteger(`${name}: width`, options.width ?? variant.width, 4, 512),
  };
  return makeModel(name, config, initial, (parameters) => {
    const root = parameters.root();
    const conv1 = new Conv1d(root.at("conv1"), {
      inputs: config.channels,
      outputs: config.width,
      kernel: 15,
      stride: 2,
      padding: 7,
    });
    const bn1 = new BatchNorm(root.at("bn1"), { channels: config.width });
    const { stages, channels } = makeStages(root, variant, config);
    const head = new Linear(root.at(variant.head), {
      inputs: channels + (config.ageAndSex ? metaInputs : 0),
      outputs: config.classes,
      weight: xavierUniform,
      bias: constant(0.01),
    });
    return (inputs, context) => {
      const signal = needInput(name, "signal", inputs.signal, ["batch", "time", "channels"], config.channels);
      const tap = tapOf(context);
      const filtered = tap("conv1", conv1.forward(signal));
      const normal = tap("bn1", bn1.forward(filtered, context));
      // ReLU and max-pooling commute; after the pooling there is half as much to do.
      let x = tap("pool", relu(maxPool1d(normal, { kernel: 3, stride: 2, padding: 1 })));
      for (const { name: stage, blocks } of stages) {
        blocks.forEach((block, i) => {
          x = tap(`${stage}.${i}`, block(x, context));
        });
        tap(stage, x);
      }
      let features = globalAveragePool(x);
      if (config.ageAndSex) {
        const age = needInput(name, "age", inputs.age, ["batch", "slots"], ageSlots);
        const sex = needInput(name, "sex", inputs.sex, ["batch", "numbers"], 1);
        features = tf.concat([features, age, sex], 1);
      }
      return tap(variant.head, head.forward(features));
    };
  });
}

interface Stage {
  name: string;
  blocks: Block[];
}

function makeStages(
  root: Scope,
  { depths, block, expansion }: Variant,
  { width, dropout }: { width: number; dropout: number },
): { stages: Stage[]; channels: number } {
  let channels = width;
  const stages = depths.map((depth, s): Stage => {
    const name = `layer${s + 1}`;
    const blocks = Array.from({ length: depth }, (_, i) => {
      const stageWidth = width * 2 ** s;
      const stride = s > 0 && i === 0 ? 2 : 1;
      const made = block(root.at(`${name}.${i}`), { inputs: channels, width: stageWidth, stride, dropout });
      channels = stageWidth * expansion;
      return made;
    });
    return { name, blocks };
  });
  return { stages, channels };
}

/** A convolution and its batch norm, padded to keep the length at stride 1. */
function unit(
  scope: Scope,
  names: ConvNormNames,
  options: { inputs: number; outputs: number; kernel: number; stride?: number; groups?: number },
): Block {
  return convNorm1d(scope, names, { ...options, padding: (options.kernel - 1) / 2 });
}

/** What is added to a block's result: the input itself, or its projection where the shape changes. */
function shortcut(scope: Scope, name: string, inputs: number, outputs: number, stride: number): Block {
  if (stride === 1 && inputs === outputs) return (x) => x;
  return unit(scope, [`${name}.0`, `${name}.1`], { inputs, outputs, kernel: 1, stride });
}

/** Filters of 7, 11 (with the stride) and 7 taps; dropout before the last. */
function bottleneck(scope: Scope, { inputs, width, stride, dropout: rate }: BlockOptions): Block {
  const outputs = 4 * width;
  const first = unit(scope, ["conv1", "bn1"], { inputs, outputs: width, kernel: 7 });
  const second = unit(scope, ["conv2", "bn2"], { inputs: width, outputs: width, kernel: 11, stride });
  const third = unit(scope, ["conv3", "bn3"], { inputs: width, outputs, kernel: 7 });
  const around = shortcut(scope, "downsample", inputs, outputs, stride);
  return (x, context) => {
    const middle = relu(second(relu(first(x, context)), context));
    const y = third(dropout(middle, rate, context), context);
    return relu(tf.add(y, around(x, context)));
  };
}

/** ResNeXt: filters of 1, 3 (two groups, with the stride) and 1 taps. */
function grouped(scope: Scope, { inputs, width, stride, dropout: rate }: BlockOptions): Block {
  const groups = 2;
  const middle = groups * width;
  const outputs = 2 * middle;
  const first = unit(scope, ["conv1", "bn1"], { inputs, outputs: middle, kernel: 1 });
  const second = unit(scope, ["conv2", "bn2"], { inputs: middle, outputs: middle, kernel: 3, stride, groups });
  const third = unit(scope, ["conv3", "bn3"], { inputs: middle, outputs, kernel: 1 });
  const around = shortcut(scope, "shortcut", inputs, outputs, stride);
  return (x, context) => {
    const inner = relu(second(relu(first(x, context)), context));
    const y = third(dropout(inner, rate, context), context);
    return relu(tf.add(y, around(x, context)));
  };
}

/** Two filters of 7 taps, the first with the stride. */
function basic(scope: Scope, { inputs, width, stride, dropout: rate }: BlockOptions): Block {
  const first = unit(scope, ["conv1", "bn1"], { inputs, outputs: width, kernel: 7, stride });
  const second = unit(scope, ["conv2", "bn2"], { inputs: width, outputs: width, kernel: 7 });
  const around = shortcut(scope, "downsample", inputs, width, stride);
  return (x, context) => {
    const y = second(dropout(relu(first(x, context)), rate, context), context);
    return relu(tf.add(y, around(x, context)));
  };
}
