/** What an electrocardiograph records beside the heart: breath and skin, muscles, mains, electrodes that move. */
import type { Generator } from "../core/random";
import { mixedNoise, peak } from "./noise";

/** Muscles: little below 20 Hz. */
const muscles = (frequency: number): number => (frequency < 20 ? 0.1 : Math.exp(-frequency / 90));

/** Adds to each lead, in mV. Leads of one length. */
export function addEcgNoise(signals: readonly Float64Array[], sampleRate: number, random: Generator): void {
  const muscle = 0.014 * Math.exp(0.5 * random.normal());
  const mains = random.random() < 0.3 ? random.uniform(0.003, 0.02) : 0;
  const drift = 0.06 * Math.exp(0.7 * random.normal());
  const tense = random.random() < 0.25;
  const moves = random.random() < 0.3;
  const length = signals[0]?.length ?? 0;
  const parts = [
    { deviation: drift, density: peak(0.25, 0.12) },
    { deviation: muscle, density: muscles },
  ];
  // Drawn as one and cut into leads: a long stretch costs less than as many short ones.
  const noise = mixedNoise(length * signals.length, sampleRate, parts, random);
  signals.forEach((signal, k) => {
    const phase = random.uniform(0, 2 * Math.PI);
    for (let i = 0; i < length; i++)
      signal[i]! += noise[k * length + i]! + mains * Math.sin((2 * Math.PI * 50 * i) / sampleRate + phase);
    if (tense && random.random() < 0.4) addTension(signal, sampleRate, muscle, random);
    if (moves && random.random() < 0.3) addMovement(signal, sampleRate, random);
  });
}

/** A muscle that is tense for one to four seconds. */
function addTension(signal: Float64Array, sampleRate: number, muscle: number, random: Generator): void {
  const middle = random.uniform(0, signal.length / sampleRate);
  const width = random.uniform(0.3, 1);
  const size = muscle * random.uniform(1.5, 5);
  for (let i = 0; i < signal.length; i++)
    signal[i]! += size * Math.exp(-0.5 * ((i / sampleRate - middle) / width) ** 2) * random.normal();
}

/** An electrode that moves: a jump that the amplifier takes back within half a second. */
function addMovement(signal: Float64Array, sampleRate: number, random: Generator): void {
  const begin = Math.floor(random.uniform(0, signal.length));
  const size = (random.random() < 0.5 ? -1 : 1) * random.uniform(0.2, 1.2);
  const [rise, fall] = [random.uniform(0.02, 0.08), random.uniform(0.15, 0.5)];
  for (let i = begin; i < signal.length; i++) {
    const t = (i - begin) / sampleRate;
    signal[i]! += size * (1 - Math.exp(-t / rise)) * Math.exp(-t / fall);
  }
}
