/** A source of examples as a data set, made in this thread one by one: for validation, and to look at examples. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { type Dataset, requireIndex } from "./dataset";
import { loadExamples } from "./loader-batch";
import type { WorkerSource } from "./worker-loader";

/**
 * Each example is made anew whenever it is asked for, the same every time: example i draws from a generator of seed i. A
 * source for validation is one that does not augment.
 * @throws SignalbookError, at the first example, for a source that makes them asynchronously.
 */
export function sourceDataset<Shared>({ dataset, module, shared }: WorkerSource<Shared>): Dataset {
  const make = loadExamples(module, shared);
  const size = dataset.inputShape.reduce((product, n) => product * n, 1);
  return {
    ...dataset,
    example(index) {
      const example = make(
        requireIndex(index, dataset.length, dataset.name),
        new Generator(index),
        new Float32Array(size),
      );
      if (!(example instanceof Promise)) return example;
      example.catch(() => undefined);
      throw new SignalbookError("examples that are made asynchronously", {
        file: module,
        fix: "read them through a workerLoader",
      });
    },
  };
}
