/** The linear baseline beside ECG networks: one logistic regression a label, on what a reader measures with a ruler. */
import type { Recording } from "../formats";
import { ecgFeatures } from "../preprocessing";
import { type Dataset, targetsOf } from "../training/dataset";
import { applyScaler, fitBinary, fitScaler, predictLogistic } from "../training/logistic";
import { type Probabilities, probabilities } from "../training/probabilities";

export interface EcgBaseline {
  /** Names of the features. */
  names: string[];
  /** Learns from `train`, answers about `asked`; both parts of the data set that was measured. */
  answer(train: Dataset, asked: Dataset): Probabilities;
}

/** What the baseline sees of each record. */
export interface EcgMeasurements {
  names: string[];
  rows: Float64Array[];
}

/** The simple features of {@link ecgFeatures}, age (0 and a mark where missing) and sex. All with the same leads. */
export function measureEcgs(
  recordings: Iterable<{ recording: Recording; age: number | null; sex: "female" | "male" | null }>,
): EcgMeasurements {
  const names: string[] = [];
  const rows: Float64Array[] = [];
  for (const { recording, age, sex } of recordings) {
    const features = ecgFeatures(recording);
    if (rows.length === 0) names.push(...features.names, "age (years)", "age missing", "male");
    rows.push(
      Float64Array.of(...features.values, Math.min(age ?? 0, 90), age === null ? 1 : 0, sex === "male" ? 1 : 0),
    );
  }
  return { names, rows };
}

/**
 * @param ids of the records measured, in their order
 * @param C inverse of the penalty
 */
export function ecgBaseline(ids: readonly string[], { names, rows }: EcgMeasurements, C: number): EcgBaseline {
  const rowOf = new Map(ids.map((id, i) => [id, rows[i]!]));
  const rowsOf = (dataset: Dataset): Float64Array[] => dataset.ids.map((id) => rowOf.get(id)!);
  return {
    names,
    answer(train, asked) {
      const width = train.classes.length;
      const scaler = fitScaler(rowsOf(train));
      const [learnt, given] = [applyScaler(scaler, rowsOf(train)), applyScaler(scaler, rowsOf(asked))];
      const truth = targetsOf(train);
      const positive = train.classes.map((_, k) => {
        const labels = train.ids.map((_id, i) => truth[i * width + k]!);
        return predictLogistic(fitBinary(learnt, labels, { C }), given).map((row) => row[1]!);
      });
      const values = asked.ids.flatMap((_, i) => positive.map((own) => own[i]!));
      return probabilities(asked.ids, train.classes, Float64Array.from(values));
    },
  };
}
