/** What a run tells while it goes on: lines of the metrics file, scalars for TensorBoard, progress. */
import type { EpochRecord, RunState } from "./checkpoint";
import { EventFile } from "./event-file";
import type { FitOptions } from "./fit-options";
import { MetricsFile } from "./metrics-file";
import type { RanPrecision } from "./ran-precision";
import type { StepResult } from "./train-step";
import { type Timing, type TrainingClock, timeSince } from "./training-clock";

export interface ReportParts {
  options: FitOptions;
  run: Record<string, unknown>;
  ran: RanPrecision;
  /** Threads that make the batches. */
  workers: number;
  state: RunState;
  /** Whether the state is a checkpoint's. */
  resumed: boolean;
  clock: TrainingClock;
  /** Batches of an epoch. */
  steps: number;
}

export class FitReport {
  private readonly metrics: MetricsFile | undefined;
  private readonly events: EventFile | undefined;
  /** Of this process. */
  private stepsHere = 0;
  private epochsHere = 0;
  /** When its first step, which is traced and so says little of the others, was done; until then when it began. */
  private from: Timing;
  private skippedExamples = 0;

  constructor(private readonly parts: ReportParts) {
    const { options, run, ran, workers, state, resumed } = parts;
    const from = resumed ? { step: state.step, epochs: state.history.length } : null;
    this.from = parts.clock.now();
    this.metrics = options.metricsFile === undefined ? undefined : new MetricsFile(options.metricsFile, from);
    this.events =
      options.eventFolder === undefined ? undefined : new EventFile(options.eventFolder, from?.step ?? null);
    this.metrics?.append(
      resumed ? { kind: "resume", step: state.step, ran, workers } : { kind: "run", step: 0, ...run, ran, workers },
    );
  }

  /** After each batch. */
  step({ loss, gradientNorm, scale, skipped }: StepResult, learningRate: number): void {
    const { state, options } = this.parts;
    this.stepsHere++;
    const { logEverySteps } = options;
    if (logEverySteps !== undefined && state.step % logEverySteps === 0) {
      const scaling = scale === null ? {} : { scale, skipped };
      const { step, epoch } = state;
      this.metrics?.append({ kind: "steps", step, epoch: epoch + 1, loss, learningRate, gradientNorm, ...scaling });
      this.events?.scalars(step, {
        "train/loss": loss,
        "train/learning_rate": learningRate,
        "train/gradient_norm": gradientNorm,
        ...(scale !== null && { "train/loss_scale": scale }),
      });
    }
    this.progress(learningRate);
    if (this.stepsHere === 1) this.from = this.parts.clock.now();
  }

  /** After an epoch's validation. @param skipped all examples that the loader could not make, up to now */
  epoch(record: EpochRecord, skipped: readonly { id: string }[]): void {
    this.epochsHere++;
    const skippedExamples = skipped.slice(this.skippedExamples).map(({ id }) => id);
    this.skippedExamples = skipped.length;
    this.metrics?.append({ kind: "epoch", ...record, ...(skippedExamples.length > 0 && { skippedExamples }) });
    const { metrics, epoch, step, loss, learningRate, seconds, timing } = record;
    const measured = Object.entries(metrics).map(([name, value]) => [`validation/${name}`, value]);
    this.events?.scalars(step, {
      "epoch/number": epoch,
      "epoch/loss": loss,
      "epoch/learning_rate": learningRate,
      "epoch/seconds": seconds,
      "epoch/engine_share": timing.engine / timing.total,
      ...Object.fromEntries(measured),
    });
  }

  end(stopped: string): void {
    const { state } = this.parts;
    const { step, updates, skipped, timing } = state;
    this.metrics?.append({ kind: "end", step, stopped, updates, skipped, seconds: timing.total, timing });
  }

  private progress(learningRate: number): void {
    const { state, options, clock, steps, ran } = this.parts;
    const { epochs, batchSize } = options;
    const last = state.history[state.history.length - 1]?.metrics;
    const watched = options.earlyStopping?.metric ?? "loss";
    const { total, validation } = timeSince([this.from], clock.now());
    const stepSeconds = (total - validation) / Math.max(1, this.stepsHere - 1);
    const validationSeconds = this.epochsHere === 0 ? 0 : validation / this.epochsHere;
    options.progress?.({
      epoch: state.epoch + 1,
      epochs,
      step: state.position,
      steps,
      loss: state.lossSum / state.position,
      learningRate,
      examplesPerSecond: batchSize / stepSeconds,
      ran,
      secondsLeft: (epochs * steps - state.step) * stepSeconds + (epochs - state.epoch) * validationSeconds,
      ...(last?.[watched] !== undefined && {
        metric: { name: watched === "loss" ? "validation loss" : watched, value: last[watched] },
      }),
    });
  }
}
