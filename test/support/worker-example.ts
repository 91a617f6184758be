/** A worker's module for the tests of lib/core/workers.ts: squares, failures, endings. */
import { SignalbookError } from "../../lib/core/errors";
import type { Prepare } from "../../lib/core/workers";

interface Shared {
  /** Counts the tasks begun. */
  counter?: Int32Array;
  /** Milliseconds that the first task takes longest, later ones less. */
  slow?: number;
  fails?: number[];
  exits?: boolean;
}

export const prepare: Prepare<Shared, number, number> = ({ counter, slow = 0, fails = [], exits = false }) => {
  return async (task) => {
    if (exits) process.exit(3);
    if (counter !== undefined) Atomics.add(counter, 0, 1);
    await new Promise((done) => setTimeout(done, slow * (1 + ((7 * task) % 3))));
    if (fails.includes(task)) throw new SignalbookError(`cannot do ${task}`);
    return task * task;
  };
};
