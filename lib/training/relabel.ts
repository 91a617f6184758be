/** Examples with other targets than their own. */
import { SignalbookError } from "../core/errors";
import type { Dataset } from "./dataset";

/**
 * The same examples with targets from elsewhere: answers that a competition kept back, say.
 * @param targets by example id, one value a class
 * @throws SignalbookError for an example that has none, or one of another length
 */
export function withTargets(dataset: Dataset, targets: ReadonlyMap<string, Float32Array>, name: string): Dataset {
  const wrong = dataset.ids.find((id) => targets.get(id)?.length !== dataset.classes.length);
  if (wrong !== undefined)
    throw new SignalbookError("an example without its target", {
      place: `${dataset.name}, example ${wrong}`,
      found: `${targets.get(wrong)?.length ?? 0} values`,
      expected: `${dataset.classes.length}: ${dataset.classes.join(", ")}`,
    });
  return {
    ...dataset,
    name,
    example(index) {
      const example = dataset.example(index);
      const { id, extras, group, weight } = example;
      return {
        ...{ id, extras, group, weight, target: targets.get(id)! },
        get input() {
          return example.input; // may read a file: only when it is looked at
        },
      };
    },
  };
}
