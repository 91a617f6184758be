/** What slips of published systems cost: one list as a chart, a table and recorded results. */
import { SignalbookError } from "../core/errors";
import { forestPlot } from "./charts/forest";
import type { ChartSpec, ChartText } from "./charts/theme";
import { type Result, recordResult } from "./results";
import { type Table, table } from "./tables";

/** One slip, measured: the score of the intended way minus that of the published one; of a report, reported minus true. */
export interface SlipCost {
  /** report: what is handed in stays as it is, and the published way of scoring it says another number. Default answers. */
  touches?: "answers" | "report";
  /** Number of the system: "000". */
  system: string;
  /** Names the number for ever, beside the system: "mixed-labels". Lower case and dashes. */
  id: string;
  /** What it is, in a few words: "labels of mixed images". */
  slip: string;
  published: string;
  here: string;
  /** What was compared with what, where that is not the two above. */
  compared?: string;
  /** Larger is better, or `smallerIsBetter`; in words that published scores use: "macro F1". */
  measure: string;
  /** Above 0 the slip costs, or the report is too good, whichever way the measure runs. */
  cost: { estimate: number; low: number; high: number };
  /** By how much runs that differ in their seed alone differ. Absent where nothing was trained. */
  chance?: number;
  /** Pairs of runs; 0 where the slip needs no training. */
  pairs: number;
  /** People (or exams) that were scored. */
  people: number;
  real: Result["real"];
  sample: string;
}

/** What recorded costs of answers are called. */
const COST = "intended minus published";

/** Points of a hundredth: costs of different measures stand in one chart by these. */
const HUNDREDTHS = 100;

export interface SlipChartOptions extends ChartText {
  /** What the intervals are. Default over people and runs. */
  interval?: string;
}

/**
 * One row a slip, coloured by measure, in hundredths of it, beside a line at 0.
 * @throws SignalbookError for no slips, and for slips of answers and of reports in one chart
 */
export function slipChart(slips: readonly SlipCost[], options: SlipChartOptions): ChartSpec {
  const [touched = "answers", ...others] = new Set(slips.map(({ touches = "answers" }) => touches));
  if (slips.length === 0 || others.length > 0)
    throw new SignalbookError("no one kind of slips to draw", {
      found: `${slips.length} slips, ${1 + others.length} kinds`,
    });
  const reported = touched === "report";
  return forestPlot(
    slips.map(({ system, slip, measure, cost }) => ({
      label: `${system}  ${slip}`,
      group: measure,
      value: HUNDREDTHS * cost.estimate,
      interval: [HUNDREDTHS * cost.low, HUNDREDTHS * cost.high],
    })),
    {
      metric: reported
        ? "Reported minus true, in hundredths of the measure"
        : "Cost of the slip, in hundredths of its measure",
      interval: "95 % bootstrap interval over people and runs",
      references: [{ value: 0, label: reported ? "honest" : "no cost" }],
      digits: 1,
      ...options,
    },
  );
}

/** Whether an interval lies on one side of 0, in a word. */
export function slipVerdict({
  cost,
  chance,
  touches = "answers",
}: Pick<SlipCost, "cost" | "chance" | "touches">): string {
  const [above, below] = touches === "answers" ? ["costs", "helps"] : ["flatters", "understates"];
  const side = cost.low > 0 ? above! : cost.high < 0 ? below! : null;
  if (side === null) return cost.low === 0 && cost.high === 0 ? "no difference" : "not settled";
  return chance === undefined || Math.abs(cost.estimate) > chance ? side : `${side}, but no more than another seed`;
}

/** System, slip, published and here, cost with its interval, and what chance alone does. */
export function slipTable(slips: readonly SlipCost[], caption: string): Table {
  return table(
    slips.map((slip) => ({
      system: slip.system,
      slip: slip.slip,
      published: slip.published,
      here: slip.here,
      compared: slip.compared ?? "published with here",
      measure: slip.measure,
      cost: { value: slip.cost.estimate, interval: [slip.cost.low, slip.cost.high] as const },
      "another seed": slip.chance ?? null,
      "pairs of runs": slip.pairs,
      verdict: slipVerdict(slip),
      data: `${slip.real}: ${slip.sample}`,
    })),
    { caption, digits: { cost: 4, "another seed": 4, "pairs of runs": 0 } },
  );
}

/** Records each cost: system, measure "difference in <measure>", and the slip for who. */
export function recordSlips(notebook: string, slips: readonly SlipCost[], tolerance: number): void {
  for (const { touches, system, id, slip, measure, cost, pairs, people, real, sample, compared } of slips)
    recordResult({
      id: `slips.${system}.${id}`,
      notebook,
      label: `${touches === "report" ? "Reported minus true" : "Cost of a slip"}, ${system}: ${slip}`,
      value: cost.estimate,
      interval: [cost.low, cost.high],
      intervalMethod: "95 % bootstrap over people and runs",
      n: people,
      real,
      sample,
      tolerance,
      system,
      measure: `difference in ${measure}`,
      protocol: `${sample}${pairs > 0 ? `, ${pairs} pairs of runs` : ""}${compared === undefined ? "" : `; ${compared}`}`,
      who: `${touches === "report" ? "reported minus true" : COST}: ${slip}`,
    });
}

/**
 * All recorded costs of answers in one chart, the largest first, coloured by whether the data are real.
 * @param results of a run, as collectResults gives them; others than slips are left aside
 * @throws SignalbookError where no slip is among them
 */
export function slipOverview(results: readonly Result[], text: ChartText): ChartSpec {
  const costs = results.filter(({ id, who }) => id.startsWith("slips.") && who?.startsWith(`${COST}: `));
  if (costs.length === 0)
    throw new SignalbookError("no recorded slips", { fix: "run the notebooks that measure them first" });
  return forestPlot(
    [...costs]
      .sort((a, b) => b.value - a.value)
      .map(({ system, who, measure, value, interval, real }) => ({
        label: `${system}  ${who!.slice(COST.length + 2)} (${measure!.replace("difference in ", "")})`,
        group: `${real} data`,
        value: HUNDREDTHS * value,
        ...(interval && { interval: [HUNDREDTHS * interval[0], HUNDREDTHS * interval[1]] as const }),
      })),
    {
      metric: "Cost of the slip, in hundredths of its measure",
      interval: "95 % bootstrap interval over people and runs",
      references: [{ value: 0, label: "no cost" }],
      digits: 1,
      ...text,
    },
  );
}
