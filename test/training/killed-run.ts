/** Trains the toy run with checkpoints and says when each step is done, for a test that kills this process. */
import { fit } from "../../lib/training/fit";
import { toyModel, toyRun } from "./toy";

const folder = process.argv[2]!;

void fit(
  toyRun(toyModel(), {
    checkpoint: { folder, everySteps: 2 },
    metricsFile: `${folder}/metrics.jsonl`,
    logEverySteps: 1,
    progress: ({ epoch, step }) => process.stdout.write(`epoch ${epoch} step ${step}\n`),
  }),
);
