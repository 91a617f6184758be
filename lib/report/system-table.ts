/**
 * A system's results: what its authors published, then what was measured here, one row each. A published score and one of
 * ours never share a row: each has its own protocol and data, which is what tells them apart.
 */
import type { PublishedScore } from "../training/published-score";
import type { Result } from "./results";
import type { IntervalCell, Row, TableOptions } from "./tables";

/** What is read of a published system. */
export interface ScoredSystem {
  readonly number: string;
  readonly title: string;
  readonly scores: readonly PublishedScore[];
  readonly scoresRemark?: string;
}

/** A row of {@link systemTable}. */
export interface SystemRow extends Row {
  what: string;
  measure: string;
  published: number | undefined;
  ours: IntervalCell | undefined;
  /** How many examples ours stands on; the protocol says what they are. */
  n: number | undefined;
  protocol: string;
  data: "real" | "simulated";
}

/** The results among `results` that were recorded for `system`, in their order. */
export function resultsOf(system: ScoredSystem, results: readonly Result[]): Result[] {
  return results.filter((result) => result.system === system.number);
}

/** Published rows, then those of `results` that name the system. Show it with {@link systemTableOptions}. */
export function systemTable(system: ScoredSystem, results: readonly Result[]): SystemRow[] {
  const published = system.scores.map(({ what, measure, score, protocol }) => {
    return { what, measure, published: score, ours: undefined, n: undefined, protocol, data: "real" as const };
  });
  return [...published, ...resultsOf(system, results).map(ourRow)];
}

/** A result as a row of its system's table. */
export function ourRow(result: Result): SystemRow {
  const { value, interval, n, real, sample } = result;
  const name = result.label ?? result.id;
  return {
    what: result.who ?? name,
    measure: result.measure ?? name,
    published: undefined,
    ours: { value, ...(interval === undefined ? {} : { interval }) },
    n,
    protocol: result.protocol ?? sample,
    data: real,
  };
}

/** Caption, headings and decimal places of {@link systemTable}. */
export function systemTableOptions(system: ScoredSystem): TableOptions {
  const remark = system.scoresRemark === undefined ? "" : ` (${system.scoresRemark})`;
  return {
    caption: `System ${system.number}, ${system.title}: published scores${remark}, and what was measured here. Rows of different protocols are not comparable`,
    headings: { ours: "ours (interval)", data: "real or simulated" },
    digits: { published: 3, ours: 3 },
  };
}
