/** A module of examples for the tests of loaders: noise of an index, failures, endings. */
import { SignalbookError } from "../../lib/core/errors";
import type { PrepareExamples } from "../../lib/training/loader-batch";
import type { WorkerSource } from "../../lib/training/worker-loader";

export interface NoiseSetup {
  /** Indices that cannot be made. */
  corrupt?: number[];
  /** An index that ends the thread, and how. */
  ends?: { at: number; how: "exit" | "memory" | "bug" };
  throwsAtLoad?: boolean;
  /** Milliseconds an example. */
  slow?: number;
  /** Counts the examples begun. */
  counter?: Int32Array;
  /** Return arrays of their own instead of writing the input in place. */
  copies?: boolean;
}

const WIDTH = 6;

/** A source of examples [3, 2] with one further input. */
export function noiseSource(length: number, shared: NoiseSetup = {}): WorkerSource<NoiseSetup> {
  const names = Array.from({ length }, (_, i) => `n${i}`);
  const dataset = {
    name: "noise",
    length,
    inputShape: [WIDTH / 2, 2],
    extraLengths: { age: 1 },
    classes: ["a", "b"],
    ids: names,
    groups: names,
  };
  return { dataset, weighted: true, module: __filename, shared };
}

export const prepare: PrepareExamples<NoiseSetup> = ({
  corrupt = [],
  ends,
  throwsAtLoad,
  slow = 0,
  counter,
  copies,
}) => {
  if (throwsAtLoad) throw new Error("no such model of noise");
  return (index, random, input) => {
    if (counter !== undefined) Atomics.add(counter, 0, 1);
    if (slow > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slow);
    if (ends?.at === index) {
      if (ends.how === "exit") process.exit(7);
      if (ends.how === "bug") throw new TypeError("undefined is not a signal");
      const kept: number[][] = [];
      for (;;) kept.push(new Array<number>(1e6).fill(kept.length));
    }
    const into = copies ? new Float32Array(WIDTH) : input;
    for (let i = 0; i < WIDTH; i++) into[i] = index + random.normal();
    if (corrupt.includes(index))
      throw new SignalbookError("a damaged file", { file: `/data/n${index}.png`, found: "noise" });
    return {
      id: `n${index}`,
      input: into,
      extras: { age: Float32Array.of(index / 2) },
      target: Float32Array.of(index % 2, 1 - (index % 2)),
      group: `n${index}`,
      weight: 1 + index,
    };
  };
};
