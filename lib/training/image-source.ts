/** Images in files as a source of examples: what is told of them here, and made of them in worker threads. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { MAIC_STAGES, type MaicEntry } from "../formats";
import { readBytes } from "../formats/text";
import { type ChannelScale, IMAGENET_SCALE } from "../preprocessing";
import { type CacheOptions, type CacheSetup, cacheSetup } from "./cache";
import { IMAGE_EXAMPLES_VERSION, type ImageAugmentationName, type ImageSetup } from "./image-examples";
import { sampled } from "./learnt-from";
import type { WorkerSource } from "./worker-loader";

export interface ImageSourceOptions {
  /** Pixels that images are resized to, as OpenCV does it. Default 224. */
  height?: number;
  width?: number;
  /** One mean and deviation a channel; a grey image is given to all of them. Default ImageNet's three. */
  scale?: ChannelScale;
  /** Default none. */
  augmentation?: ImageAugmentationName | null;
  /** Keeps resized images on disk. */
  cache?: Pick<CacheOptions, "folder" | "identity" | "maxBytes">;
}

/** An image in a file, and what it shows. */
export interface ImageFile {
  id: string;
  path: string;
  group: string;
  /** [classes] */
  target: ArrayLike<number>;
}

const imageCache = (cache: NonNullable<ImageSourceOptions["cache"]>, height: number, width: number): CacheSetup =>
  cacheSetup({ ...cache, parameters: { height, width, resize: "opencv-linear" }, version: IMAGE_EXAMPLES_VERSION });

/** PNG images in files. @throws SignalbookError where there are none, or a target is of another length. */
export function imageSource(
  name: string,
  classes: readonly string[],
  files: readonly ImageFile[],
  options: ImageSourceOptions = {},
): WorkerSource<ImageSetup> {
  const { height = 224, width = 224, scale = IMAGENET_SCALE, augmentation = null, cache } = options;
  if (files.length === 0) throw new SignalbookError("a data set without examples", { place: name });
  const targets = new Float32Array(new SharedArrayBuffer(4 * files.length * classes.length));
  files.forEach(({ id, target }, i) => {
    if (target.length !== classes.length)
      throw new SignalbookError("a target of another length", {
        place: `${name}, example ${id}`,
        found: String(target.length),
        expected: `${classes.length} classes`,
      });
    targets.set(Array.from(target), i * classes.length);
  });
  const ids = files.map(({ id }) => id);
  const groups = files.map(({ group }) => group);
  const paths = files.map(({ path }) => path);
  const inputShape = [height, width, scale.mean.length];
  return {
    dataset: { name, length: files.length, inputShape, extraLengths: {}, classes, ids, groups },
    weighted: false,
    module: join(__dirname, "image-examples.ts"),
    shared: {
      ids,
      groups,
      paths,
      targets,
      height,
      width,
      scale,
      augmentation,
      cache: cache ? imageCache(cache, height, width) : null,
    },
    describe: () => ({
      ...{ version: IMAGE_EXAMPLES_VERSION, targets, height, width, scale, augmentation },
      files: sampled(paths.length).map((i) => readBytes(paths[i]!, "an image")),
    }),
  };
}

/**
 * The labelled images of a MAIC list: exams' folders under `root`. An exam is a group: nobody is on both sides of a split.
 * @throws SignalbookError naming the line of an entry without a stage.
 */
export function maicSource(
  root: string,
  entries: readonly MaicEntry[],
  options: ImageSourceOptions = {},
): WorkerSource<ImageSetup> {
  const files = entries.map(({ exam, image, stage, line }): ImageFile => {
    if (stage === null)
      throw new SignalbookError("an image without a stage", { place: `line ${line}, ${exam}/${image}` });
    const target = MAIC_STAGES.map((name) => (name === stage ? 1 : 0));
    return { id: `${exam}/${image}`, path: join(root, exam, image), group: exam, target };
  });
  return imageSource(`MAIC images of ${root}`, MAIC_STAGES, files, options);
}
