/** Calibration: of the examples given a probability near p, how many have the label? Drawn by `reliabilityDiagram`. */
import { SignalbookError } from "../core/errors";
import { quantiles } from "../preprocessing/quantiles";
import { argmax, rowsOf } from "./metrics";

export interface ReliabilityBin {
  /** Ends of the bin: from <= probability < to (the last one includes its end). */
  from: number;
  to: number;
  /** Mean probability in the bin. */
  predicted: number;
  /** Share of examples in the bin with the label. */
  observed: number;
  count: number;
}

/**
 * equal: bins of equal width over 0 .. 1. quantiles: bins of (nearly) equal numbers of examples, so that rare labels
 * do not leave most bins empty.
 */
export type ReliabilityEdges = "equal" | "quantiles";

/**
 * Probabilities of one label in bins; empty ones are left out.
 * @throws SignalbookError for a probability outside 0..1, or numbers of probabilities and labels that differ.
 */
export function reliabilityBins(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number | boolean>,
  bins = 10,
  edges: ReliabilityEdges = "equal",
): ReliabilityBin[] {
  if (probabilities.length !== truth.length)
    throw new SignalbookError("probabilities and labels differ in number", {
      found: `${probabilities.length} and ${truth.length}`,
    });
  if (!Number.isInteger(bins) || bins < 1)
    throw new SignalbookError("a number of bins out of range", { found: String(bins), expected: "1 or more" });
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (!(p >= 0 && p <= 1))
      throw new SignalbookError("a probability out of range", {
        place: `example ${i}`,
        found: String(p),
        expected: "0..1",
      });
  }
  const ends = Array.from({ length: bins + 1 }, (_, i) => i / bins);
  const limits = edges === "equal" ? ends : quantiles(probabilities, ends);
  const binOf = (p: number): number => {
    if (edges === "quantiles") return limits.filter((limit) => limit <= p).length - 1;
    const near = Math.floor(p * bins); // rounding may take a probability at a bin's end over it
    return near < bins && p >= limits[near + 1]! ? near + 1 : p < limits[near]! ? near - 1 : near;
  };
  const sums = Array.from({ length: bins }, () => ({ predicted: 0, observed: 0, count: 0 }));
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    const bin = sums[Math.min(bins - 1, binOf(p))]!;
    bin.predicted += p;
    bin.observed += truth[i] ? 1 : 0;
    bin.count++;
  }
  return sums.flatMap(({ predicted, observed, count }, i) =>
    count === 0
      ? []
      : [{ from: limits[i]!, to: limits[i + 1]!, predicted: predicted / count, observed: observed / count, count }],
  );
}

/**
 * Of classes that exclude each other, only the one that is predicted: how often is a prediction with confidence p right?
 * @param truth class index of every example
 * @param probabilities [examples, classes]
 */
export function confidenceBins(
  truth: ArrayLike<number>,
  probabilities: ArrayLike<number>,
  classes: number,
  bins = 10,
  edges: ReliabilityEdges = "equal",
): ReliabilityBin[] {
  const examples = rowsOf(probabilities, probabilities, classes);
  if (truth.length !== examples)
    throw new SignalbookError("probabilities and labels differ in number", {
      found: `${examples} and ${truth.length}`,
    });
  const best = argmax(probabilities, classes);
  const confidence = Float64Array.from(best, (k, i) => probabilities[i * classes + k]!);
  return reliabilityBins(
    confidence,
    Array.from(best, (k, i) => k === truth[i]),
    bins,
    edges,
  );
}

/** Expected calibration error: the mean distance of observed from predicted, weighted by the bins' counts. */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, bin) => sum + bin.count, 0);
  return bins.reduce((sum, bin) => sum + (bin.count / total) * Math.abs(bin.observed - bin.predicted), 0);
}

/** The largest distance of observed from predicted in any bin. */
export function largestCalibrationError(bins: readonly ReliabilityBin[]): number {
  return Math.max(...bins.map((bin) => Math.abs(bin.observed - bin.predicted)));
}
