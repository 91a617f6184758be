/**
 * What each operation of a compiled step costs. TensorFlow's own statistics say nothing of functions; so each distinct
 * operation is run again by itself ({@link timeOperation}), and its time counted as often as the step has it.
 *
 * It is an estimate: in the step TensorFlow joins some operations, drops others and runs some at once, and what one has
 * written is still in the caches for the next. The sum stands beside the time of the whole step, so that this is seen.
 */
import type { TracedOperation } from "./graph-binding";
import { timeOperation } from "./profile-replay";

export { middle, profiledEngine } from "./profile-replay";

/** An operation and how often the step has it, with the same attributes, shapes and types. */
export interface OperationCost {
  operation: TracedOperation;
  count: number;
  /** Of one run; null where it could not run by itself. */
  seconds: number | null;
  /** Why it was not timed. */
  failure: string | null;
}

/** Operations of one name. */
export interface KindCost {
  op: string;
  /** Those that were timed. */
  count: number;
  /** Of all of them. */
  seconds: number;
}

/** The distinct operations of a step in the order in which they first come, with their counts. */
export function distinctOperations(work: readonly TracedOperation[]): { operation: TracedOperation; count: number }[] {
  const found = new Map<string, { operation: TracedOperation; count: number }>();
  for (const operation of work) {
    const key = keyOf(operation);
    const known = found.get(key);
    if (known === undefined) found.set(key, { operation, count: 1 });
    else known.count++;
  }
  return [...found.values()];
}

function keyOf({ op, attributes, inputs, inputTypes, constants, updates }: TracedOperation): string {
  const values = constants.map((constant) => (constant === undefined ? null : Array.from(constant as Float32Array)));
  return JSON.stringify([op, attributes, inputs, inputTypes, values, updates]);
}

/** Times every distinct operation; the dearest of all its runs first, those that could not be timed last. */
export function profileWork(
  work: readonly TracedOperation[],
  onProgress: (done: number, of: number) => void = () => {},
): OperationCost[] {
  const distinct = distinctOperations(work);
  const costs = distinct.map(({ operation, count }, i): OperationCost => {
    onProgress(i, distinct.length);
    try {
      return { operation, count, seconds: timeOperation(operation), failure: null };
    } catch (error) {
      return { operation, count, seconds: null, failure: (error as Error).message };
    }
  });
  const rank = (cost: OperationCost): number => (cost.seconds === null ? -1 : totalOf(cost));
  return costs.sort((a, b) => rank(b) - rank(a));
}

/** Seconds of all runs in the step; 0 where it was not timed. */
export function totalOf({ count, seconds }: OperationCost): number {
  return count * (seconds ?? 0);
}

/** The timed operations by name, the dearest first. */
export function byKind(costs: readonly OperationCost[]): KindCost[] {
  const kinds = new Map<string, KindCost>();
  for (const cost of costs) {
    if (cost.seconds === null) continue;
    const { op } = cost.operation;
    const kind = kinds.get(op) ?? { op, count: 0, seconds: 0 };
    kinds.set(op, { op, count: kind.count + cost.count, seconds: kind.seconds + totalOf(cost) });
  }
  return [...kinds.values()].sort((a, b) => b.seconds - a.seconds);
}
