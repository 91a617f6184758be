/** One exam of the MAIC challenge as a clinician reads a night: given stages, answered ones, and how sure the answers are. */
import { SignalbookError } from "../core/errors";
import { type Hypnogram, MAIC_STAGES, type MaicStage, type SleepStage } from "../formats";
import type { Dataset } from "../training/dataset";
import { argmax } from "../training/metrics";
import type { Probabilities } from "../training/probabilities";

const EPOCH_SECONDS = 30;
const SLEEP_STAGES: Readonly<Record<MaicStage, Exclude<SleepStage, "movement" | "unscored">>> = {
  Wake: "W",
  N1: "N1",
  N2: "N2",
  N3: "N3",
  REM: "REM",
};

export interface StagedExam {
  given: Hypnogram;
  /** The likeliest stage of each epoch. */
  answered: Hypnogram;
  /** Probabilities, for a hypnodensity. */
  density: { epochSeconds: number; shares: Record<"W" | "REM" | "N1" | "N2" | "N3", number>[] };
  /** Share of epochs whose likeliest stage is the given one. */
  right: number;
}

/**
 * @param answers to the data set's examples, in their order
 * @throws SignalbookError for an exam of which the data set has no epoch, and answers to other examples
 */
export function stagedExam(dataset: Dataset, answers: Probabilities, exam: string): StagedExam {
  const epochs = dataset.groups.flatMap((group, i) => (group === exam ? [i] : []));
  // Names sort into the order of time.
  epochs.sort((a, b) => (dataset.ids[a]! < dataset.ids[b]! ? -1 : 1));
  if (epochs.length === 0)
    throw new SignalbookError("an exam without epochs", {
      place: dataset.name,
      found: exam,
      expected: [...new Set(dataset.groups)].join(", "),
    });
  if (answers.ids.join("\n") !== dataset.ids.join("\n"))
    throw new SignalbookError("answers to other examples", {
      place: dataset.name,
      found: `${answers.ids.length} examples from ${answers.ids[0]}`,
      expected: `${dataset.length} in the data set's order`,
    });
  const width = MAIC_STAGES.length;
  const likeliest = argmax(answers.values, width);
  const given = epochs.map((i) => dataset.example(i).target.indexOf(1));
  const named = (source: string, stages: readonly number[]): Hypnogram => ({
    ...{ source, start: null, epochSeconds: EPOCH_SECONDS },
    stages: stages.map((stage) => SLEEP_STAGES[MAIC_STAGES[stage]!]),
  });
  return {
    given: named(exam, given),
    answered: named(
      `answers to ${exam}`,
      epochs.map((i) => likeliest[i]!),
    ),
    density: {
      epochSeconds: EPOCH_SECONDS,
      shares: epochs.map((i) => {
        const share = (stage: MaicStage): number => answers.values[i * width + MAIC_STAGES.indexOf(stage)]!;
        return { W: share("Wake"), REM: share("REM"), N1: share("N1"), N2: share("N2"), N3: share("N3") };
      }),
    },
    right: epochs.filter((i, at) => likeliest[i] === given[at]).length / epochs.length,
  };
}
