/**
 * What a model says about examples. Logits and probabilities are two types that do not mix: an average of the one is
 * not an average of the other.
 */
import { SignalbookError } from "../core/errors";

interface Scores {
  /** Ids of the examples, in order. */
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** [examples, classes], row-major. */
  readonly values: Float64Array | Float32Array;
}

/** Outputs before sigmoid or softmax. */
export interface Logits extends Scores {
  readonly kind: "logits";
}

/** Values in 0 .. 1. Multi-label rows need not sum to 1. */
export interface Probabilities extends Scores {
  readonly kind: "probabilities";
}

/** sigmoid: classes that do not exclude each other. softmax: exactly one class. */
export type Activation = "sigmoid" | "softmax";

export function logits(ids: readonly string[], classes: readonly string[], values: Logits["values"]): Logits {
  requireShape(ids, classes, values);
  return { kind: "logits", ids, classes, values };
}

/** Throws where a value is not in 0 .. 1: logits, most likely. */
export function probabilities(
  ids: readonly string[],
  classes: readonly string[],
  values: Probabilities["values"],
): Probabilities {
  requireShape(ids, classes, values);
  const wrong = values.findIndex((value) => !(value >= 0 && value <= 1));
  if (wrong >= 0)
    throw new SignalbookError("a value that is no probability", {
      place: `example ${ids[Math.floor(wrong / classes.length)]}, class ${classes[wrong % classes.length]}`,
      found: String(values[wrong]),
      expected: "0 .. 1",
      fix: "turn logits into probabilities with toProbabilities()",
    });
  return { kind: "probabilities", ids, classes, values };
}

/** Sigmoid of each value, or softmax of each row, computed in float64 without overflow. */
export function toProbabilities({ ids, classes, values }: Logits, activation: Activation): Probabilities {
  const result = new Float64Array(values.length);
  const width = classes.length;
  for (let row = 0; row < ids.length; row++) {
    const z = Array.from(values.subarray(row * width, (row + 1) * width));
    if (activation === "sigmoid") {
      z.forEach((value, k) => {
        const e = Math.exp(-Math.abs(value));
        result[row * width + k] = value >= 0 ? 1 / (1 + e) : e / (1 + e);
      });
    } else {
      const top = Math.max(...z);
      const exponentials = z.map((value) => Math.exp(value - top));
      const total = exponentials.reduce((a, b) => a + b, 0);
      exponentials.forEach((value, k) => {
        result[row * width + k] = value / total;
      });
    }
  }
  return probabilities(ids, classes, result);
}

function requireShape(ids: readonly string[], classes: readonly string[], values: ArrayLike<number>): void {
  if (values.length !== ids.length * classes.length)
    throw new SignalbookError("values that do not fit examples and classes", {
      found: `${values.length} values`,
      expected: `${ids.length} examples x ${classes.length} classes`,
    });
}
