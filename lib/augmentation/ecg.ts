/**
 * The augmentation of system 004, from the baseline it cites. Each step is applied where a standard normal draw
 * exceeds 0.5, that is with probability 0.309 (the number reads as if one half were meant).
 * Signals are [time, leads], row-major.
 */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";

export interface EcgAugmentation {
  /** Standard deviation of the gain of each lead around 1. 0: no gain. */
  gain: number;
  /** Reversal of all leads in time (the published comment calls it a vertical flip; rows are time there). */
  reverse: boolean;
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

/**
 * A changed copy of a signal.
 * @param signal [time, leads]
 */
export function augmentEcg(
  signal: Float32Array,
  leads: number,
  random: Generator,
  { gain, reverse, offset, offsetUnit, threshold }: Readonly<EcgAugmentation>,
): Float32Array {
  if (!(leads >= 1) || signal.length % leads !== 0)
    throw new SignalbookError("a signal that is not rows of leads", {
      found: `${signal.length} values`,
      expected: `a multiple of ${leads} leads`,
    });
  const samples = signal.length / leads;
  const applies = (): boolean => random.normal() > threshold;
  const changed = Float32Array.from(signal);
  if (gain > 0 && applies()) {
    const gains = Array.from({ length: leads }, () => 1 + gain * random.normal());
    for (let i = 0; i < changed.length; i++) changed[i]! *= gains[i % leads]!;
  }
  if (reverse && applies()) {
    for (let t = 0; t < samples >> 1; t++) {
      const other = samples - 1 - t;
      for (let lead = 0; lead < leads; lead++) {
        const kept = changed[t * leads + lead]!;
        changed[t * leads + lead] = changed[other * leads + lead]!;
        changed[other * leads + lead] = kept;
      }
    }
  }
  if (offset > 0 && applies()) {
    const offsets = Array.from({ length: leads }, () => (random.below(2 * offset) - offset) * offsetUnit);
    for (let i = 0; i < changed.length; i++) changed[i]! += offsets[i % leads]!;
  }
  return changed;
}
