/** What a vision transformer's class token, from which the logits are made, looks at. */
import { SignalbookError } from "../core/errors";
import { layerNorm, tf } from "../engine";
import { checkInteger, linear, splitHeads } from "../nn";
import type { Model } from "./model";

/** Pixels of a patch's side, features of a head, epsilon of the norms: the same in all variants. */
const [patch, headFeatures, epsilon] = [16, 64, 1e-6];

/**
 * The weights with which the class token attends to each patch in one block, in evaluation; computed anew from the
 * block's input. What they lack of 1 in sum, the token gives to itself.
 * @param image as the model takes it, [batch, height, width, channels]
 * @param block 1 to 11; the last, which is the default, is the only one whose result goes straight into the logits
 * @returns [batch, heads, rows of patches, columns of patches]
 * @throws SignalbookError for a model that is no vision transformer
 */
export function classTokenAttention(model: Model, image: tf.Tensor4D, block = 11): tf.Tensor4D {
  if (!model.name.startsWith("vit_"))
    throw new SignalbookError("attention of a class token that the model has not", {
      found: model.name,
      expected: "a vision transformer (vit_...)",
    });
  checkInteger("block of a vision transformer", block, 1, 11);
  const parameter = (name: string): tf.Variable => model.parameters.get(`blocks.${block}.${name}`)!;
  return tf.tidy(() => {
    const kept: tf.Tensor3D[] = [];
    model.forward(
      { image },
      {
        training: false,
        tap: (name, value) => {
          if (name === `blocks.${block - 1}`) kept.push(tf.keep(tf.clone(value)) as tf.Tensor3D);
        },
      },
    );
    const x = kept[0]!;
    const [batch, tokens, features] = x.shape;
    const heads = features / headFeatures;
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
