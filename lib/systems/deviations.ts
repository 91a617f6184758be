/** One point of a system's list of deviations, found by its name. */
import { SignalbookError } from "../core/errors";
import type { Deviation, System } from "./system";

/** @throws SignalbookError for a point that the system's list has not */
export function deviationOf({ title, deviations }: Pick<System, "title" | "deviations">, point: string): Deviation {
  const found = deviations.find((deviation) => deviation.point === point);
  if (found !== undefined) return found;
  throw new SignalbookError("a point that is not in the list of deviations", {
    place: title,
    found: point,
    expected: deviations.map((deviation) => deviation.point).join(", "),
  });
}

/** The same in the words of a table of slips: the system's number, the point, what was published and what is done here. */
export function slipOf(
  system: Pick<System, "number" | "title" | "deviations">,
  point: string,
): { system: string; slip: string; published: string; here: string } {
  const { published, here } = deviationOf(system, point);
  return { system: system.number, slip: point, published, here };
}
