/** The control of a control: a data set of which there is nothing to learn. */
import type { Generator } from "../core/random";
import { type Dataset, labelsOf } from "./dataset";

/**
 * The same examples, their targets dealt out anew among them: what is learnt from them must end at chance on others, or
 * something leaks. Groups, weights and how many examples have each target stay as they are.
 * A plain data set: whatever else the given one knows (the list that its labels are read from) is left behind.
 */
export function shuffledLabels(dataset: Dataset, random: Generator): Dataset {
  const { length, inputShape, extraLengths, classes, ids, groups } = dataset;
  const order = random.permutation(length);
  const { targets } = labelsOf(dataset);
  const width = classes.length;
  return {
    ...{ length, inputShape, extraLengths, classes, ids, groups },
    name: `${dataset.name}, labels shuffled`,
    example(index) {
      const example = dataset.example(index);
      const { id, extras, group, weight } = example;
      const from = order[index]! * width;
      return {
        ...{ id, extras, group, weight, target: targets.slice(from, from + width) },
        get input() {
          return example.input; // may read a file: only when it is looked at
        },
      };
    },
  };
}
