/**
 * The augmentation of the published systems that train on images, with their probabilities. System 004's, for signals, is
 * beside its steps (PUBLISHED_ECG_AUGMENTATION); systems 001 and 003 use none.
 */
import type { Generator } from "../core/random";
import { gaussianBlur, motionBlur } from "./blur";
import { flipHms, type HmsParts } from "./flip";
import type { FloatImage, ImageExample } from "./image";
import { cutMix, fmix, type MixedExample } from "./mixing";
import { coarseDropout, cutout, type HoleOptions } from "./regions";
import { type Chance, oneOf, type Step, step, withProbability } from "./steps";
import { reverseTime, rollTime } from "./time";
import { brightnessContrast, gaussianNoise } from "./tone";

/** One mixing of two examples, with its chance. */
export interface MixStep {
  readonly name: string;
  readonly chance: Chance;
  readonly parameters: Readonly<Record<string, unknown>>;
  mix(one: ImageExample, other: ImageExample, random: Generator): MixedExample;
}

/** A mixing step from a function and its parameters. */
export function mixStep<P extends object>(
  name: string,
  probability: number,
  mix: (one: ImageExample, other: ImageExample, parameters: Readonly<P>, random: Generator) => MixedExample,
  parameters: Readonly<P>,
): MixStep {
  return {
    name,
    chance: withProbability(probability),
    parameters: { ...parameters },
    mix: (one, other, random) => mix(one, other, parameters, random),
  };
}

export interface ImageAugmentation {
  readonly steps: readonly Step<FloatImage>[];
  /** After the steps; the other example goes through the same steps first. null: examples stay apart. */
  readonly mix: MixStep | null;
}

const HOLES_000: HoleOptions = { holes: 8, height: 8, width: 8, fill: 0 };

/** Steps of system 000, on images already normalised: a hole is ImageNet's mean grey, not black. */
const STEPS_000: readonly Step<FloatImage>[] = [
  step("coarse dropout", 0.5, coarseDropout, HOLES_000),
  step("cutout", 0.5, cutout, HOLES_000),
];

const FMIX_000 = { alpha: 1, clip: [0.6, 0.7], decay: 3, maxSoftness: 1 } as const;

/** As its authors ran it: masks that hardly vary along x, and mixed numbers of classes cut to a class. */
export const SYSTEM_000_PUBLISHED: ImageAugmentation = {
  steps: STEPS_000,
  mix: mixStep("FMix", 0.5, fmix, { ...FMIX_000, mask: "published", targets: "truncated" }),
};

/** As it was meant: masks in two dimensions, targets that say how much of each class is there. */
export const SYSTEM_000_INTENDED: ImageAugmentation = {
  steps: STEPS_000,
  mix: mixStep("FMix", 0.5, fmix, { ...FMIX_000, mask: "corrected", targets: "soft" }),
};

/**
 * For sample sets of sleep pictures, of either system: learnt from anew, from few examples and for minutes, pictures with
 * holes and mixed pictures leave too little to learn from.
 */
export const SLEEP_SAMPLE: ImageAugmentation = {
  steps: [step("another beginning", 1, rollTime, {}), step("backwards", 0.5, reverseTime, {})],
  mix: null,
};

/** In system 000's code beside FMix and switched off there. */
export const SYSTEM_000_CUTMIX: MixStep = mixStep("CutMix", 0.5, cutMix, {
  alpha: 1,
  clip: [0.3, 0.4],
  targets: "truncated",
});

/** The head's mirror image, before system 002's image is drawn. */
export const SYSTEM_002_FLIP: readonly Step<HmsParts>[] = [step("left-right flip", 0.5, flipHms, {})];

const BLUR_002 = { sizes: [3, 7] } as const;

/** Rows of system 002's image, that its holes are made for. */
const ROWS_002 = 640;

/**
 * System 002, on the drawn image in [0, 1]. mixup is in its code and switched off.
 * @param rows of the image: holes shrink with one that was drawn smaller
 */
export function system002Image(rows: number = ROWS_002): ImageAugmentation {
  const side = Math.max(1, Math.round((64 * rows) / ROWS_002));
  return {
    steps: [
      step("brightness and contrast", 0.5, brightnessContrast, { brightness: 0.1, contrast: 0.1 }),
      oneOf(0.4, [
        step("Gaussian noise", 0.5, gaussianNoise, { variance: [0.1, 0.3] }),
        step("Gaussian blur", 0.5, gaussianBlur, BLUR_002),
        step("motion blur", 0.5, motionBlur, BLUR_002),
      ]),
      step("coarse dropout", 0.5, coarseDropout, { holes: 5, height: side, width: side, fill: 0 }),
    ],
    mix: null,
  };
}

export const SYSTEM_002_IMAGE: ImageAugmentation = system002Image();
