/** Pairs of windows as examples: a data set and an augmentation for `fit`, and a pair model as `fit` feeds it. */
import { SignalbookError } from "../core/errors";
import { tf } from "../engine";
import type { Model } from "../models";
import type { Augmentation, Dataset, Example } from "./dataset";
import type { PairSampler, WindowPair } from "./relative-positioning";

/**
 * One example a pair: the first window is its input, the second the further input "other", and the one class, "close",
 * is 1 where the windows are near each other. The group is the first window's. Windows are not copied.
 */
export function pairDataset(name: string, windows: Dataset, pairs: readonly WindowPair[]): Dataset {
  if (pairs.length === 0) throw new SignalbookError("a data set without examples", { place: name });
  if (Object.keys(windows.extraLengths).length > 0)
    throw new SignalbookError("windows with further inputs cannot be paired", {
      place: windows.name,
      found: Object.keys(windows.extraLengths).join(", "),
    });
  const idOf = ({ first, second }: WindowPair, i: number): string =>
    `${i}: ${windows.ids[first]} with ${windows.ids[second]}`;
  return {
    name,
    length: pairs.length,
    inputShape: windows.inputShape,
    extraLengths: { other: windows.inputShape.reduce((product, n) => product * n, 1) },
    classes: ["close"],
    ids: pairs.map(idOf),
    groups: pairs.map(({ first }) => windows.groups[first]!),
    example(index) {
      const pair = pairs[index];
      if (pair === undefined)
        throw new SignalbookError("an example out of range", { place: name, found: String(index) });
      return pairExample(windows, pair, idOf(pair, index));
    },
  };
}

/**
 * Puts a newly drawn pair in the place of each example, so that every epoch has pairs of its own, as braindecode's
 * sampler gives them when they are not drawn beforehand. The data set then only says how many there are.
 */
export function redrawPairs(windows: Dataset, sampler: PairSampler): Augmentation {
  return (_, __, random) => {
    const pair = sampler.draw(random);
    return pairExample(windows, pair, `${windows.ids[pair.first]} with ${windows.ids[pair.second]}`);
  };
}

function pairExample(windows: Dataset, { first, second, close }: WindowPair, id: string): Example {
  const { input, group } = windows.example(first);
  const other = windows.example(second).input;
  return { id, input, extras: { other }, target: Float32Array.of(close ? 1 : 0), group, weight: 1 };
}

/** A view of the registry's pair model whose "other" window may come as one flat row an example, as batches hold it. */
export function pairModel(model: Model): Model {
  return {
    ...model,
    forward({ signal, other, ...rest }, context) {
      if (signal === undefined || other === undefined) return model.forward({ signal, other, ...rest }, context);
      return tf.tidy(() => model.forward({ ...rest, signal, other: tf.reshape(other, signal.shape) }, context));
    },
  };
}
