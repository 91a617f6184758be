/** What notebooks use to show and record: figures, tables, progress, results. */
export { type AnswersTableOptions, answersTable, intervalCell, sideOfZero } from "./answers-table";
export * from "./charts";
export { type Bundle, type Displayable, jupyterDisplay, newDisplay, type ShowOptions, show } from "./display";
export { formatInterval, formatNumber } from "./format";
export {
  durationText,
  type ProgressDisplay,
  type ProgressEvent,
  type ProgressOptions,
  progressDisplay,
} from "./progress";
export { collectResults, type Result, recordResult } from "./results";
export {
  recordSlips,
  type SlipChartOptions,
  type SlipCost,
  slipChart,
  slipOverview,
  slipTable,
  slipVerdict,
} from "./slips";
export { type ScoredSystem, type SystemRow, systemTable, systemTableOptions } from "./system-table";
export { type Cell, type IntervalCell, type Row, type Table, type TableOptions, table } from "./tables";
