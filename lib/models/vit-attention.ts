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
  if (!Object.hasOwn(vitVariants, model.name))
    throw new SignalbookError("attention of a class token that the model has not", {
      found: model.name,
      expected: "a vision transformer (vit_...)",
    });
  const { depth, heads } = vitVariants[model.name as VitName];
  const at = checkInteger("block of a vision transformer", block ?? depth - 1, 1, depth - 1);
  const parameter = (name: string): tf.Variable => model.parameters.get(`blocks.${at}.${name}`)!;
  return tf.tidy(() => {
    const kept: tf.Tensor3D[] = [];
    model.forward(
      { image },
      {
        training: false,
        tap: (name, value) => {
          if (name === `blocks.${at - 1}`) kept.push(tf.keep(tf.clone(value)) as tf.Tensor3D);
        },
      },
    );
    const x = kept[0]!;
    const [batch, tokens, features] = x.shape;
    const headFeatures = features / heads;
    const normal = layerNorm(x, parameter("norm1.weight"), parameter("norm1.bias"), epsilon);
    const projected = linear(normal, parameter("attn.qkv.weight"), parameter("attn.qkv.bias"), "float32");
    const [queries, keys] = tf.split<tf.Tensor3D>(projected, 3, 2).map((part) => splitHeads(part, heads)) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const asked = tf.slice(queries, [0, 0, 0, 0], [batch, heads, 1, headFeatures]);
    const weights = tf.softmax(tf.mul(tf.matMul(asked, keys, false, true), headFeatures ** -0.5));
    const toPatches = tf.slice(weights, [0, 0, 0, 1], [batch, heads, 1, tokens - 1]);
    x.dispose();
    return tf.reshape(toPatches, [batch, heads, image.shape[1] / patch, image.shape[2] / patch]);
  });
}
