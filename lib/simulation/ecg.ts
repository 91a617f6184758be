/** Ten seconds of a simulated heart, as eight leads of an electrocardiograph. */
import type { Generator } from "../core/random";
import { drawLeads } from "./anatomy";
import { drawBeats } from "./ecg-beats";
import { addEcgNoise } from "./ecg-noise";
import type { Patient } from "./findings";
import { renderBeats } from "./heart";
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
  const directions = drawLeads(leads, random);
  const signals = renderBeats(drawBeats(patient, length / sampleRate, random), directions, { length, sampleRate });
  if (patient.rhythm.fibrillation) addFibrillation(signals, { sampleRate, leads }, random);
  addEcgNoise(signals, sampleRate, random);
  return signals;
}

/** Fibrillatory waves, fine or coarse, best seen in V1. */
function addFibrillation(
  signals: readonly Float64Array[],
  { sampleRate, leads }: Pick<EcgOptions, "sampleRate" | "leads">,
  random: Generator,
): void {
  const { length } = signals[0]!;
  const waves = shapedNoise(length, sampleRate, peak(random.uniform(5, 7.5), 0.9), random);
  const size = random.uniform(0.02, 0.09);
  signals.forEach((signal, k) => {
    const gain = size * ({ V1: 1.5, II: 1 }[leads[k]!] ?? 0.5);
    for (let i = 0; i < length; i++) signal[i]! += gain * waves[i]!;
  });
}
