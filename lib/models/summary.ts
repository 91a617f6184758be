/** The table of all models: what each is made of, counted from the models themselves. Kept beside the code in summary.csv. */
import { tf } from "../engine";
import { createModel, type ModelInfo, type ModelInputs } from ".";
import { countMultiplyAdds } from "./multiply-adds";

export interface ModelSummary {
  name: string;
  /** Inputs of one example, such as "image 224x224x3". */
  input: string;
  /** What learns, with the options' defaults. */
  parameters: number;
  /** Of one example. */
  multiplyAdds: number;
  source: string;
}

/**
 * Makes the model with its defaults and counts: zeros do as weights. Large ones take a few seconds and a gigabyte.
 * @param info of the model; its shapes may be others than the registry's where the model takes any size
 */
export function summarizeModel({ name, shapes, source }: Pick<ModelInfo, "name" | "shapes" | "source">): ModelSummary {
  const model = createModel(name, {}, (_, shape) => new Float32Array(shape.reduce((product, n) => product * n, 1)));
  const inputs = Object.entries(shapes).map(([input, shape]) => [input, tf.zeros([1, ...shape])] as const);
  try {
    return {
      name,
      input: Object.entries(shapes).map(([input, shape]) => `${input} ${shape.join("x")}`).join(" + "), // biome-ignore format: one line reads better
      parameters: [...model.parameters.values()].reduce((sum, { size }) => sum + size, 0),
      multiplyAdds: countMultiplyAdds(model, Object.fromEntries(inputs) as ModelInputs),
      source,
    };
  } finally {
    model.dispose();
    for (const [, tensor] of inputs) tensor.dispose();
  }
}

/** The table as csv, a line a model. */
export function summaryCsv(models: readonly ModelSummary[]): string {
  const cell = (value: string | number): string => (/[",]/.test(`${value}`) ? `"${value}"` : `${value}`);
  const rows = models.map(({ name, input, parameters, multiplyAdds, source }) =>
    [name, input, parameters, multiplyAdds, source].map(cell).join(),
  );
  return `${["name,input,parameters,multiply_adds,source", ...rows].join("\n")}\n`;
}
