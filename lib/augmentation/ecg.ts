/**
 * The augmentation of system 004, from the baseline it cites. Each step is applied where a standard normal draw
 * exceeds 0.5, that is with probability 0.309 (the number reads as if one half were meant).
 * Signals are [time, leads], row-major.
 */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { applySteps, normalAbove, type Step, step } from "./steps";

export interface EcgAugmentation {
  /** Standard deviation of the gain of each lead around 1. 0: no gain. */
  gain: number;
  /** Reversal of all leads in time (the published comment calls it a vertical flip; rows are time there). */
  reverse: boolean;
  /** The sign of all leads turned, which is what a vertical flip would be. No system does it. Default false. */
  invert?: boolean;
  /**
   * An integer from -offset to offset - 1 is drawn for each lead and added times `offsetUnit`. 0: no offset.
   */
  offset: number;
  /** One integer of the offset in the signal's unit: 1 for signals in stored units, 0.00488 for mV. */
  offsetUnit: number;
  /** A step is applied where a standard normal draw exceeds this. */
  threshold: number;
}

/** As published, for signals in stored units of 4.88 microvolt. */
export const PUBLISHED_ECG_AUGMENTATION: Readonly<EcgAugmentation> = {
  gain: 0.1,
  reverse: true,
  offset: 20,
  offsetUnit: 1,
  threshold: 0.5,
};

/** Signals side by side. */
export interface LeadSignal {
  /** [time, leads], row-major. */
  readonly samples: Float32Array;
  readonly leads: number;
}

/** Each lead multiplied by its own normal draw around 1. */
export function scaleLeads(
  { samples, leads }: LeadSignal,
  { deviation }: Readonly<{ deviation: number }>,
  random: Generator,
): LeadSignal {
  const gains = Array.from({ length: leads }, () => 1 + deviation * random.normal());
  return { samples: samples.map((value, i) => value * gains[i % leads]!), leads };
}

/** The last row first. */
export function reverseTime({ samples, leads }: LeadSignal): LeadSignal {
  const reversed = new Float32Array(samples.length);
  for (let from = 0; from < samples.length; from += leads)
    reversed.set(samples.subarray(from, from + leads), samples.length - leads - from);
  return { samples: reversed, leads };
}

/** Every sample's sign turned: the picture of the signal flipped upside down. */
export function invertLeads({ samples, leads }: LeadSignal): LeadSignal {
  return { samples: samples.map((value) => -value), leads };
}

/** Each lead moved by its own whole number from -offset to offset - 1, times `unit`. */
export function offsetLeads(
  { samples, leads }: LeadSignal,
  { offset, unit }: Readonly<{ offset: number; unit: number }>,
  random: Generator,
): LeadSignal {
  const offsets = Array.from({ length: leads }, () => (random.below(2 * offset) - offset) * unit);
  return { samples: samples.map((value, i) => value + offsets[i % leads]!), leads };
}

/** Every sample moved by its own normal draw. */
export function noisyLeads(
  { samples, leads }: LeadSignal,
  { deviation }: Readonly<{ deviation: number }>,
  random: Generator,
): LeadSignal {
  return { samples: samples.map((value) => value + deviation * random.normal()), leads };
}

/** The steps of the augmentation, those that are off left out. */
export function ecgSteps({
  gain,
  reverse,
  invert = false,
  offset,
  offsetUnit,
  threshold,
}: Readonly<EcgAugmentation>): Step<LeadSignal>[] {
  const chance = normalAbove(threshold);
  return [
    ...(gain > 0 ? [step("gain of each lead", chance, scaleLeads, { deviation: gain })] : []),
    ...(reverse ? [step("time reversal", chance, reverseTime, {})] : []),
    ...(invert ? [step("inversion", chance, invertLeads, {})] : []),
    ...(offset > 0 ? [step("offset of each lead", chance, offsetLeads, { offset, unit: offsetUnit })] : []),
  ];
}

/**
 * A changed copy of a signal.
 * @param signal [time, leads]
 */
export function augmentEcg(
  signal: Float32Array,
  leads: number,
  random: Generator,
  options: Readonly<EcgAugmentation>,
): Float32Array {
  if (!(leads >= 1) || signal.length % leads !== 0)
    throw new SignalbookError("a signal that is not rows of leads", {
      found: `${signal.length} values`,
      expected: `a multiple of ${leads} leads`,
    });
  return applySteps({ samples: signal.slice(), leads }, ecgSteps(options), random).samples;
}
