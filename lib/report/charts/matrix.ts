/** Tables of counts as coloured squares: confusion of two scorers, co-occurrence of labels. */
import { SignalbookError } from "../../core/errors";
import { type ChartSpec, type ChartText, chartText, percentText, rounded, unframed } from "./theme";

export interface MatrixOptions extends ChartText {
  /** Heading of the rows, such as "Scorer 1" or "True class". */
  rowTitle: string;
  columnTitle: string;
  /**
   * What a square's colour and second line mean: its share of the row, or nothing but the count.
   * Default "row": the diagonal of a confusion matrix is then the recall of each class.
   */
  share?: "row" | "none";
}

/**
 * Counts `values[row][column]` with the labels of both sides.
 * @throws SignalbookError when the shape does not fit the labels.
 */
export function matrixChart(
  values: readonly (readonly number[])[],
  rowLabels: readonly string[],
  columnLabels: readonly string[],
  options: MatrixOptions,
): ChartSpec {
  const { share = "row", rowTitle, columnTitle } = options;
  if (values.length !== rowLabels.length || values.some((row) => row.length !== columnLabels.length))
    throw new SignalbookError("a matrix that does not fit its labels", {
      found: `${values.length} rows of ${[...new Set(values.map((row) => row.length))].join(" or ")}`,
      expected: `${rowLabels.length} rows of ${columnLabels.length}`,
    });
  const largest = Math.max(1, ...values.flat());
  const cells = values.flatMap((row, r) => {
    const sum = row.reduce((total, value) => total + value, 0);
    return row.map((count, c) => {
      const part = sum === 0 ? 0 : count / sum;
      return {
        row: rowLabels[r]!,
        column: columnLabels[c]!,
        count,
        shade: rounded(share === "row" ? part : count / largest, 4),
        part: share === "row" ? percentText(part) : "",
      };
    });
  });
  const text = chartText(options, {
    title: `${rowTitle} against ${columnTitle}`,
    description:
      `Counts: ${rowTitle} in rows, ${columnTitle} in columns` +
      `${share === "row" ? ", with each square's share of its row" : ""}.`,
    details: `${rowLabels
      .map((label, r) => `${label}: ${columnLabels.map((other, c) => `${other} ${values[r]![c]}`).join(", ")}`)
      .join("; ")}.`,
  });
  const side = Math.max(38, Math.min(72, Math.floor(480 / columnLabels.length)));
  const height = share === "row" ? Math.max(40, Math.round(side * 0.72)) : Math.max(28, Math.round(side * 0.6));
  const colour = { test: "datum.shade > 0.65", value: "#FFFFFF" };
  const labels = (field: string, dy: number, fontSize: number) => ({
    mark: { type: "text", baseline: "middle", dy, fontSize },
    encoding: { text: { field, type: "nominal" }, color: { condition: colour, value: "#1F2933" } },
  });
  return unframed(text, {
    width: side * columnLabels.length,
    height: height * rowLabels.length,
    data: { values: cells },
    encoding: {
      x: {
        field: "column",
        type: "nominal",
        sort: [...columnLabels],
        title: columnTitle,
        axis: {
          orient: "top",
          labelAngle: columnLabels.some((label) => label.length > 5) ? -40 : 0,
          ticks: false,
          domain: false,
        },
      },
      y: {
        field: "row",
        type: "nominal",
        sort: [...rowLabels],
        title: rowTitle,
        axis: { ticks: false, domain: false },
      },
    },
    layer: [
      {
        mark: { type: "rect", stroke: "#FFFFFF", strokeWidth: 1.5 },
        encoding: {
          color: {
            field: "shade",
            type: "quantitative",
            scale: { domain: [0, 0.5, 1], range: ["#F3F6F9", "#7FB2DA", "#0B3C6F"] },
            legend: null,
          },
        },
      },
      labels("count", share === "row" ? -8 : 0, 13),
      ...(share === "row" ? [labels("part", 9, 11)] : []),
    ],
  });
}
