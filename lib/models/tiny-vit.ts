/**
 * TinyViT (Wu et al. 2022, arXiv 2207.10666): convolutions first, then attention within windows. Names and results are
 * timm's `tiny_vit_*` (rwightman/timm, models/tiny_vit.py); written anew from the layer table.
 *
 *   model              channels   classes   parameters   published use
 *   tiny_vit_5m_224    3          5         5,073,369
 *   tiny_vit_21m_512   1          6         20,693,718   system 002, images of 640 x 1920
 *   tiny_vit_small: not published; narrow and shallow, windows that fit 64 x 192 pixels, for two CPU cores
 *
 * Input [batch, height, width, channels], sides of at least 32 pixels; windows that reach over the edge are filled with
 * zeros, before the norm, and what fills them is attended to. Output: logits.
 */
import { gelu, tf } from "../engine";
import {
  checkInteger,
  checkRate,
  constant,
  convNorm2d,
  dropPath,
  type ForwardContext,
  globalAveragePool,
  type Initial,
  LayerNorm,
  Linear,
  type Scope,
  tapOf,
  truncatedNormal,
  WindowAttention,
} from "../nn";
import type { Family } from "./family";
import { type Model, makeModel, needInput } from "./model";

export interface TinyVitOptions {
  /** Default 3. */
  channels?: number;
  /** Default 1000; small variant 5. */
  classes?: number;
  /** Rate of stochastic depth in the last block; it grows from 0 in the first. Default as published: 0.1 for 21m, else 0. */
  dropPath?: number;
}

type Stages = readonly [number, number, number, number];

interface Variant {
  /** Blocks in each stage. */
  depths: Stages;
  /** Channels of the four stages. */
  widths: Stages;
  /** Heads and window of the last three; the first stage has convolutions. */
  heads: readonly [number, number, number];
  windows: readonly [number, number, number];
  dropPath: number;
  classes: number;
}

const published = { depths: [2, 2, 6, 2], classes: 1000 } as const;

const variants = {
  tiny_vit_5m_224: { ...published, widths: [64, 128, 160, 320], heads: [4, 5, 10], windows: [7, 14, 7], dropPath: 0 },
  tiny_vit_21m_512: {
    ...{ ...published, widths: [96, 192, 384, 576], heads: [6, 12, 18], windows: [16, 32, 16] },
    dropPath: 0.1,
  },
  tiny_vit_small: {
    ...{ depths: [1, 1, 2, 1], widths: [32, 64, 96, 128], heads: [2, 3, 4], windows: [4, 4, 2] },
    ...{ dropPath: 0, classes: 5 },
  },
} as const satisfies Record<string, Variant>;

export type TinyVitName = keyof typeof variants;

const source = "Wu et al. 2022, arXiv 2207.10666; timm";

export const tinyVits: Family<TinyVitName, TinyVitOptions> = {
  input: "image",
  options: ["channels", "classes", "dropPath"],
  members: {
    tiny_vit_5m_224: { summary: "TinyViT of 5 million parameters: small variant of the 21 million", source },
    tiny_vit_21m_512: {
      summary: "TinyViT of 21 million parameters, windows for 512 pixels",
      source,
      shapes: { image: [512, 512, 3] },
    },
    tiny_vit_small: {
      summary: "narrow and shallow TinyViT for small images: small variant for two CPU cores",
      source: "this project, after Wu et al. 2022, arXiv 2207.10666",
      shapes: { image: [96, 96, 3] },
    },
  },
  shapes: { image: [224, 224, 3] },
  make: tinyVit,
};

type Block = (x: tf.Tensor4D, context: ForwardContext) => tf.Tensor4D;

/** @throws SignalbookError for options out of range. */
function tinyVit(name: TinyVitName, options: TinyVitOptions, initial: Initial): Model {
  const { depths, widths, heads, windows, dropPath, classes }: Variant = variants[name];
  const config = {
    channels: checkInteger(`${name}: channels`, options.channels ?? 3, 1, 1024),
    classes: checkInteger(`${name}: classes`, options.classes ?? classes, 1, 100_000),
    dropPath: checkRate(`${name}: dropPath`, options.dropPath ?? dropPath),
  };
  const blocks = depths.reduce((sum, n) => sum + n, 0);
  return makeModel(name, config, initial, (parameters) => {
    const root = parameters.root();
    const half = { kernel: 3, stride: 2 };
    const first = unit(root.at("patch_embed.conv1"), { inputs: config.channels, outputs: widths[0] / 2, ...half });
    const second = unit(root.at("patch_embed.conv2"), { inputs: widths[0] / 2, outputs: widths[0], ...half });
    let place = 0;
    const stages = widths.map((width, s) => {
      const scope = root.at(`stages.${s}`);
      const merge = s === 0 ? undefined : patchMerging(scope.at("downsample"), widths[s - 1]!, width);
      const built = Array.from({ length: depths[s]! }, (_, i) => {
        const rate = (config.dropPath * place++) / (blocks - 1);
        const at = scope.at(`blocks.${i}`);
        if (s === 0) return convolutions(at, width, rate);
        return windowBlock(at, { features: width, heads: heads[s - 1]!, window: windows[s - 1]!, dropPath: rate });
      });
      return { merge, built };
    });
    const norm = new LayerNorm(root.at("head.norm"), { features: widths[3] });
    const head = new Linear(root.at("head.fc"), { inputs: widths[3], outputs: config.classes });
    return (inputs, context) => {
      const axes = ["batch", "height", "width", "channels"];
      const image = needInput(name, "image", inputs.image, axes, config.channels);
      const tap = tapOf(context);
      let x = tap("patch_embed", second(gelu(first(image, context)), context));
      stages.forEach(({ merge, built }, s) => {
        if (merge !== undefined) x = merge(x, context);
        built.forEach((block, i) => {
          x = tap(`stages.${s}.blocks.${i}`, block(x, context));
        });
        tap(`stages.${s}`, x);
      });
      tap("stages", x);
      return tap("head", head.forward(norm.forward(globalAveragePool(x))));
    };
  });
}

/** A convolution that keeps the size (but for the stride), and its norm. */
function unit(
  scope: Scope,
  conv: { inputs: number; outputs: number; kernel: number; stride?: number; groups?: number },
  scale = 1,
): Block {
  return convNorm2d(scope, ["conv", "bn"], { ...conv, padding: (conv.kernel - 1) / 2, norm: { scale } });
}

/** Widen, filter each channel at stride 2, and a last 1x1: half the size. */
function patchMerging(scope: Scope, inputs: number, outputs: number): Block {
  const first = unit(scope.at("conv1"), { inputs, outputs, kernel: 1 });
  const second = unit(scope.at("conv2"), { inputs: outputs, outputs, kernel: 3, stride: 2, groups: outputs });
  const third = unit(scope.at("conv3"), { inputs: outputs, outputs, kernel: 1 });
  return (x, context) => third(gelu(second(gelu(first(x, context)), context)), context);
}

/** An inverted bottleneck of four times the width, with GELU after the sum. */
function convolutions(scope: Scope, width: number, rate: number): Block {
  const wide = 4 * width;
  const first = unit(scope.at("conv1"), { inputs: width, outputs: wide, kernel: 1 });
  const second = unit(scope.at("conv2"), { inputs: wide, outputs: wide, kernel: 3, groups: wide });
  const third = unit(scope.at("conv3"), { inputs: wide, outputs: width, kernel: 1 }, 0);
  return (x, context) => {
    const y = third(gelu(second(gelu(first(x, context)), context)), context);
    return gelu(tf.add(x, dropPath(y, rate, context)));
  };
}

interface WindowBlockOptions {
  features: number;
  heads: number;
  window: number;
  dropPath: number;
}

/** Attention within windows, a 3x3 filter of each channel without a shortcut, and a perceptron of four times the width. */
function windowBlock(scope: Scope, options: WindowBlockOptions): Block {
  const { features, dropPath: rate } = options;
  const attention = new WindowAttention(scope.at("attn"), options);
  const weight = truncatedNormal(0.02);
  const linear = (name: string, inputs: number, outputs: number): Linear =>
    new Linear(scope.at(name), { inputs, outputs, weight, bias: constant(0), result: "policy" });
  const norm = new LayerNorm(scope.at("mlp.norm"), { features });
  const [widen, narrow] = [linear("mlp.fc1", features, 4 * features), linear("mlp.fc2", 4 * features, features)];
  const local = unit(scope.at("local_conv"), { inputs: features, outputs: features, kernel: 3, groups: features });
  return (x, context) => {
    const attended = tf.add(x, dropPath(attention.forward(x), rate, context)) as tf.Tensor4D;
    const mixed = local(attended, context);
    const thought = narrow.forward(gelu(widen.forward(norm.forward(mixed))));
    return tf.add(mixed, dropPath(thought, rate, context));
  };
}
