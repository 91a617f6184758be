/** A night's hypnogram as sleep laboratories draw it: wake on top, REM under it, then N1 to N3; REM is the thick line. */
import type { Hypnogram, SleepStage } from "../../formats/types";
import { type NightUnit, nightUnit } from "./night-time";
import {
  type ChartSpec,
  type ChartText,
  chartText,
  colours,
  framed,
  rounded,
  stageColours,
  stageOrder,
  unframed,
} from "./theme";

/** A stretch of equal stages, in the axis' unit from the first epoch. */
interface Run {
  stage: SleepStage;
  start: number;
  stop: number;
}

const unscored: Readonly<Partial<Record<SleepStage, string>>> = { "?": "not scored", M: "movement" };

/** One hypnogram over the time from its first epoch. Epochs not scored and movement time are grey bands, not stages. */
export function hypnogramChart(hypnogram: Hypnogram, options: ChartText = {}): ChartSpec {
  const seconds = hypnogram.stages.length * hypnogram.epochSeconds;
  const { divisor, name } = nightUnit(seconds);
  const text = chartText(options, {
    title: "Hypnogram",
    description:
      `Sleep stages of a recording of ${(seconds / divisor).toFixed(1)} ${name} in epochs of ${hypnogram.epochSeconds} s, ` +
      "from the top: wake, REM (thick), N1, N2, N3.",
  });
  return framed(text, { layer: hypnogramLayers(hypnogram, seconds) }, { height: 260 });
}

/**
 * Hypnograms of one night by several scorers, above each other on one time axis.
 * Texts name the scorers in the order given.
 */
export function scorersChart(
  scorings: readonly { scorer: string; hypnogram: Hypnogram }[],
  options: ChartText = {},
): ChartSpec {
  const seconds = Math.max(...scorings.map(({ hypnogram: h }) => h.stages.length * h.epochSeconds));
  const text = chartText(options, {
    title: `One night, ${scorings.length} scorers`,
    subtitle: "REM is thick; grey: not scored",
    description:
      `Hypnograms of the same night by ${scorings.map(({ scorer }) => scorer).join(", ")}, from the top of each: ` +
      "wake, REM (thick), N1, N2, N3. Where the lines differ, the scorers disagree; grey is not scored.",
  });
  const last = scorings.length - 1;
  return unframed(text, {
    spacing: 14,
    vconcat: scorings.map(({ scorer, hypnogram }, index) => ({
      width: 590,
      height: 84,
      layer: hypnogramLayers(hypnogram, seconds, { name: scorer, timeAxis: index === last, compact: true }),
    })),
    resolve: { scale: { x: "shared" } },
  });
}

/** The marks of a hypnogram, for a figure that has more than one view. */
export function hypnogramLayers(
  hypnogram: Hypnogram,
  seconds: number,
  { name = "Stage", timeAxis = true, compact = false } = {},
): object[] {
  const unit = nightUnit(seconds);
  const runs = runsOf(hypnogram, unit);
  const scored = runs.filter((run) => stageOrder.includes(run.stage));
  const bands = runs.flatMap((run) => {
    const why = unscored[run.stage];
    return why === undefined ? [] : [{ start: run.start, stop: run.stop, why }];
  });
  const steps = scored.flatMap((run, index) => {
    const next = scored[index + 1];
    return next === undefined || next.start !== run.stop ? [] : [{ at: run.stop, from: run.stage, to: next.stage }];
  });
  const x = (field: string) => ({
    field,
    type: "quantitative",
    title: timeAxis ? `Time from the first epoch (${unit.name})` : null,
    scale: { domain: [0, rounded(seconds / unit.divisor, 4)], nice: false },
    axis: { grid: false, labels: timeAxis, ticks: true, tickCount: 10, ...(unit.name === "h" && { tickMinStep: 0.5 }) },
  });
  const y = (field: string) => ({
    field,
    type: "ordinal",
    title: name,
    scale: { domain: [...stageOrder], padding: 0.5 },
    axis: { grid: true, ...(compact ? { labelFontSize: 11 } : {}) },
  });
  const line = { type: "rule", strokeWidth: 1.3, color: colours.ink, strokeCap: "square" };
  const span = { x: x("start"), x2: { field: "stop" } };
  return [
    ...(bands.length === 0 ? [] : [bandLayer(bands, span, compact)]),
    {
      data: { values: steps },
      mark: { ...line, strokeWidth: 0.9 },
      encoding: { x: x("at"), y: y("from"), y2: { field: "to" } },
    },
    {
      data: { values: scored },
      mark: line,
      encoding: {
        ...span,
        y: y("stage"),
        tooltip: [
          { field: "stage" },
          { field: "start", title: `from (${unit.name})` },
          { field: "stop", title: `to (${unit.name})` },
        ],
      },
    },
    {
      data: { values: scored.filter((run) => run.stage === "REM") },
      mark: { type: "rule", strokeWidth: compact ? 5 : 7, color: stageColours.REM },
      encoding: { ...span, y: y("stage") },
    },
  ];
}

function bandLayer(bands: { start: number; stop: number; why: string }[], span: object, compact: boolean): object {
  return {
    data: { values: bands },
    mark: { type: "rect", opacity: 0.5 },
    encoding: {
      ...span,
      color: {
        field: "why",
        type: "nominal",
        title: null,
        scale: { domain: Object.values(unscored), range: [stageColours["?"], stageColours.M] },
        legend: compact ? null : {},
      },
    },
  };
}

/** Runs of equal stages. */
function runsOf({ stages, epochSeconds }: Hypnogram, { divisor }: NightUnit): Run[] {
  const runs: Run[] = [];
  stages.forEach((stage, index) => {
    const stop = rounded(((index + 1) * epochSeconds) / divisor, 5);
    const last = runs.at(-1);
    if (last?.stage === stage) last.stop = stop;
    else runs.push({ stage, start: last?.stop ?? 0, stop });
  });
  return runs;
}
