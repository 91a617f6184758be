/** Made in worker threads: system 001's strips of four epochs, as values from 0 to 1. */
import { SignalbookError } from "../core/errors";
import { MAIC_HEIGHT, MAIC_WIDTH } from "../formats/maic";
import { decodePng } from "../formats/png-decode";
import { readBytes } from "../formats/text";
import type { Image } from "../preprocessing/image";
import { cropRows, STRIP_EPOCHS } from "../preprocessing/psg-strip";
import type { PrepareExamples } from "../training/loader-batch";

export interface StripSetup {
  ids: readonly string[];
  groups: readonly string[];
  /** Of all images that strips are made of. */
  paths: readonly string[];
  /** [examples, 4]: which image lies in each slot, from left to right; -1 is black. */
  slots: Int32Array;
  /** [examples, classes] */
  targets: Float32Array;
  /** Of an image, both included. */
  rows: { first: number; last: number };
}

/** Crops that a thread keeps: an epoch lies in four strips. */
const KEPT = 1024;

export const prepare: PrepareExamples<StripSetup> = ({ ids, groups, paths, slots, targets, rows }) => {
  const classes = targets.length / ids.length;
  const height = rows.last - rows.first + 1;
  const kept = new Map<number, Uint8Array>();
  const crop = (image: number): Uint8Array => {
    const before = kept.get(image);
    if (before !== undefined) return before;
    const { pixels } = cropRows(greyImage(paths[image]!), rows);
    const oldest = kept.size === KEPT ? kept.keys().next() : null;
    if (oldest !== null && !oldest.done) kept.delete(oldest.value);
    kept.set(image, pixels);
    return pixels;
  };
  return (index, _random, input) => {
    input.fill(0);
    for (let slot = 0; slot < STRIP_EPOCHS; slot++) {
      const image = slots[index * STRIP_EPOCHS + slot]!;
      if (image < 0) continue;
      const pixels = crop(image);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < MAIC_WIDTH; x++)
          input[(y * STRIP_EPOCHS + slot) * MAIC_WIDTH + x] = pixels[y * MAIC_WIDTH + x]! / 255;
    }
    const target = targets.slice(index * classes, (index + 1) * classes);
    return { id: ids[index]!, input, extras: {}, target, group: groups[index]!, weight: 1 };
  };
};

function greyImage(path: string): Image<Uint8Array> {
  const image = decodePng(readBytes(path, "a PNG image"), path);
  const { width, height, channels } = image;
  if (width === MAIC_WIDTH && height === MAIC_HEIGHT && channels === 1) return image;
  throw new SignalbookError("an image that no strip can be made of", {
    file: path,
    found: `${width} x ${height}, ${channels} channels`,
    expected: `${MAIC_WIDTH} x ${MAIC_HEIGHT}, grey`,
  });
}
