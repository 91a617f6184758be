/** A module of examples that decodes with sharp, asynchronously: images of 8 x 8 pixels, some of them brighter. */
import sharp from "sharp";
import type { PrepareExamples } from "../../lib/training/loader-batch";

export const prepare: PrepareExamples<{ paths: string[] }> = ({ paths }) => {
  sharp.concurrency(1);
  return async (index, random, input) => {
    const bytes = await sharp(paths[index]!).greyscale().resize(8, 8, { fit: "fill" }).raw().toBuffer();
    for (let i = 0; i < 64; i++) input[i] = bytes[i]! + (random.random() < 0.5 ? 0 : 1000 * sharp.concurrency());
    return { id: String(index), input, extras: {}, target: Float32Array.of(1), group: "", weight: 1 };
  };
};
