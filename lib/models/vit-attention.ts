/** What a vision transformer's class token, from which the logits are made, looks at. */
import { SignalbookError } from "../core/errors";
import { layerNorm, tf } from "../engine";
import { checkInteger, linear, splitHeads } from "../nn";
import type { Model } from "./model";
import { epsilon, patch, type VitName, vitVariants } from "./vit";

/**
 * The weights with which the class token attends to each patch in one block, in evaluation; computed anew from the
 * block's input. What they lack of 1 in sum, the token gives to itself.
 * @param image as the model takes it, [batch, height, width, channels]
 * @param block from 1; the last, which is the default, is the only one whose result goes straight into the logits
 * @returns [batch, heads, rows of patches, columns of patches]
 * @throws SignalbookError for a model that is no vision transformer
 */
export function classTokenAttention(model: Model, image: tf.Tensor4D, block?: number): tf.Tensor4D {
  const { depth, heads } = variantOf(model);
  const at = checkInteger("block of a vision transformer", block ?? depth - 1, 1, depth - 1);
  return tf.tidy(() => {
    const before = `blocks.${at - 1}`;
    const x = tapped(model, image, [before]).get(before)!;
    const [batch, tokens] = x.shape;
    const weights = attentionOf(model, at, heads, x);
    const toPatches = tf.slice(weights, [0, 0, 0, 1], [batch, heads, 1, tokens - 1]);
    return tf.reshape(toPatches, [batch, heads, image.shape[1] / patch, image.shape[2] / patch]);
  });
}

/**
 * Attention rollout (Abnar and Zuidema 2020, arXiv 2005.00928): how much of what the class token holds after the last
 * block came from each patch, if every block mixed tokens by the mean of its heads' attention and, in equal parts, kept
 * them. What the shares lack of 1 in sum is the token's own.
 * @param image as the model takes it, [batch, height, width, channels]
 * @returns [batch, rows of patches, columns of patches]
 * @throws SignalbookError for a model that is no vision transformer
 */
export function attentionRollout(model: Model, image: tf.Tensor4D): tf.Tensor3D {
  const { depth, heads } = variantOf(model);
  return tf.tidy(() => {
    const names = ["patch_embed", ...Array.from({ length: depth - 1 }, (_, i) => `blocks.${i}`)];
    const taps = tapped(model, image, names);
    const pieces = taps.get("patch_embed")!;
    const batch = pieces.shape[0];
    const first = tf.tile(model.parameters.get("cls_token") as tf.Tensor3D, [batch, 1, 1]);
    taps.set("patch_embed", tf.add(tf.concat([first, pieces], 1), model.parameters.get("pos_embed")!));
    const tokens = pieces.shape[1] + 1;
    // From the last block back to the picture, the token's row alone: the product of all blocks' matrices is not needed.
    let shares = tf.tile(tf.oneHot(tf.tensor2d([0], [1, 1], "int32"), tokens), [batch, 1, 1]) as tf.Tensor3D;
    for (let at = depth - 1; at >= 0; at--) {
      const attention = tf.mean(attentionOf(model, at, heads, taps.get(names[at]!)!, tokens), 1) as tf.Tensor3D;
      shares = tf.mul(0.5, tf.add(shares, tf.matMul(shares, attention)));
    }
    const toPatches = tf.slice(shares, [0, 0, 1], [batch, 1, tokens - 1]);
    return tf.reshape(toPatches, [batch, image.shape[1] / patch, image.shape[2] / patch]);
  });
}

function variantOf(model: Model): (typeof vitVariants)[VitName] {
  if (!Object.hasOwn(vitVariants, model.name))
    throw new SignalbookError("attention of a class token that the model has not", {
      found: model.name,
      expected: "a vision transformer (vit_...)",
    });
  return vitVariants[model.name as VitName];
}

/** Intermediates of an evaluation by name. To be called within a tidy. */
function tapped(model: Model, image: tf.Tensor4D, names: readonly string[]): Map<string, tf.Tensor3D> {
  const kept = new Map<string, tf.Tensor3D>();
  const tap = (name: string, value: tf.Tensor): void => {
    if (names.includes(name)) kept.set(name, tf.keep(tf.clone(value)) as tf.Tensor3D);
  };
  model.forward({ image }, { training: false, tap });
  return new Map(
    [...kept].map(([name, value]) => {
      const own = tf.clone(value);
      value.dispose();
      return [name, own];
    }),
  );
}

/** The weights with which a block's first tokens attend to all: [batch, heads, asked, tokens]. @param x [batch, tokens, features] */
function attentionOf(model: Model, at: number, heads: number, x: tf.Tensor3D, asked = 1): tf.Tensor4D {
  const parameter = (name: string): tf.Variable => model.parameters.get(`blocks.${at}.${name}`)!;
  const [batch, , features] = x.shape;
  const headFeatures = features / heads;
  const normal = layerNorm(x, parameter("norm1.weight"), parameter("norm1.bias"), epsilon);
  const projected = linear(normal, parameter("attn.qkv.weight"), parameter("attn.qkv.bias"), "float32");
  const [queries, keys] = tf.split<tf.Tensor3D>(projected, 3, 2).map((part) => splitHeads(part, heads)) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const asking = tf.slice(queries, [0, 0, 0, 0], [batch, heads, asked, headFeatures]);
  return tf.softmax(tf.mul<tf.Tensor4D>(tf.matMul(asking, keys, false, true), headFeatures ** -0.5));
}
