/** Steps with probabilities, and how they follow one another: an augmentation as data that can be printed. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";

/** How it is decided whether a step is applied. */
export interface Chance {
  readonly probability: number;
  drawn(random: Generator): boolean;
}

/** One change. Pure: draws only from `random`, leaves its input as it is. */
export interface Step<T> {
  readonly name: string;
  readonly chance: Chance;
  /** What the change is made with, for tables and records of a run. */
  readonly parameters: Readonly<Record<string, unknown>>;
  apply(value: T, random: Generator): T;
}

/** A uniform draw below the probability. */
export function withProbability(probability: number): Chance {
  if (!(probability >= 0 && probability <= 1))
    throw new SignalbookError("a probability", { found: String(probability), expected: "a number from 0 to 1" });
  return { probability, drawn: (random) => random.random() < probability };
}

/** A standard normal draw above a threshold, as system 004 decides: 0.5 is a probability of 0.309. */
export function normalAbove(threshold: number): Chance {
  return { probability: normalTail(threshold), drawn: (random) => random.normal() > threshold };
}

/** The share of a standard normal distribution above x, by the series of its integral. */
function normalTail(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 0 : 1; // to within the last bit of 1
  let term = x;
  let sum = 0;
  for (let n = 1; Math.abs(term) > 1e-17; n++) {
    sum += term;
    term *= (x * x) / (2 * n + 1);
  }
  return 0.5 - (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

/** A step from a function and its parameters. */
export function step<T, P extends object>(
  name: string,
  chance: number | Chance,
  change: (value: T, parameters: Readonly<P>, random: Generator) => T,
  parameters: Readonly<P>,
): Step<T> {
  return {
    name,
    chance: typeof chance === "number" ? withProbability(chance) : chance,
    parameters: { ...parameters },
    apply: (value, random) => change(value, parameters, random),
  };
}

/** One of several steps, each as likely as its probability among theirs, applied for certain once it is chosen. */
export function oneOf<T>(chance: number | Chance, steps: readonly Step<T>[]): Step<T> {
  const total = steps.reduce((sum, { chance: { probability } }) => sum + probability, 0);
  if (!(total > 0))
    throw new SignalbookError("a choice of no steps", { expected: "one step or more of a probability above 0" });
  const apply = (value: T, random: Generator): T => {
    let left = random.random() * total;
    const chosen = steps.find(({ chance: { probability } }) => {
      left -= probability;
      return left < 0;
    });
    return (chosen ?? steps.at(-1)!).apply(value, random);
  };
  const shares = Object.fromEntries(steps.map(({ name, chance: { probability } }) => [name, probability / total]));
  return step("one of", chance, (value: T, _: object, random) => apply(value, random), shares);
}

/** The value after all steps, in order, each applied or not as its chance falls. */
export function applySteps<T>(value: T, steps: readonly Step<T>[], random: Generator): T {
  return steps.reduce((changed, { chance, apply }) => (chance.drawn(random) ? apply(changed, random) : changed), value);
}
