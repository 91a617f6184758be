/** Training examples changed by chance: each change a pure function of an example, its parameters and a generator. */
export { augmentImage } from "./augment";
export { drawBeta } from "./beta";
export {
  type BlurOptions,
  blurGaussian,
  blurMotion,
  gaussianBlur,
  gaussianKernel,
  linePoints,
  motionBlur,
} from "./blur";
export {
  augmentEcg,
  type EcgAugmentation,
  ecgSteps,
  invertLeads,
  type LeadSignal,
  noisyLeads,
  offsetLeads,
  PUBLISHED_ECG_AUGMENTATION,
  reverseTime,
  scaleLeads,
} from "./ecg";
export {
  flipHms,
  flipPermutation,
  flipSignals,
  HMS_BLOCK_FLIP,
  type HmsParts,
  mirroredLabel,
  permuteBlocks,
} from "./flip";
export {
  drawSpectrum,
  type FMixSpectrum,
  type FMixVariant,
  fmixColumns,
  fmixGrey,
  type MaskOptions,
  rankedMask,
  shapeSpectrum,
} from "./fmix";
export { type FloatImage, floatImage, type ImageExample } from "./image";
export {
  type CutMixOptions,
  cutMix,
  drawLambda,
  type FMixOptions,
  fmix,
  type LambdaOptions,
  type MixedExample,
  mixTargets,
  mixUp,
  type TargetMixing,
  truncatedClass,
} from "./mixing";
export {
  type ImageAugmentation,
  type MixStep,
  mixStep,
  SLEEP_SAMPLE,
  SYSTEM_000_CUTMIX,
  SYSTEM_000_INTENDED,
  SYSTEM_000_PUBLISHED,
  SYSTEM_002_FLIP,
  SYSTEM_002_IMAGE,
  system002Image,
} from "./presets";
export { coarseDropout, cutout, type HoleOptions } from "./regions";
export { applySteps, type Chance, normalAbove, oneOf, type Step, step, withProbability } from "./steps";
export { type BrightnessContrastOptions, brightnessContrast, gaussianNoise, type NoiseOptions } from "./tone";
