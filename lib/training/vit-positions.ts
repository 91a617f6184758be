/** A vision transformer's position embedding for images of another size than the weights were trained on. */
import type { Adapter } from "../models/weights";
import { resize } from "../preprocessing/resize";

/** Pixels of the images that weights were trained on. */
export interface ImageSize {
  height: number;
  width: number;
}

const patch = 16;

/**
 * timm's rule (`resample_abs_pos_embed`): the class token's place stays, the grid of patches is resized as an image,
 * bicubic with antialias.
 * @param trained where it is not given, the grid is taken to be square
 */
export function positionAdapter(trained?: ImageSize): Adapter {
  return (name, stored, shape, model) => {
    const [, tokens = 0, features = 0] = stored.shape;
    if (name !== "pos_embed" || !model.name.startsWith("vit_") || features !== shape[2]) return undefined;
    const side = Math.sqrt(tokens - 1);
    const from =
      trained === undefined ? { height: side, width: side } : { height: trained.height / patch, width: trained.width / patch }; // biome-ignore format: one line reads better
    const { height = 0, width = 0 } = model.config as unknown as Partial<ImageSize>;
    const to = { height: height / patch, width: width / patch };
    if (from.height * from.width !== tokens - 1 || !Number.isInteger(from.height)) return undefined;
    if (from.height === to.height && from.width === to.width) return undefined;
    const grid = { ...from, channels: features, pixels: stored.values.subarray(features) };
    const { pixels } = resize(grid, { ...to, method: "torch-bicubic-antialias" });
    const values = new Float32Array(features + pixels.length);
    values.set(stored.values.subarray(0, features));
    values.set(pixels, features);
    const grids = [from, to].map((size) => `${size.height} x ${size.width}`);
    return { shape, values, how: `positions of ${grids[0]} patches made ones of ${grids[1]}, bicubic` };
  };
}
