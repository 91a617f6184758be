/** Answers compared, as a table: a row each, then a row for each difference, estimates with their intervals. */
import type { AnswersCompared } from "../training/compare-answers";
import { type Row, type Table, type TableOptions, table } from "./tables";

/** What is read of an interval. */
interface Estimated {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

/** An estimate as a table's cell, a row of a forest plot and a recorded result take it: `{ value, interval }`. */
export function intervalCell({ estimate, low, high }: Estimated): { value: number; interval: [number, number] } {
  return { value: estimate, interval: [low, high] };
}

/** On which side of 0 an interval lies, in words. */
export function sideOfZero({
  low,
  high,
}: Omit<Estimated, "estimate">): "above 0" | "below 0" | "not told apart from 0" {
  return low > 0 ? "above 0" : high < 0 ? "below 0" : "not told apart from 0";
}

export interface AnswersTableOptions extends Omit<TableOptions, "columns"> {
  /** Default both, differences below. */
  show?: "answers" | "differences";
  /** F1 of each class beside every answer, for classes that exclude each other. Default false. */
  perClass?: boolean;
}

/** Two decimal places where none are given. Caption and the rest as of {@link table}. */
export function answersTable<M extends string>(
  compared: AnswersCompared<M>,
  { show, perClass = false, ...options }: AnswersTableOptions = {},
): Table {
  const { measures, answers, differences, report } = compared;
  const cells = (measured: AnswersCompared<M>["answers"][number]["measured"]): Row =>
    Object.fromEntries(measures.map((name) => [name, intervalCell(measured[name])]));
  const f1 = (who: string): Row =>
    perClass ? Object.fromEntries(report(who).classes.map((row) => [`F1 ${row.class}`, row.f1])) : {};
  const rows: Row[] = [
    ...(show === "differences" ? [] : answers.map(({ who, measured }) => ({ who, ...cells(measured), ...f1(who) }))),
    ...(show === "answers" ? [] : differences.map(({ what, measured }) => ({ who: what, ...cells(measured) }))),
  ];
  return table(rows, { digits: 2, ...options, headings: { who: "", ...options.headings } });
}
