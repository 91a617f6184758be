/** The linear baseline of the sample task. */
import { type EcgBaseline, ecgBaseline } from "./ecg-baseline";
import { baselineFeatures, type PtbxlTask } from "./ptbxl";

/** Inverse of the penalty, chosen by cross-validation within folds 1 to 7. */
export const PTBXL_BASELINE_C = 0.003;

/** Measures every record of the task, once. */
export function ptbxlBaseline(task: PtbxlTask): EcgBaseline {
  return ecgBaseline(task.dataset.ids, baselineFeatures(task), PTBXL_BASELINE_C);
}
