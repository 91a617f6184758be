/**
 * Random numbers drawn in JavaScript become constants of a traced step: the same dropout mask for ever. So they throw
 * while a step is traced; `tensorRandom` draws inside the step instead.
 */
import { SignalbookError } from "../core/errors";

const key = Symbol.for("signalbook.tracing");

function tracedStep(): string | undefined {
  return (globalThis as { [key]?: string })[key];
}

/** @throws SignalbookError while a step is traced. `what` names the function that was called. */
export function refuseWhileTracing(what: string): void {
  const step = tracedStep();
  if (step === undefined) return;
  throw new SignalbookError(`${what} was called while the step "${step}" was traced`, {
    expected: "randomness drawn inside the compiled step: JavaScript's would be the same numbers at every call",
    fix: "use tensorRandom(seed, step), with the step's number as an argument of the step",
  });
}

/** Runs `work` with JavaScript's randomness locked. */
export function withoutJavaScriptRandomness<T>(step: string, work: () => T): T {
  const holder = globalThis as { [key]?: string };
  const outer = holder[key];
  const random = Math.random;
  holder[key] = step;
  Math.random = (): number => {
    refuseWhileTracing("Math.random");
    return random();
  };
  try {
    return work();
  } finally {
    Math.random = random;
    if (outer === undefined) delete holder[key];
    else holder[key] = outer;
  }
}
