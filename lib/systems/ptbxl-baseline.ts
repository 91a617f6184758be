/** The linear baseline of the sample task: one logistic regression a class, on what a reader measures with a ruler. */
import { type Dataset, targetsOf } from "../training/dataset";
import { applyScaler, fitBinary, fitScaler, predictLogistic } from "../training/logistic";
import { type Probabilities, probabilities } from "../training/probabilities";
import { baselineFeatures, type PtbxlTask } from "./ptbxl";

/** Inverse of the penalty, chosen by cross-validation within folds 1 to 7. */
export const PTBXL_BASELINE_C = 0.003;

export interface PtbxlBaseline {
  /** Names of the features. */
  names: string[];
  /** Learns from `train`, answers about `asked`; both parts of the task's data set. */
  answer(train: Dataset, asked: Dataset): Probabilities;
}

/** Measures every record of the task, once. */
export function ptbxlBaseline(task: PtbxlTask): PtbxlBaseline {
  const { names, rows } = baselineFeatures(task);
  const rowOf = new Map(task.dataset.ids.map((id, i) => [id, rows[i]!]));
  const rowsOf = ({ ids }: Dataset): Float64Array[] => ids.map((id) => rowOf.get(id)!);
  return {
    names,
    answer(train, asked) {
      const width = train.classes.length;
      const scaler = fitScaler(rowsOf(train));
      const [learnt, given] = [applyScaler(scaler, rowsOf(train)), applyScaler(scaler, rowsOf(asked))];
      const truth = targetsOf(train);
      const positive = train.classes.map((_, k) => {
        const labels = train.ids.map((_id, i) => truth[i * width + k]!);
        return predictLogistic(fitBinary(learnt, labels, { C: PTBXL_BASELINE_C }), given).map((row) => row[1]!);
      });
      const values = asked.ids.flatMap((_, i) => positive.map((own) => own[i]!));
      return probabilities(asked.ids, train.classes, Float64Array.from(values));
    },
  };
}
