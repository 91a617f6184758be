/** The toy run's examples as worker threads make them: those of `toyDataset`, with noise of the batch's seed. */
import type { PrepareExamples } from "../../lib/training/loader-batch";
import type { WorkerSource } from "../../lib/training/worker-loader";
import { toyDataset } from "./toy-dataset";

export function toySource(length: number): WorkerSource<{ length: number }> {
  const { example: _, ...dataset } = toyDataset("train", length, 1);
  return { dataset, weighted: false, module: __filename, shared: { length } };
}

export const prepare: PrepareExamples<{ length: number }> = ({ length }) => {
  const dataset = toyDataset("train", length, 1);
  return (index, random, input) => {
    const example = dataset.example(index);
    example.input.forEach((value, i) => {
      input[i] = value + 0.05 * random.normal();
    });
    return { ...example, input };
  };
};
