/** Two examples made into one: their images by a mask, a box or an average, their targets by the share of each. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { drawBeta } from "./beta";
import { drawSpectrum, type FMixVariant, fmixGrey, rankedMask } from "./fmix";
import { type ImageExample, requireSameShape } from "./image";

/** A mixture, and how much of it is the first example. */
export interface MixedExample extends ImageExample {
  share: number;
}

export interface LambdaOptions {
  /** Lambda is drawn from Beta(alpha, alpha). */
  alpha: number;
  /** And moved into this range: draws outside become its ends. */
  clip: readonly [low: number, high: number];
}

/** The share of the first example. */
export function drawLambda({ alpha, clip }: Readonly<LambdaOptions>, random: Generator): number {
  const [low, high] = clip;
  if (!(low >= 0 && low <= high && high <= 1))
    throw new SignalbookError("a range of lambda", { found: `${low} to ${high}`, expected: "within 0 to 1" });
  return Math.min(high, Math.max(low, drawBeta(alpha, alpha, random)));
}

/**
 * How targets are mixed. soft: as the images are, share by share. truncated: as in the published code of system 000, where
 * labels are the classes' numbers: class 4 and class 0 at a share of 0.65 give 2.6, which is cut to class 2.
 */
export type TargetMixing = "soft" | "truncated";

/** The target of a mixture. @throws SignalbookError for unlike lengths, and "truncated" of a target that is not one class. */
export function mixTargets(
  one: Float32Array,
  other: Float32Array,
  share: number,
  mixing: TargetMixing = "soft",
): Float32Array {
  if (one.length !== other.length)
    throw new SignalbookError("targets of unlike length", {
      found: String(other.length),
      expected: String(one.length),
    });
  if (mixing === "soft") return one.map((value, k) => share * value + (1 - share) * other[k]!);
  const mixed = new Float32Array(one.length);
  mixed[truncatedClass(oneClass(one), oneClass(other), share)] = 1;
  return mixed;
}

/** The class that numbers mixed and cut to a whole one name. */
export function truncatedClass(one: number, other: number, share: number): number {
  return Math.trunc(share * one + (1 - share) * other);
}

function oneClass(target: Float32Array): number {
  const marked = target.indexOf(1);
  if (marked < 0 || target.some((value, k) => k !== marked && value !== 0))
    throw new SignalbookError("a target without one class", {
      found: target.join(", "),
      expected: "1 for one class and 0 for the others: numbers of classes cannot say more",
    });
  return marked;
}

export interface FMixOptions extends LambdaOptions {
  /** Noise falls off with this power of the frequency. */
  decay: number;
  /** See {@link rankedMask}; 1 makes the ramp as wide as it can be. */
  maxSoftness: number;
  mask: FMixVariant;
  targets: TargetMixing;
}

/** FMix (Harris et al. 2020): the first image where a mask of low-frequency noise is one, the other where it is zero. */
export function fmix(
  one: ImageExample,
  other: ImageExample,
  options: Readonly<FMixOptions>,
  random: Generator,
): MixedExample & { mask: Float32Array } {
  const { height, width } = one.image;
  const lambda = drawLambda(options, random);
  const grey = fmixGrey(drawSpectrum(height, width, options.decay, random), options.mask);
  const rounding = random.random() > 0.5 ? "up" : "down";
  const mask = rankedMask(grey, { lambda, maxSoftness: options.maxSoftness, rounding });
  const share = mask.reduce((sum, value) => sum + value, 0) / mask.length;
  return { ...mixByMask(one, other, mask, share, options.targets), mask };
}

/** The first image where the mask ([height, width]) is 1, the other where it is 0, their average in between. */
function mixByMask(
  one: ImageExample,
  other: ImageExample,
  mask: Float32Array,
  share: number,
  mixing: TargetMixing,
): MixedExample {
  requireSameShape(one.image, other.image);
  const { channels } = one.image;
  const theirs = other.image.pixels;
  const pixels = one.image.pixels.map((value, i) => {
    const kept = mask[(i / channels) | 0]!;
    return kept * value + (1 - kept) * theirs[i]!;
  });
  const target = mixTargets(one.target, other.target, share, mixing);
  return { image: { ...one.image, pixels }, target, share };
}

export interface CutMixOptions extends LambdaOptions {
  targets: TargetMixing;
}

/**
 * CutMix (Yun et al. 2019): a box of the other image, 1 - lambda of the area large unless the image's edge cuts it off,
 * around any pixel. The share is what is left of the first image.
 */
export function cutMix(
  one: ImageExample,
  other: ImageExample,
  options: Readonly<CutMixOptions>,
  random: Generator,
): MixedExample {
  const { height, width } = one.image;
  const side = Math.sqrt(1 - drawLambda(options, random));
  const mask = new Float32Array(height * width).fill(1);
  const edges = (length: number): [number, number] => {
    const half = Math.trunc(length * side) >> 1;
    const centre = random.below(length);
    return [Math.max(0, centre - half), Math.min(length, centre + half)];
  };
  const [left, right] = edges(width);
  const [top, bottom] = edges(height);
  for (let y = top; y < bottom; y++) mask.fill(0, y * width + left, y * width + right);
  const share = 1 - ((right - left) * (bottom - top)) / (height * width);
  return mixByMask(one, other, mask, share, options.targets);
}

/** mixup (Zhang et al. 2018): every pixel the same average of both. */
export function mixUp(
  one: ImageExample,
  other: ImageExample,
  options: Readonly<LambdaOptions>,
  random: Generator,
): MixedExample {
  const { height, width } = one.image;
  const share = drawLambda(options, random);
  return mixByMask(one, other, new Float32Array(height * width).fill(share), share, "soft");
}
