/** How a network of systems 000 and 001 is trained: batches made in threads from the challenge's files. */
import type { Model } from "../models";
import type { Dataset } from "../training/dataset";
import { targetsOf } from "../training/dataset";
import { fit } from "../training/fit";
import type { FitOptions, FitResult } from "../training/fit-options";
import { cohenKappa } from "../training/kappa";
import type { BatchLoader } from "../training/loader";
import { accuracy, argmax, averageScores, countLabels } from "../training/metrics";
import type { Probabilities } from "../training/probabilities";
import { type WorkerLoaderOptions, type WorkerSource, workerLoader } from "../training/worker-loader";
import { type MaicDataset, type MaicList, maicDataset, maicListOf } from "./maic-data";
import { precisionChoice } from "./precision-choice";

/** A network with all that is chosen before it is trained. */
export interface MaicNetwork {
  /** A new one, its first weights drawn from the seed. */
  model(seed: number): Model;
  /** What it looks at, for lines of a list. @param learning augmented, where the network's examples are */
  source(list: MaicList, ids: readonly string[], learning: boolean): WorkerSource<unknown>;
  /** Keep pictures in memory for validation. */
  keep: boolean;
  training: Pick<
    FitOptions,
    "loss" | "optimizer" | "schedule" | "batchSize" | "epochs" | "accumulate" | "earlyStopping" | "precision"
  >;
  /** Of its answers. Default {@link maicScores}. */
  scores?: NonNullable<FitOptions["evaluate"]>;
}

/** What a run adds to a network. Both data sets were made from a list: only their ids are taken. */
export type MaicRun = { train: Dataset; validation: Dataset } & Pick<
  FitOptions,
  "seed" | "checkpoint" | "metricsFile" | "signal" | "progress" | "precision"
> &
  Pick<WorkerLoaderOptions, "workers">;

/** The examples of a data set made from a list, as a network looks at them. */
export function maicInputs({ source, keep }: Pick<MaicNetwork, "source" | "keep">, dataset: Dataset): MaicDataset {
  const list = maicListOf(dataset);
  return maicDataset(list, source(list, dataset.ids, false), keep);
}

/** The same, made in threads: close it when done with it. */
export function maicLoader(
  { source }: Pick<MaicNetwork, "source">,
  dataset: Dataset,
  options: Pick<WorkerLoaderOptions, "workers"> = {},
): BatchLoader {
  return workerLoader(source(maicListOf(dataset), dataset.ids, false), options);
}

/** Trains from new weights. Dispose the model when done with it. */
export async function trainMaic(network: MaicNetwork, run: MaicRun): Promise<{ model: Model; result: FitResult }> {
  const { train, validation, precision: asked, workers, ...rest } = run;
  const { batchSize, precision, ...training } = network.training;
  const threads = workers === undefined ? {} : { workers };
  const loader = workerLoader(network.source(maicListOf(train), train.ids, true), threads);
  // Pictures that are kept in memory are decoded once a run, the others after every epoch.
  const validationLoader = network.keep ? undefined : maicLoader(network, validation, threads);
  const model = network.model(run.seed);
  try {
    const result = await fit({
      ...rest,
      ...training,
      ...precisionChoice(precision ?? "float32", asked),
      model,
      loader,
      validation: maicInputs(network, validation),
      ...(validationLoader && { validationLoader }),
      batchSize: Math.min(batchSize, train.length),
      evaluate: network.scores ?? maicScores,
    });
    return { model, result };
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    await Promise.all([loader.close(), validationLoader?.close()]);
  }
}

/** The challenge's measure of the stages that occur or are given. */
export function maicMacroF1(truth: ArrayLike<number>, predicted: ArrayLike<number>, classes: number): number {
  return averageScores(countLabels(truth, predicted, classes), "macro", true).f1;
}

/**
 * {@link maicMacroF1}, accuracy (which is micro F1 for one stage an epoch), and Cohen's kappa where it is defined.
 * @param dataset whose first classes are the answers'; further ones are no example's
 */
export function maicScores({ values, classes }: Probabilities, dataset: Dataset): Record<string, number> {
  const count = classes.length;
  const truth = argmax(targetsOf(dataset), dataset.classes.length);
  const predicted = argmax(values, count);
  const kappa = cohenKappa(truth, predicted, count);
  return {
    macroF1: maicMacroF1(truth, predicted, count),
    accuracy: accuracy(truth, predicted),
    ...(kappa !== null && { kappa }),
  };
}
