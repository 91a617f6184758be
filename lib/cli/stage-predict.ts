/** A trained network asked about examples: what evaluate and predict have in common. */
import { writePredictions } from "../ensembling";
import type { PipelinePreset } from "../systems";
import { type Dataset, type Probabilities, predict, weightsFromSafetensors } from "../training";
import { ranPrecision } from "../training/ran-precision";
import { engineVersions, type RunName, runFolder, type Stage } from "./stage-record";
import { WEIGHTS_FILE } from "./train";

/** Name in a stage's folder. */
export const PREDICTIONS_FILE = "predictions.csv";

/** The weights of a training, in the out folder. */
export const weightsOf = (run: RunName): string => `train/${runFolder(run)}/${WEIGHTS_FILE}`;

/**
 * Predicts, writes and records, unless that is done.
 * @param dataset read only where it is needed
 * @param scores of the answers, for the record
 */
export async function predicted(
  stage: Stage,
  run: RunName,
  preset: PipelinePreset,
  dataset: () => Dataset,
  scores: (answers: Probabilities) => Record<string, number>,
): Promise<void> {
  const { options } = stage;
  const state = stage.state();
  const file = stage.path(PREDICTIONS_FILE);
  const say = (what: string): void => void process.stdout.write(`${options.stage} ${runFolder(run)}: ${what}\n`);
  if (state === "done") {
    const { examples, scores: before } = stage.results() as { examples: number; scores: Record<string, number> };
    say(`done before, nothing to do: ${told(examples, before)}`);
    return;
  }
  if (state === "changed") say("what it was made of has changed; made anew");
  const started = new Date();
  const inputs = preset.inputs(run.member, dataset());
  const model = preset.model(run.member, inputs);
  const { workers } = options;
  const loader = preset.loader?.(run.member, inputs, workers === undefined ? {} : { workers });
  try {
    model.loadState(weightsFromSafetensors(`${options.out}/${weightsOf(run)}`));
    const { activation, batchSize } = preset;
    const answers = await predict(model, loader ?? inputs, { batchSize, activation });
    writePredictions(file, answers);
    const found = scores(answers);
    stage.write("done", started, [PREDICTIONS_FILE], {
      examples: answers.ids.length,
      scores: found,
      precision: ranPrecision(model, inputs, "float32"),
      workers: { asked: workers ?? null, ran: loader?.workers ?? 0 },
      engine: engineVersions(),
    });
    say(told(answers.ids.length, found));
  } finally {
    model.dispose();
    await loader?.close();
  }
}

function told(examples: number, scores: Readonly<Record<string, number>>): string {
  return [`${examples} examples`, ...Object.entries(scores).map(([name, value]) => `${name} ${value.toFixed(4)}`)].join(
    ", ",
  );
}
