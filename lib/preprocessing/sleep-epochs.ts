/** Epochs: the stretches of a night that a hypnogram scores. */
import { SignalbookError } from "../core/errors";
import { type Hypnogram, hypnogramPart, type Recording, type SleepStage } from "../formats";
import { isAsleep } from "./sleep-statistics";
import { cutWindow, hasGap } from "./windows";

export interface SleepEpoch {
  /** Position in the hypnogram, from 0. */
  index: number;
  stage: SleepStage;
  /** The epoch's signals, views of the recording's samples. */
  recording: Recording;
}

/** Why an epoch was left out; the first that holds, in this order. */
export const DROP_REASONS = ["outside", "trimmed", "movement", "unscored", "gap"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface SelectedEpochs {
  epochs: SleepEpoch[];
  /** How many were left out: not wholly recorded, awake far from sleep, movement, not scored, with missing samples. */
  dropped: Record<DropReason, number>;
}

/**
 * The epochs of a hypnogram that lie wholly within the recording, in order.
 * @param offset seconds from the recording's start to the hypnogram's first epoch; from their start times when left out.
 * @throws SignalbookError when neither start time is known and no offset is given, when no epoch lies within the
 * recording, and when an epoch is not whole samples of a signal.
 */
export function sleepEpochs(recording: Recording, hypnogram: Hypnogram, offset?: number): SleepEpoch[] {
  if (recording.signals.length === 0)
    throw new SignalbookError("a recording without signals", {
      file: recording.source,
      expected: "one signal or more to cut into epochs",
      fix: "name the recording's file, not the hypnogram's",
    });
  const first = offset ?? hypnogramOffset(recording, hypnogram);
  const { epochSeconds, stages } = hypnogram;
  const duration = Math.min(...recording.signals.map(({ samples, sampleRate }) => samples.length / sampleRate));
  const epochs: SleepEpoch[] = [];
  stages.forEach((stage, index) => {
    const from = first + index * epochSeconds;
    if (from < 0 || from + epochSeconds > duration + 1e-9) return;
    epochs.push({ index, stage, recording: cutWindow(recording, from, epochSeconds) });
  });
  if (epochs.length === 0)
    throw new SignalbookError("a hypnogram that scores no part of the recording", {
      file: hypnogram.source,
      found: `epochs from ${first} s to ${first + stages.length * epochSeconds} s`,
      expected: `an overlap with ${recording.source}, 0 s to ${duration} s`,
      fix: "check that the two files belong to the same night",
    });
  return epochs;
}

/**
 * The epochs a model can learn from, and how many were left out for which reason: every epoch of the hypnogram is one or
 * the other.
 * @param options.offset as for {@link sleepEpochs}.
 * @param options.wakeMinutes kept before the first and after the last epoch asleep; all of it when left out.
 * @throws SignalbookError as {@link sleepEpochs}, and for a night without sleep that is to be trimmed.
 */
export function selectSleepEpochs(
  recording: Recording,
  hypnogram: Hypnogram,
  { offset, wakeMinutes }: { offset?: number; wakeMinutes?: number } = {},
): SelectedEpochs {
  const within = sleepEpochs(recording, hypnogram, offset);
  const range = wakeMinutes === undefined ? null : sleepRange(hypnogram, wakeMinutes);
  const dropped: Record<DropReason, number> = { outside: 0, trimmed: 0, movement: 0, unscored: 0, gap: 0 };
  dropped.outside = hypnogram.stages.length - within.length;
  const epochs = within.filter(({ index, stage, recording: { signals } }) => {
    const reason: DropReason | null =
      range !== null && (index < range.first || index > range.last)
        ? "trimmed"
        : stage === "M"
          ? "movement"
          : stage === "?"
            ? "unscored"
            : hasGap({ signals })
              ? "gap"
              : null;
    if (reason !== null) dropped[reason]++;
    return reason === null;
  });
  return { epochs, dropped };
}

/**
 * The hypnogram from `minutes` before its first epoch asleep to `minutes` after its last, or to its own ends.
 * @throws SignalbookError for a night without sleep.
 */
export function trimWake(hypnogram: Hypnogram, minutes = 30): Hypnogram {
  const { first, last } = sleepRange(hypnogram, minutes);
  return hypnogramPart(hypnogram, first, last + 1);
}

function sleepRange({ stages, epochSeconds, source }: Hypnogram, minutes: number): { first: number; last: number } {
  if (!(minutes >= 0))
    throw new SignalbookError("a margin out of range", { found: `${minutes} min`, expected: "0 or more" });
  const asleep = [...stages.keys()].filter((i) => isAsleep(stages[i]!));
  if (asleep.length === 0)
    throw new SignalbookError("a night without sleep", {
      file: source,
      found: `${stages.length} epochs, none N1, N2, N3 or REM`,
      expected: "one epoch asleep or more to trim around",
    });
  const margin = Math.floor((60 * minutes) / epochSeconds);
  return {
    first: Math.max(0, asleep[0]! - margin),
    last: Math.min(stages.length - 1, asleep.at(-1)! + margin),
  };
}

/**
 * Seconds from a recording's start to the first epoch of its hypnogram, by their clocks.
 * @throws SignalbookError when one of them has no start time.
 */
export function hypnogramOffset(recording: Pick<Recording, "start" | "source">, hypnogram: Hypnogram): number {
  if (recording.start === null || hypnogram.start === null)
    throw new SignalbookError("no start time to align by", {
      file: recording.start === null ? recording.source : hypnogram.source,
      fix: "give the offset in seconds from the recording's start to the first epoch",
    });
  return (hypnogram.start.getTime() - recording.start.getTime()) / 1000;
}
