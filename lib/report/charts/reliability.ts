/** Reliability diagram: of the examples given a probability near p, how many have the label? */
import { SignalbookError } from "../../core/errors";
import { diagonal } from "./diagonal";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";

export interface ReliabilityBin {
  /** Ends of the bin: from <= probability < to (the last one includes 1). */
  from: number;
  to: number;
  /** Mean probability in the bin. */
  predicted: number;
  /** Share of examples in the bin with the label. */
  observed: number;
  count: number;
}

/**
 * Equal bins of probability; empty ones are left out.
 * @throws SignalbookError for a probability outside 0..1, or numbers of probabilities and labels that differ.
 */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number | boolean>,
  bins = 10,
): ReliabilityBin[] {
  if (probabilities.length !== truth.length)
    throw new SignalbookError("probabilities and labels differ in number", {
      found: `${probabilities.length} and ${truth.length}`,
    });
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, observed: 0, count: 0 }));
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (!(p >= 0 && p <= 1))
      throw new SignalbookError("a probability out of range", {
        place: `example ${i}`,
        found: String(p),
        expected: "0..1",
      });
    const bin = sums[Math.min(bins - 1, Math.floor(p * bins))]!;
    bin.predicted += p;
    bin.observed += truth[i] ? 1 : 0;
    bin.count++;
  }
  return sums.flatMap(({ predicted, observed, count }, i) =>
    count === 0
      ? []
      : [{ from: i / bins, to: (i + 1) / bins, predicted: predicted / count, observed: observed / count, count }],
  );
}

/** Expected calibration error: the mean distance of observed from predicted, weighted by the bins' counts. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return bins.reduce((sum, bin) => sum + (bin.count / total) * Math.abs(bin.observed - bin.predicted), 0);
}

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
