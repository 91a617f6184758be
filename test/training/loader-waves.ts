/** A module of examples for a small network, [64, 2]: waves whose length tells the class, with noise as augmentation. */
import type { Augmentation, Example } from "../../lib/training/dataset";
import type { PrepareExamples } from "../../lib/training/loader-batch";

export const noise: Augmentation = (example, _shape, random) => ({
  ...example,
  input: example.input.map((value) => value + 0.1 * random.normal()),
});

export function wave(index: number): Example {
  const input = Float32Array.from({ length: 128 }, (_, i) => Math.sin((i >> 1) / (2 + (index % 2)) + index + (i & 1)));
  const target = Float32Array.of(index % 2, 1 - (index % 2));
  return { id: `w${index}`, input, extras: {}, target, group: `w${index}`, weight: 1 };
}

export const prepare: PrepareExamples<null> = () => (index, random) => noise(wave(index), [64, 2], random);
