/** Receiver operating characteristics, a curve a class, with the area under each in the legend. */
import { SignalbookError } from "../../core/errors";
import { diagonal } from "./diagonal";
import { type ChartSpec, type ChartText, categoryColours, chartText, framed, rounded } from "./theme";

export interface RocInput {
  /** The class. */
  name: string;
  /** A model's scores, higher meaning more likely. */
  scores: ArrayLike<number>;
  /** 1 (or true) where the class is present. */
  truth: ArrayLike<number | boolean>;
}

export interface RocCurve {
  name: string;
  /** From (0, 0) to (1, 1); equal scores are one step. */
  points: { falsePositiveRate: number; truePositiveRate: number }[];
  /** Area under the curve by the trapezium rule: the chance that a positive scores above a negative, ties half. */
  auc: number;
}

/** The curve of one class. @throws SignalbookError when all examples are of one kind: there is no curve then. */
export function rocCurve({ name, scores, truth }: RocInput): RocCurve {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const positives = order.filter((i) => Boolean(truth[i])).length;
  const negatives = order.length - positives;
  if (scores.length !== truth.length || positives === 0 || negatives === 0)
    throw new SignalbookError(`no ROC curve for class ${name}`, {
      found: `${scores.length} scores, ${truth.length} labels, ${positives} positive`,
      expected: "as many labels as scores, with both kinds among them",
    });
  const points = [{ falsePositiveRate: 0, truePositiveRate: 0 }];
  let hits = 0;
  let auc = 0;
  order.forEach((i, rank) => {
    if (truth[i]) hits++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[i]) return;
    const point = { falsePositiveRate: (rank + 1 - hits) / negatives, truePositiveRate: hits / positives };
    const last = points.at(-1)!;
    auc += ((point.falsePositiveRate - last.falsePositiveRate) * (point.truePositiveRate + last.truePositiveRate)) / 2;
    points.push(point);
  });
  return { name, points, auc };
}

/** Curves of several classes in a square, with the line of a coin's guesses. */
export function rocChart(inputs: readonly RocInput[], options: ChartText = {}): ChartSpec {
  const curves = inputs.map(rocCurve);
  const legend = (curve: RocCurve) => `${curve.name}, AUC ${curve.auc.toFixed(2)}`;
  const values = curves.flatMap((curve) =>
    cornersOf(curve).map((point, order) => ({
      x: rounded(point.falsePositiveRate, 4),
      y: rounded(point.truePositiveRate, 4),
      order,
      curve: legend(curve),
    })),
  );
  const text = chartText(options, {
    title: "ROC curve of each class",
    description: `Sensitivity against 1 − specificity: ${curves.map(legend).join("; ")}.`,
  });
  const axis = (field: string, title: string) => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, 1] },
    axis: { tickCount: 5 },
  });
  const x = axis("x", "1 − specificity (false positive rate)");
  const y = axis("y", "Sensitivity (true positive rate)");
  const domain = curves.map(legend);
  return framed(
    text,
    {
      layer: [
        diagonal(x, y),
        {
          data: { values },
          mark: { type: "line" },
          encoding: {
            x,
            y,
            order: { field: "order", type: "quantitative" },
            color: {
              field: "curve",
              type: "nominal",
              title: null,
              scale: { domain, range: domain.map((_, i) => categoryColours[i % categoryColours.length]) },
              legend: { orient: "right", direction: "vertical" },
            },
          },
        },
      ],
    },
    { height: 480 },
  );
}

/** Points on a straight stretch of the staircase say nothing: only its corners are drawn. */
function cornersOf({ points }: RocCurve): RocCurve["points"] {
  return points.filter((point, i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (before === undefined || after === undefined) return true;
    const level =
      before.truePositiveRate === point.truePositiveRate && point.truePositiveRate === after.truePositiveRate;
    const upright =
      before.falsePositiveRate === point.falsePositiveRate && point.falsePositiveRate === after.falsePositiveRate;
    return !level && !upright;
  });
}
