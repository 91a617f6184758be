/** A Hefei record as the small network of the sample takes it. */
import { HEFEI_LEADS, readHefeiRecord } from "../formats";
import { resampleSignal } from "../preprocessing";
import { ecgInput } from "./ecg-inputs";

/** Hz and seconds of what the network sees. */
export const SMALL_INPUT = { sampleRate: 100, seconds: 10 } as const;
/** [time, leads] */
export const SMALL_INPUT_SHAPE: readonly number[] = [SMALL_INPUT.sampleRate * SMALL_INPUT.seconds, HEFEI_LEADS.length];

/** The record's eight leads at 100 Hz, in mV, without baseline wander, [time, leads]. */
export function readSmallInput(path: string): { id: string; input: Float32Array } {
  const recording = readHefeiRecord(path);
  const signals = recording.signals.map((signal) => resampleSignal(signal, SMALL_INPUT.sampleRate));
  return { id: recording.id, input: ecgInput({ ...recording, signals }, HEFEI_LEADS, SMALL_INPUT) };
}
