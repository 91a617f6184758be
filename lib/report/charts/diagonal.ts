/** The dashed line of equality under a curve in the unit square. */
import { colours } from "./theme";

/** A layer from (0, 0) to (1, 1). `x` and `y` are the chart's encodings, whose fields the line shares. */
export function diagonal(
  x: Readonly<{ field: string }>,
  y: Readonly<{ field: string }>,
): Readonly<Record<string, unknown>> {
  return {
    data: { values: [0, 1].map((end) => ({ [x.field]: end, [y.field]: end })) },
    mark: { type: "line", strokeDash: [5, 4], color: colours.muted, strokeWidth: 1 },
    encoding: { x, y },
  };
}
