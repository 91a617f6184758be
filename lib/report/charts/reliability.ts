/** Reliability diagram: of the examples given a probability near p, how many have the label? */
import { calibrationError, type ReliabilityBin } from "../../training/calibration";
import { diagonal } from "./diagonal";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";

/** The diagram, with the number of examples in each bin below it. */
export function reliabilityDiagram(bins: readonly ReliabilityBin[], options: ChartText = {}): ChartSpec {
  const error = calibrationError(bins);
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  const text = chartText(options, {
    title: "Reliability",
    subtitle: `${total} predictions, expected calibration error ${error.toFixed(3)}`,
    description:
      `Observed share of the label against the predicted probability in ${bins.length} bins; on the dashed diagonal ` +
      `predictions are calibrated. Expected calibration error ${error.toFixed(3)} over ${total} predictions.`,
  });
  const unit = (field: string, title: string | null) => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, 1] },
    axis: { tickCount: 5 },
  });
  const values = bins.map((bin) => ({
    ...bin,
    predicted: rounded(bin.predicted, 4),
    observed: rounded(bin.observed, 4),
  }));
  const x = unit("predicted", null);
  const y = unit("observed", "Observed share");
  return unframed(text, {
    spacing: 12,
    resolve: { scale: { x: "shared" } },
    vconcat: [
      {
        width: 400,
        height: 340,
        layer: [
          diagonal(x, y),
          {
            data: { values },
            mark: { type: "line", point: { filled: true, size: 60, color: colours.blue }, color: colours.blue },
            encoding: {
              x,
              y,
              tooltip: ["predicted", "observed", "count"].map((field) => ({ field, type: "quantitative" })),
            },
          },
        ],
      },
      {
        width: 400,
        height: 80,
        data: { values },
        mark: { type: "bar", color: colours.missing },
        encoding: {
          x: {
            field: "from",
            type: "quantitative",
            title: "Predicted probability",
            scale: { domain: [0, 1] },
            axis: { tickCount: 5 },
          },
          x2: { field: "to" },
          y: { field: "count", type: "quantitative", title: "Examples", axis: { tickCount: 3 }, scale: { zero: true } },
          y2: { datum: 0 },
        },
      },
    ],
  });
}
