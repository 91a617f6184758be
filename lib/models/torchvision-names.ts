/**
 * torchvision's weights under timm's names. ResNets are called the same by both; the vision transformer is the same
 * network under other names; the EfficientNets are other networks. Checked with torchvision 0.29.2 and timm 1.0.31.
 */
import { SignalbookError } from "../core/errors";
import type { State, StoredTensor } from "../nn";

/** Rules for whole names of `vit_b_16` and its kin; `linear_1` and `linear_2` are what torchvision 0.12 wrote. */
const transformer: readonly (readonly [theirs: RegExp, ours: string])[] = [
  [/^class_token$/, "cls_token"],
  [/^encoder\.pos_embedding$/, "pos_embed"],
  [/^conv_proj\.(weight|bias)$/, "patch_embed.proj.$1"],
  [/^encoder\.layers\.encoder_layer_(\d+)\.ln_([12])\.(weight|bias)$/, "blocks.$1.norm$2.$3"],
  [/^encoder\.layers\.encoder_layer_(\d+)\.self_attention\.in_proj_(weight|bias)$/, "blocks.$1.attn.qkv.$2"],
  [/^encoder\.layers\.encoder_layer_(\d+)\.self_attention\.out_proj\.(weight|bias)$/, "blocks.$1.attn.proj.$2"],
  [/^encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:0|linear_1)\.(weight|bias)$/, "blocks.$1.mlp.fc1.$2"],
  [/^encoder\.layers\.encoder_layer_(\d+)\.mlp\.(?:3|linear_2)\.(weight|bias)$/, "blocks.$1.mlp.fc2.$2"],
  [/^encoder\.ln\.(weight|bias)$/, "norm.$1"],
  [/^heads\.head\.(weight|bias)$/, "head.$1"],
];

/**
 * The same tensors under timm's names; those that are timm's already, or nobody's, keep theirs.
 * @param file where they are from, for errors
 * @throws SignalbookError for torchvision's EfficientNet, which pads its images otherwise, and for two tensors of one name
 */
export function timmNames(state: ReadonlyMap<string, StoredTensor>, file = ""): State {
  if (state.has("features.0.0.weight") && state.has("features.1.0.block.0.0.weight"))
    throw new SignalbookError("torchvision's EfficientNet is another network than timm's tf_efficientnet", {
      file,
      found: "features.0.0.weight, features.1.0.block.0.0.weight ...",
      expected: "conv_stem.weight, blocks.0.0.conv_dw.weight ...",
      fix: "take timm's tf_efficientnet weights: their images are padded by TensorFlow's rule",
    });
  if (!state.has("class_token") && !state.has("encoder.pos_embedding")) return new Map(state);
  const renamed: State = new Map();
  for (const [name, tensor] of state) {
    const rule = transformer.find(([theirs]) => theirs.test(name));
    const ours = rule === undefined ? name : name.replace(rule[0], rule[1]);
    if (renamed.has(ours)) throw new SignalbookError("two tensors that are one", { file, place: name, found: ours });
    renamed.set(ours, tensor);
  }
  return renamed;
}
