/**
 * Vision transformers (Dosovitskiy et al. 2021, arXiv 2010.11929), patches of 16x16 pixels. Names and results are timm's
 * `vit_*_patch16_224` (rwightman/timm, models/vision_transformer.py); written anew from the layer table.
 *
 *   model                   width   heads   parameters, 5 classes   multiply-adds at 224x224
 *   vit_tiny_patch16_224    192     3       5,525,381               1.3 G
 *   vit_small_patch16_224   384     6       21,667,589              4.6 G
 *   vit_base_patch16_224    768     12      85,802,501              17.6 G
 *
 *   vit_patch16_small: not published; 96 features, 3 heads, 4 blocks, for two CPU cores; its patches pass a few convolutions
 *
 * 12 blocks as published; layer norm first, with epsilon 1e-6; GELU; a learned class token and position embedding.
 * Input [batch, height, width, channels] of the size the model was made for. Output: logits of the class token.
 */
import { castTo, gelu, tf, truePrecision } from "../engine";
import {
  checkInteger,
  checkRate,
  constant,
  dropPath,
  type ForwardContext,
  type Initial,
  type Initializer,
  LayerNorm,
  Linear,
  type Scope,
  SelfAttention,
  tapOf,
  truncatedNormal,
} from "../nn";
import type { Family } from "./family";
import { type Model, makeModel, needImage } from "./model";
import { convolutionalStart, plainStart } from "./vit-start";

export interface VitOptions {
  /** Default 3. */
  channels?: number;
  /** Default 1000; small variant 5. */
  classes?: number;
  /** Pixels; a multiple of 16. Default 224; small variant 96. */
  height?: number;
  /** Pixels; a multiple of 16. Default 224; small variant 96. */
  width?: number;
  /** Rate of stochastic depth in the last block; it grows from 0 in the first. Default 0. */
  dropPath?: number;
}

const published = { depth: 12, side: 224, classes: 1000, start: plainStart } as const;

export const vitVariants = {
  vit_tiny_patch16_224: { ...published, features: 192, heads: 3 },
  vit_small_patch16_224: { ...published, features: 384, heads: 6 },
  vit_base_patch16_224: { ...published, features: 768, heads: 12 },
  vit_patch16_small: { depth: 4, side: 96, classes: 5, features: 96, heads: 3, start: convolutionalStart },
} as const;

export type VitName = keyof typeof vitVariants;

/** Pixels of a patch's side, and what all norms add to the variance. */
export const [patch, epsilon] = [16, 1e-6];
const small = truncatedNormal(0.02);

const source = "Dosovitskiy et al. 2021, arXiv 2010.11929; timm";

export const vits: Family<VitName, VitOptions> = {
  input: "image",
  options: ["channels", "classes", "height", "width", "dropPath"],
  members: {
    vit_tiny_patch16_224: { summary: "vision transformer, 192 features: small variant of ViT-B/16", source },
    vit_small_patch16_224: { summary: "vision transformer, 384 features: small variant of ViT-B/16", source },
    vit_base_patch16_224: { summary: "vision transformer ViT-B/16", source },
    vit_patch16_small: {
      summary: "vision transformer, 96 features, 4 blocks, for small images: small variant for two CPU cores",
      source: "this project, after Dosovitskiy et al. 2021, arXiv 2010.11929, and Xiao et al. 2021, arXiv 2106.14881",
      shapes: { image: [96, 96, 3] },
    },
  },
  shapes: { image: [224, 224, 3] },
  make: vit,
};

/** @throws SignalbookError for options out of range. */
function vit(name: VitName, options: VitOptions, initial: Initial): Model {
  const { features, heads, depth, side, classes, start } = vitVariants[name];
  const patches = (what: string, pixels: number): number =>
    checkInteger(`${name}: ${what} in patches of ${patch} pixels`, pixels / patch, 1, 256) * patch;
  const config = {
    channels: checkInteger(`${name}: channels`, options.channels ?? 3, 1, 1024),
    classes: checkInteger(`${name}: classes`, options.classes ?? classes, 1, 100_000),
    height: patches("height", options.height ?? side),
    width: patches("width", options.width ?? side),
    dropPath: checkRate(`${name}: dropPath`, options.dropPath ?? 0),
  };
  return makeModel(name, config, initial, (parameters) => {
    const root = parameters.root();
    const token = root.parameter("cls_token", { shape: [1, 1, features], layout: "same", initializer: small });
    const grid = { rows: config.height / patch, columns: config.width / patch };
    const tokens = grid.rows * grid.columns + 1;
    const shape = [1, tokens, features];
    const places = root.parameter("pos_embed", { shape, layout: "same", initializer: start.places(grid) });
    const channels = { inputs: config.channels, outputs: features };
    const embedding = start.stem(root.at("patch_embed"), { ...channels, patch });
    const blocks = Array.from({ length: depth }, (_, i) =>
      block(root.at(`blocks.${i}`), {
        features,
        heads,
        weights: start.weights,
        dropPath: (config.dropPath * i) / (depth - 1),
      }),
    );
    const norm = new LayerNorm(root.at("norm"), { features, epsilon });
    const head = new Linear(root.at("head"), {
      inputs: features,
      outputs: config.classes,
      weight: small,
      bias: constant(0),
    });
    return (inputs, context) => {
      const image = needImage(name, inputs.image, config);
      const tap = tapOf(context);
      const batch = image.shape[0];
      const pieces = embedding(image, context);
      const sequence: tf.Tensor3D = tf.reshape(pieces, [batch, tokens - 1, features]);
      tap("patch_embed", sequence);
      const precision = truePrecision(sequence);
      const first = tf.tile(castTo(token as tf.Tensor3D, precision), [batch, 1, 1]);
      let x: tf.Tensor3D = tf.add(tf.concat([first, sequence], 1), castTo(places, precision));
      blocks.forEach((forward, i) => {
        x = tap(`blocks.${i}`, forward(x, context));
      });
      tap("blocks", x);
      const normal = tap("norm", norm.forward(x));
      const chosen: tf.Tensor2D = tf.reshape(tf.slice(normal, [0, 0, 0], [batch, 1, features]), [batch, features]);
      tap("fc_norm", chosen);
      tap("head_drop", chosen);
      return tap("head", head.forward(chosen));
    };
  });
}

interface BlockOptions {
  features: number;
  heads: number;
  /** First values of the perceptron's. */
  weights: Initializer;
  dropPath: number;
}

/** Attention and a perceptron of four times the width, each after a norm and around a shortcut. */
function block(scope: Scope, options: BlockOptions): (x: tf.Tensor3D, context: ForwardContext) => tf.Tensor3D {
  const { features, heads, weights: weight } = options;
  const norm1 = new LayerNorm(scope.at("norm1"), { features, epsilon });
  const attention = new SelfAttention(scope.at("attn"), { features, heads });
  const norm2 = new LayerNorm(scope.at("norm2"), { features, epsilon });
  const wide = 4 * features;
  const linear = (name: string, inputs: number, outputs: number): Linear =>
    new Linear(scope.at(name), { inputs, outputs, weight, bias: constant(0), result: "policy" });
  const [fc1, fc2] = [linear("mlp.fc1", features, wide), linear("mlp.fc2", wide, features)];
  return (x, context) => {
    const attended = tf.add(x, dropPath(attention.forward(norm1.forward(x)), options.dropPath, context));
    const thought = fc2.forward(gelu(fc1.forward(norm2.forward(attended))));
    return tf.add(attended, dropPath(thought, options.dropPath, context)) as tf.Tensor3D;
  };
}
