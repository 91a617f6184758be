/** Who sleeps: what differs between people and stays the same through their nights. */
import type { Generator } from "../core/random";

export interface Sleeper {
  /** Years. */
  age: number;
  /** Of everything that the electrodes see of the brain: thickness of skull, place of the electrodes. */
  gain: number;
  /** How steeply the spectrum falls: of 1 / f^slope. Flatter in the old. */
  slope: number;
  /** Hz. Slower in the old. */
  alphaFrequency: number;
  /** Some people show hardly any alpha with eyes closed. */
  alpha: number;
  /** Hz. */
  spindleFrequency: number;
  spindles: number;
  slowWaves: number;
  /** Of the theta, the sigma between spindles, and the beta that a person has in every stage. */
  theta: number;
  sigma: number;
  beta: number;
  /** Of the muscles at rest. */
  tone: number;
  /** Electrical noise of electrodes and amplifier. */
  noise: number;
  /** Beats and breaths a minute. */
  heartRate: number;
  breathRate: number;
}

/** A factor around 1, `spread` its standard deviation on the logarithmic scale. */
const factor = (random: Generator, spread: number): number => Math.exp(spread * random.normal());

/**
 * A sleeper of an age, drawn. With age slow waves and spindles become smaller and fewer, alpha slower (Landolt and Borbély
 * 2001, Clinical Neurophysiology 112; Crowley et al. 2002, Sleep 25), and the spectrum flatter (Voytek et al. 2015,
 * Journal of Neuroscience 35).
 */
export function drawSleeper(age: number, random: Generator): Sleeper {
  const decades = Math.max(0, age - 25) / 10;
  return {
    age,
    gain: factor(random, 0.2),
    slope: 1.4 - 0.04 * decades + 0.2 * random.normal(),
    alphaFrequency: 10.2 - 0.15 * decades + 0.7 * random.normal(),
    alpha: factor(random, 0.45),
    spindleFrequency: 13.2 + 0.6 * random.normal(),
    spindles: factor(random, 0.35) * Math.exp(-0.12 * decades),
    slowWaves: factor(random, 0.2) * Math.exp(-0.07 * decades),
    theta: factor(random, 0.25),
    sigma: factor(random, 0.3),
    beta: factor(random, 0.35),
    tone: factor(random, 0.4),
    noise: factor(random, 0.3),
    heartRate: 58 + 7 * random.normal(),
    breathRate: 14.5 + 1.8 * random.normal(),
  };
}
