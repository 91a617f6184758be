/** Learning curves: a loss or a score over the epochs of training, on training and validation data, a line a fold. */
import { type ChartSpec, type ChartText, chartText, colours, framed } from "./theme";

export interface LearningPoint {
  /** Epoch of training, counted from 1. */
  epoch: number;
  split: "train" | "validation";
  value: number;
  /** The fold held out, where there are several. */
  fold?: number | string;
}

export interface LearningOptions extends ChartText {
  /** What `epoch` counts, where it is something else: "Step". Default "Epoch". */
  per?: string;
  /** What `value` is, with its unit if it has one: "Loss (nats)", "Macro AUC". */
  metric: string;
  /** Where training was stopped or the weights were taken, marked by a dot: one epoch a fold. */
  best?: readonly { epoch: number; value: number; fold?: number | string }[];
}

const splitColours = { train: colours.blue, validation: colours.vermillion } as const;

/** Thin lines are folds; with more than one, the thick line is their mean over those still training. */
export function learningCurves(points: readonly LearningPoint[], options: LearningOptions): ChartSpec {
  const folds = [...new Set(points.map((point) => String(point.fold ?? "")))];
  const splits = (["train", "validation"] as const).filter((split) => points.some((point) => point.split === split));
  const epochs = points.map((point) => point.epoch);
  const { per = "Epoch" } = options;
  const text = chartText(options, {
    title: "Learning curves",
    description:
      `${options.metric} over ${Math.max(...epochs)} ${per.toLowerCase()}s of training, on ${splits.map((split) => (split === "train" ? "training" : split)).join(" and ")} data` +
      `${folds.length > 1 ? `, ${folds.length} folds (thin lines) and their mean (thick)` : ""}.`,
  });
  const x = {
    field: "epoch",
    type: "quantitative",
    title: per,
    axis: { values: wholeTicks(Math.min(...epochs), Math.max(...epochs)), grid: false, format: "d" },
    scale: { nice: false, zero: false },
  };
  const y = { field: "value", type: "quantitative", title: options.metric, scale: { zero: false } };
  const color = {
    field: "split",
    type: "nominal",
    title: null,
    scale: { domain: splits, range: splits.map((split) => splitColours[split]) },
    ...(splits.length === 1 && folds.length === 1 ? { legend: null } : {}),
  };
  const many = folds.length > 1;
  const best = (options.best ?? []).map((at) => ({ ...at, fold: String(at.fold ?? ""), split: "validation" }));
  return framed(
    text,
    {
      data: { values: points.map((point) => ({ ...point, fold: String(point.fold ?? "") })) },
      layer: [
        {
          mark: {
            type: "line",
            strokeWidth: many ? 1 : 2,
            opacity: many ? 0.45 : 1,
            point: points.length < 30 && !many,
          },
          encoding: { x, y, color, detail: { field: "fold", type: "nominal" } },
        },
        ...(many
          ? [{ mark: { type: "line", strokeWidth: 3 }, encoding: { x, y: { ...y, aggregate: "mean" }, color } }]
          : []),
        ...(best.length === 0
          ? []
          : [{ data: { values: best }, mark: { type: "point", filled: true, size: 70 }, encoding: { x, y, color } }]),
      ],
    },
    { height: 320 },
  );
}

/** At most ten whole numbers, a round step apart. Vega puts ticks between whole numbers where there are few of them. */
function wholeTicks(first: number, last: number): number[] {
  const least = Math.max(1, (last - first) / 9);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((known) => known >= least)!;
  const start = Math.ceil(first / step) * step;
  return Array.from({ length: Math.floor((last - start) / step) + 1 }, (_, i) => start + i * step);
}
