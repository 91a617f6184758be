/** Examples of the loader's bench: a .npy file of 12 leads cut at a random place, in millivolts, each lead with its gain. */
import { readNpy } from "../lib/formats/npy";
import type { PrepareExamples } from "../lib/training/loader-batch";

export interface SignalSetup {
  paths: string[];
  /** Samples kept, and in the file. */
  length: number;
  recorded: number;
  leads: number;
  /** Millivolts of one stored unit. */
  unit: number;
  /** Standard deviation of the gains around 1. */
  gain: number;
}

export const prepare: PrepareExamples<SignalSetup> = ({ paths, length, recorded, leads, unit, gain }) => {
  const scales = new Float32Array(leads);
  const target = Float32Array.of(1);
  return (index, random, input) => {
    const { data } = readNpy(paths[index]!);
    const from = random.below(recorded - length + 1) * leads;
    for (let k = 0; k < leads; k++) scales[k] = unit * (1 + gain * random.normal());
    const samples = data as Int16Array;
    for (let i = 0; i < input.length; ) for (let k = 0; k < leads; k++, i++) input[i] = scales[k]! * samples[from + i]!;
    return { id: String(index), input, extras: {}, target, group: "", weight: 1 };
  };
};
