/** The linear baseline that stands beside every network: features, standardised, and multinomial logistic regression. */
import { SignalbookError } from "../core/errors";
import { type Dataset, targetsOf } from "./dataset";
import { type LinearProbe, predictProbe } from "./features";
import { type ImageFeatureOptions, imageFeatures } from "./image-features";
import { applyScaler, fitScaler, fitShares, type LogisticOptions } from "./logistic";
import { type Probabilities, probabilities } from "./probabilities";

export interface LinearBaselineOptions extends ImageFeatureOptions {
  /** Of each example. Default {@link imageFeatures}. */
  features?: (dataset: Dataset) => ArrayLike<number>[];
  /**
   * Inverse of the penalty. Default: of {@link BASELINE_PENALTIES} the one whose fit on three quarters of the training
   * groups gives the others' labels the highest likelihood.
   */
  C?: number;
  /** Default none, as networks are trained whose classes are not weighted. */
  classWeight?: LogisticOptions["classWeight"];
}

export const BASELINE_PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1] as const;
/** Where there are too few groups to choose by. */
const USUAL_PENALTY = 1e-2;
/** Every so many-th group chooses the penalty. */
const CHOOSING = 4;

/**
 * Learns from `train` alone; nothing of `validation` but its inputs is looked at. Soft targets (shares of votes) are fitted
 * as they are. A class that no training example has gets probability 0.
 */
export function linearBaseline(
  train: Dataset,
  validation: Dataset,
  { rows, columns, features, C, classWeight = "none" }: LinearBaselineOptions = {},
): Probabilities {
  const grid = { ...(rows !== undefined && { rows }), ...(columns !== undefined && { columns }) };
  const featuresOf = features ?? ((dataset: Dataset) => imageFeatures(dataset, grid));
  const known: Known = { rows: featuresOf(train), targets: targetsOf(train), classes: train.classes.length };
  const penalty = C ?? choosePenalty(known, train.groups, classWeight);
  const probe = fitKnown(known, { C: penalty, classWeight });
  return probabilities(validation.ids, validation.classes, Float64Array.from(probe(featuresOf(validation)).flat()));
}

interface Known {
  rows: readonly ArrayLike<number>[];
  /** [examples, classes] */
  targets: Float32Array;
  classes: number;
}

/** @returns what gives each row's probabilities of all classes. */
function fitKnown(
  { rows, targets, classes }: Known,
  options: LogisticOptions,
): (rows: readonly ArrayLike<number>[]) => number[][] {
  const masses = Array.from({ length: classes }, (_, k) =>
    rows.reduce((sum, _, i) => sum + targets[i * classes + k]!, 0),
  );
  const seen = [...masses.keys()].filter((k) => masses[k]! > 0);
  if (seen.length < 2)
    throw new SignalbookError("a baseline of fewer than two classes", {
      found: `${seen.length} among ${rows.length} training examples`,
    });
  const shares = Float64Array.from({ length: rows.length * seen.length }, (_, at) => {
    const i = Math.floor(at / seen.length);
    return targets[i * classes + seen[at % seen.length]!]!;
  });
  const scaler = fitScaler(rows);
  const probe: LinearProbe = { scaler, model: fitShares(applyScaler(scaler, rows), shares, seen.length, options) };
  return (asked) =>
    predictProbe(probe, asked).map((given) => {
      const all = new Array<number>(classes).fill(0);
      seen.forEach((k, at) => {
        all[k] = given[at]!;
      });
      return all;
    });
}

function choosePenalty(
  { rows, targets, classes }: Known,
  groups: readonly string[],
  classWeight: "balanced" | "none",
): number {
  const order = [...new Set(groups)];
  if (order.length < CHOOSING) return USUAL_PENALTY;
  const chooses = groups.map((group) => order.indexOf(group) % CHOOSING === CHOOSING - 1);
  const part = (wanted: boolean): Known => {
    const indices = [...chooses.keys()].filter((i) => chooses[i] === wanted);
    return {
      rows: indices.map((i) => rows[i]!),
      targets: Float32Array.from(indices.flatMap((i) => [...targets.subarray(i * classes, (i + 1) * classes)])),
      classes,
    };
  };
  const [learning, choosing] = [part(false), part(true)];
  const scores = BASELINE_PENALTIES.map((C) => logLikelihood(choosing, fitKnown(learning, { C, classWeight })));
  return BASELINE_PENALTIES[scores.indexOf(Math.max(...scores))]!;
}

/** A class that was never seen must not decide: its probability is 0. */
const LEAST = 1e-6;

function logLikelihood({ rows, targets, classes }: Known, answer: ReturnType<typeof fitKnown>): number {
  return answer(rows).reduce(
    (sum, given, i) => given.reduce((own, p, k) => own + targets[i * classes + k]! * Math.log(Math.max(LEAST, p)), sum),
    0,
  );
}
