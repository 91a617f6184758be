/** Test-time augmentation: a model is asked about several views of each example, and its answers are averaged. */
import { SignalbookError } from "../core/errors";
import type { Dataset, Example } from "../training/dataset";
import type { Predictor } from "../training/predict";
import { type Activation, type Probabilities, probabilities, toProbabilities } from "../training/probabilities";
import { softVote } from "./blend";

/** An example as it might have been recorded just as well. */
export interface View {
  name: string;
  /** Leaves its example as it is. Changes the input only. */
  change(example: Example, inputShape: readonly number[]): Example;
}

/** The example itself. */
export const asItIs: View = { name: "as it is", change: (example) => example };

/** Inputs [time, channels] backwards in time: system 004's, coded there and switched off. */
export const backwards: View = {
  name: "backwards in time",
  change: (example, shape) => ({ ...example, input: mirrored(example.input, shape, 0) }),
};

/** Images [height, width] or [height, width, channels] with left and right in each other's place. */
export const leftRight: View = {
  name: "left and right changed",
  change: (example, shape) => ({ ...example, input: mirrored(example.input, shape, 1) }),
};

/** The values in reverse along one axis. */
function mirrored(values: Float32Array, shape: readonly number[], axis: number): Float32Array {
  const length = shape[axis];
  if (length === undefined)
    throw new SignalbookError("an input without the axis to mirror", {
      found: `[${shape.join(", ")}]`,
      expected: `${axis + 1} axes or more`,
    });
  const inner = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const result = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += inner) {
    const index = Math.floor(from / inner) % length;
    const to = from + (length - 1 - 2 * index) * inner;
    result.set(values.subarray(from, from + inner), to);
  }
  return result;
}

/** The data set seen through a view: the same ids, groups and targets. */
export function viewOf(dataset: Dataset, view: View): Dataset {
  return {
    ...dataset,
    name: `${dataset.name}, ${view.name}`,
    example: (index) => view.change(dataset.example(index), dataset.inputShape),
  };
}

/**
 * The mean over views of a model's probabilities (not of its logits), as system 002 averages an image and its flip.
 * @throws SignalbookError for no views
 */
export async function predictViews(
  predictor: Pick<Predictor, "logits">,
  dataset: Dataset,
  views: readonly View[],
  { activation, signal }: { activation: Activation; signal?: AbortSignal },
): Promise<Probabilities> {
  if (views.length === 0) throw new SignalbookError("test-time augmentation without views", { fix: "give asItIs" });
  const members: Probabilities[] = [];
  for (const view of views)
    members.push(toProbabilities(await predictor.logits(viewOf(dataset, view), signal), activation));
  return softVote(members);
}

/** Probabilities kept off 0 and 1 by `margin` (system 002: 1e-7), where a metric takes their logarithm. */
export function clampProbabilities({ ids, classes, values }: Probabilities, margin = 1e-7): Probabilities {
  if (!(margin >= 0 && margin < 0.5))
    throw new SignalbookError("a margin out of range", { found: String(margin), expected: "0 or more, below 0.5" });
  return probabilities(
    ids,
    classes,
    Float64Array.from(values, (value) => Math.min(Math.max(value, margin), 1 - margin)),
  );
}
