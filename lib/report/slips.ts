/** What slips of published systems cost: one list as a chart, a table and recorded results. */
import { SignalbookError } from "../core/errors";
import { forestPlot } from "./charts/forest";
import type { ChartSpec, ChartText } from "./charts/theme";
import { type Result, recordResult } from "./results";
import { type Table, table } from "./tables";

/** One slip, measured: the score of the intended way minus that of the published one. */
export interface SlipCost {
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
  /** Above 0 the slip costs, whichever way the measure runs. */
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

/** Points of a hundredth: costs of different measures stand in one chart by these. */
const HUNDREDTHS = 100;

/** One row a slip, coloured by measure, in hundredths of it; the line at 0 is "no cost". */
export function slipChart(slips: readonly SlipCost[], text: ChartText): ChartSpec {
  if (slips.length === 0) throw new SignalbookError("a chart of slips without any");
  return forestPlot(
    slips.map(({ system, slip, measure, cost }) => ({
      label: `${system}  ${slip}`,
      group: measure,
      value: HUNDREDTHS * cost.estimate,
      interval: [HUNDREDTHS * cost.low, HUNDREDTHS * cost.high],
    })),
    {
      metric: "Cost of the slip, in hundredths of its measure",
      interval: "95 % bootstrap interval over people and runs; right of the line the slip costs",
      references: [{ value: 0, label: "no cost" }],
      digits: 1,
      ...text,
    },
  );
}

/** Whether an interval lies on one side of 0, in a word. */
export function slipVerdict({ cost, chance }: Pick<SlipCost, "cost" | "chance">): string {
  const side = cost.low > 0 ? "costs" : cost.high < 0 ? "helps" : "not settled";
  if (side === "not settled" || chance === undefined || Math.abs(cost.estimate) > chance) return side;
  return `${side}, but no more than another seed`;
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
    { caption, digits: { cost: 3, "another seed": 3, "pairs of runs": 0 } },
  );
}

/** Records each cost: system, measure "difference in <measure>", and the slip for who. */
export function recordSlips(notebook: string, slips: readonly SlipCost[], tolerance: number): void {
  for (const { system, id, slip, measure, cost, pairs, people, real, sample, compared } of slips)
    recordResult({
      id: `slips.${system}.${id}`,
      notebook,
      label: `Cost of a published slip, ${system}: ${slip}`,
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
      who: `without the slip "${slip}"`,
    });
}
