/** A pipeline's stages one after the other in memory, without the records that the command line keeps: for small presets. */
import { type Dataset, subset } from "../training/dataset";
import type { FitOptions, FitResult } from "../training/fit-options";
import { type Split, trainTest } from "../training/folds";
import { predict } from "../training/predict";
import type { Probabilities } from "../training/probabilities";
import type { PipelineAnswer, PipelinePreset } from "./pipeline";

export interface PipelineRunOptions {
  seed: number;
  signal?: AbortSignal;
  /** Told of each training before it begins; what it returns is told of the training's progress. */
  onTraining?: (name: string) => NonNullable<FitOptions["progress"]>;
}

/** One training's part in a run. */
export interface TrainedMember extends PipelineAnswer {
  member: string;
  fold: number;
  result: FitResult;
  /** Weight of its answers in the blend. */
  weight: number;
}

export interface PipelineRun {
  labelled: Dataset;
  /** The examples to label. */
  asked: Dataset;
  split: Split;
  members: TrainedMember[];
  /** What is handed in. */
  blend: Probabilities;
}

/** Trains every member on the preset's folds, scores each on what was held back from it, asks and blends. */
export async function runPipeline(
  preset: PipelinePreset,
  folder: string,
  { seed, signal, onTraining }: PipelineRunOptions,
): Promise<PipelineRun> {
  const source = preset.labelled(folder);
  const labelled = source.dataset();
  const asked = preset.unlabelled(folder, source.classes).dataset();
  const split = preset.split(labelled);
  const { activation, batchSize } = preset;
  const trained: Omit<TrainedMember, "weight">[] = [];
  for (const member of preset.members)
    for (const fold of preset.folds) {
      const name = `${member}_seed${seed}_fold${fold}`;
      const parts = trainTest(split, fold);
      const validation = subset(labelled, parts.test, `fold ${fold}`);
      const progress = onTraining?.(name);
      const { model, result } = await preset.train(member, {
        train: subset(labelled, parts.train, `all but fold ${fold}`),
        validation,
        seed,
        ...(signal && { signal }),
        ...(progress && { progress }),
      });
      try {
        const answer = (dataset: Dataset): Promise<Probabilities> =>
          predict(model, preset.inputs(member, dataset), { batchSize, activation, ...(signal && { signal }) });
        const scores = preset.evaluate(await answer(validation), validation);
        trained.push({ name, member, fold, result, scores, probabilities: await answer(asked) });
      } finally {
        model.dispose();
      }
    }
  const { blend, weights } = preset.ensemble(trained);
  return { labelled, asked, split, members: trained.map((one, i) => ({ ...one, weight: weights[i]! })), blend };
}
