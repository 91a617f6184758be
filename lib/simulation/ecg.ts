/** Ten seconds of a simulated heart, as eight leads of an electrocardiograph. */
import type { Generator } from "../core/random";
import type { Patient } from "./findings";
import {
  type Beat,
  beatWaves,
  type HeartShape,
  LEAD_DIRECTIONS,
  renderBeats,
  ventricularWaves,
  type Wave,
} from "./heart";
import { peak, shapedNoise } from "./noise";

export interface EcgOptions {
  /** Samples. */
  length: number;
  /** Hz. */
  sampleRate: number;
  /** In order; of LEAD_DIRECTIONS. */
  leads: readonly string[];
}

/** Leads in mV. */
export function simulateEcg(
  patient: Patient,
  { length, sampleRate, leads }: EcgOptions,
  random: Generator,
): Float64Array[] {
  const directions = leads.map((lead) => LEAD_DIRECTIONS[lead]!);
  const seconds = length / sampleRate;
  const signals = renderBeats(beats(patient, seconds, random), directions, { length, sampleRate });
  if (patient.rhythm.fibrillation) {
    // Fibrillatory waves, best seen in V1.
    const waves = shapedNoise(length, sampleRate, peak(random.uniform(5, 7.5), 0.9), random);
    const size = random.uniform(0.025, 0.07);
    signals.forEach((signal, k) => {
      const gain = size * ({ V1: 1.5, II: 1 }[leads[k]!] ?? 0.5);
      for (let i = 0; i < length; i++) signal[i]! += gain * waves[i]!;
    });
  }
  const muscle = random.uniform(0.006, 0.03);
  const mains = random.random() < 0.3 ? random.uniform(0.003, 0.02) : 0;
  const drift = random.uniform(0.02, 0.12);
  for (const signal of signals) {
    const wander = shapedNoise(length, sampleRate, peak(0.25, 0.12), random);
    const noise = shapedNoise(length, sampleRate, (f) => (f < 20 ? 0.1 : Math.exp(-f / 90)), random);
    const phase = random.uniform(0, 2 * Math.PI);
    for (let i = 0; i < length; i++)
      signal[i]! +=
        drift * wander[i]! + muscle * noise[i]! + mains * Math.sin((2 * Math.PI * 50 * i) / sampleRate + phase);
  }
  return signals;
}

function beats({ heart, rhythm }: Patient, seconds: number, random: Generator): Beat[] {
  const mean = 60 / rhythm.rate;
  const breathPhase = random.uniform(0, 2 * Math.PI);
  const breathRate = random.uniform(0.2, 0.3);
  const fromLeft = random.random() < 0.5;
  const result: Beat[] = [];
  let pause = 1;
  for (let time = -random.uniform(0, mean); time < seconds + 1; ) {
    const breath = Math.sin(2 * Math.PI * breathRate * time + breathPhase);
    const usual = mean * (1 + rhythm.breathing * breath + rhythm.unevenness * random.normal());
    const chance = random.random();
    // Never two early beats in a row: the pause behind the first one is part of it.
    const early =
      pause !== 1
        ? null
        : chance < rhythm.earlyVentricular
          ? "ventricle"
          : chance < rhythm.earlyVentricular + rhythm.earlyAtrial
            ? "atrium"
            : null;
    const share =
      early === "ventricle" ? random.uniform(0.5, 0.68) : early === "atrium" ? random.uniform(0.6, 0.75) : pause;
    const interval = Math.max(0.28, usual * share);
    time += interval;
    // A ventricle's early beat is followed by a full pause, an atrium's by one a little longer than usual.
    pause = early === "ventricle" ? 2 - share : early === "atrium" ? 1.12 : 1;
    result.push({ time, waves: wavesOf(heart, rhythm, early, interval, fromLeft) });
  }
  return result;
}

function wavesOf(
  heart: HeartShape,
  rhythm: Patient["rhythm"],
  early: "atrium" | "ventricle" | null,
  interval: number,
  fromLeft: boolean,
): Wave[] {
  if (early === "ventricle") return ventricularWaves(heart, fromLeft);
  if (rhythm.paced) {
    const spike: Wave = { centre: -0.055, width: 0.0012, amplitude: 1.6, direction: [0.4, 0.8, -0.3] };
    return [spike, ...ventricularWaves({ ...heart, voltage: 0.8 * heart.voltage }, false)];
  }
  // An atrium's early P wave comes from elsewhere, sooner before the QRS complex.
  const shown = early === "atrium" ? { ...heart, pr: 0.85 * heart.pr, p: -0.7 * heart.p } : heart;
  return beatWaves(shown, interval, { p: !rhythm.fibrillation });
}
