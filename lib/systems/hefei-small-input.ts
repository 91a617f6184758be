/** A Hefei record as the small network of the sample takes it. */
import { HEFEI_LEADS, type Recording, readHefeiRecord } from "../formats";
import { resampleSignal, toTimeChannels } from "../preprocessing";
import { steadyLeads } from "./ecg-inputs";

/** Hz and seconds of what the network sees. */
export const SMALL_INPUT = { sampleRate: 100, seconds: 10 } as const;
/** [time, leads] */
export const SMALL_INPUT_SHAPE: readonly number[] = [SMALL_INPUT.sampleRate * SMALL_INPUT.seconds, HEFEI_LEADS.length];

/** The record's eight leads at 100 Hz, in mV, without baseline wander. */
export function readSmallRecording(path: string): Recording & { id: string } {
  const recording = readHefeiRecord(path);
  const signals = recording.signals.map((signal) => resampleSignal(signal, SMALL_INPUT.sampleRate));
  return { ...recording, signals: steadyLeads({ ...recording, signals }, HEFEI_LEADS, SMALL_INPUT) };
}

/** {@link readSmallRecording} as the network takes it, [time, leads]. */
export function readSmallInput(path: string): { id: string; input: Float32Array } {
  const { id, signals } = readSmallRecording(path);
  return { id, input: toTimeChannels(signals) };
}
