/** Made in worker threads: images decoded, resized as OpenCV does, normalised and augmented. */
import {
  type ImageAugmentation,
  SLEEP_SAMPLE,
  SYSTEM_000_CUTMIX,
  SYSTEM_000_INTENDED,
  SYSTEM_000_PUBLISHED,
} from "../augmentation";
import type { Generator } from "../core/random";
import { decodePng } from "../formats/png-decode";
import { readBytes } from "../formats/text";
import { type ChannelScale, pixelScaler } from "../preprocessing/normalise";
import { resize } from "../preprocessing/resize";
import { imageAugmentation } from "./augment";
import { type CacheSetup, ExampleCache } from "./cache";
import type { Augmentation, Example } from "./dataset";
import type { PrepareExamples } from "./loader-batch";

/** Augmentations by the names under which a thread is told of them. */
export const IMAGE_AUGMENTATIONS = {
  "system 000, published": SYSTEM_000_PUBLISHED,
  "system 000, intended": SYSTEM_000_INTENDED,
  "sleep, sample": SLEEP_SAMPLE,
  "system 000, CutMix": { steps: SYSTEM_000_PUBLISHED.steps, mix: SYSTEM_000_CUTMIX },
  "system 000, steps only": { steps: SYSTEM_000_PUBLISHED.steps, mix: null },
} as const satisfies Readonly<Record<string, ImageAugmentation>>;
export type ImageAugmentationName = keyof typeof IMAGE_AUGMENTATIONS;

export interface ImageSetup {
  ids: readonly string[];
  groups: readonly string[];
  paths: readonly string[];
  /** [examples, classes] */
  targets: Float32Array;
  height: number;
  width: number;
  scale: ChannelScale;
  augmentation: ImageAugmentationName | null;
  /** Of images decoded and resized. */
  cache: CacheSetup | null;
}

/** To be raised when an image is decoded or resized to other bytes: cached ones are not used then. */
export const IMAGE_EXAMPLES_VERSION = 1;

export const prepare: PrepareExamples<ImageSetup> = (setup) => {
  const { ids, groups, paths, targets, height, width, scale } = setup;
  const cache = setup.cache === null ? null : new ExampleCache(setup.cache);
  const channels = scale.mean.length;
  const classes = targets.length / ids.length;
  const normalise = pixelScaler(scale);
  const read = (index: number, input: Float32Array): Example => {
    const path = paths[index]!;
    const make = (): { pixels: Uint8Array } =>
      resize(decodePng(readBytes(path, "a PNG image"), path), { width, height, method: "opencv-linear" });
    const { pixels } = cache === null ? make() : cache.arrays([path], null, () => ({ pixels: make().pixels }));
    normalise(pixels as Uint8Array, input);
    const target = targets.slice(index * classes, (index + 1) * classes);
    return { id: ids[index]!, input, extras: {}, target, group: groups[index]!, weight: 1 };
  };
  const size = height * width * channels;
  const partner = (random: Generator): Example => read(random.below(ids.length), new Float32Array(size));
  const augment: Augmentation | null =
    setup.augmentation === null ? null : imageAugmentation(IMAGE_AUGMENTATIONS[setup.augmentation], partner);
  return (index, random, input) => {
    const example = read(index, input);
    return augment === null ? example : augment(example, [height, width, channels], random);
  };
};
