/** Images for tests of augmentations. */
import type { FloatImage } from "../../lib/augmentation";

/** An image of these values, [height, width] or [height, width, channels]. */
export function picture(shape: readonly number[], values: ArrayLike<number>): FloatImage {
  const [height, width, channels = 1] = shape as [number, number, number?];
  if (values.length !== height * width * channels) throw new Error(`${values.length} values for [${shape.join(", ")}]`);
  return { height, width, channels, pixels: Float32Array.from(values) };
}
