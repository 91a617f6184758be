/** Hypnodensity: for each epoch of a night the share of every stage, as voted by scorers or as a model's probabilities. */
import { SignalbookError } from "../../core/errors";
import type { Hypnogram, SleepStage } from "../../formats/types";
import { nightUnit } from "./night-time";
import { type ChartSpec, type ChartText, chartText, framed, rounded, stageColours, stageOrder } from "./theme";

/** Shares of the stages in each epoch, summing to 1 where anyone scored it. */
export interface Hypnodensity {
  epochSeconds: number;
  /** One record an epoch. */
  shares: Readonly<Record<"W" | "REM" | "N1" | "N2" | "N3", number>>[];
}

/**
 * The votes of several scorers of one night. Who left an epoch unscored (or called it movement) has no vote in it.
 * @throws SignalbookError when the scorings are not of the same epochs.
 */
export function votes(hypnograms: readonly Hypnogram[]): Hypnodensity {
  const [first] = hypnograms;
  if (first === undefined) throw new SignalbookError("no scoring to take votes from");
  const wrong = hypnograms.find(
    (h) => h.stages.length !== first.stages.length || h.epochSeconds !== first.epochSeconds,
  );
  if (wrong !== undefined)
    throw new SignalbookError("scorings of different lengths", {
      file: wrong.source,
      found: `${wrong.stages.length} epochs of ${wrong.epochSeconds} s`,
      expected: `${first.stages.length} epochs of ${first.epochSeconds} s`,
    });
  const shares = first.stages.map((_, epoch) => {
    const scored = hypnograms.map((h) => h.stages[epoch]!).filter((stage) => stageOrder.includes(stage));
    const share = (stage: SleepStage) =>
      scored.length === 0 ? 0 : scored.filter((other) => other === stage).length / scored.length;
    return { W: share("W"), REM: share("REM"), N1: share("N1"), N2: share("N2"), N3: share("N3") };
  });
  return { epochSeconds: first.epochSeconds, shares };
}

/** The shares of the stages over the night, stacked; wake on top. */
export function hypnodensityChart(density: Hypnodensity, options: ChartText = {}): ChartSpec {
  const text = chartText(options, {
    title: "Hypnodensity",
    description: "Share of each sleep stage in every epoch of the night, stacked from N3 at the bottom to wake on top.",
  });
  return framed(text, hypnodensityView(density), { height: 260 });
}

/** The stacked shares, for a figure that has more than one view. */
export function hypnodensityView(
  { epochSeconds, shares }: Hypnodensity,
  { name = "Share", timeAxis = true } = {},
): Record<string, unknown> {
  const unit = nightUnit(shares.length * epochSeconds);
  const time = (epoch: number) => rounded((epoch * epochSeconds) / unit.divisor, 4);
  const values = shares.map((share, epoch) => ({
    time: time(epoch),
    ...Object.fromEntries(stageOrder.map((stage) => [stage, rounded(share[stage as keyof typeof share], 3)])),
  }));
  return {
    data: { values: [...values, { ...values.at(-1), time: time(shares.length) }] },
    transform: [
      { fold: [...stageOrder], as: ["stage", "share"] },
      { calculate: `indexof(${JSON.stringify([...stageOrder].reverse())}, datum.stage)`, as: "depth" },
    ],
    mark: { type: "area", interpolate: "step-after", line: false },
    encoding: {
      x: {
        field: "time",
        type: "quantitative",
        title: timeAxis ? `Time from the first epoch (${unit.name})` : null,
        scale: { domain: [0, time(shares.length)], nice: false },
        axis: { grid: false, labels: timeAxis },
      },
      y: {
        field: "share",
        type: "quantitative",
        stack: "zero",
        title: name,
        scale: { domain: [0, 1] },
        axis: { format: "%", tickCount: 4 },
      },
      color: {
        field: "stage",
        type: "nominal",
        title: "Stage",
        scale: { domain: [...stageOrder], range: stageOrder.map((stage) => stageColours[stage]) },
      },
      order: { field: "depth", type: "quantitative" },
    },
  };
}
