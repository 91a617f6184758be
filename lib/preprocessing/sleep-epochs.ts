/** Epochs: the stretches of a night that a hypnogram scores. */
import { SignalbookError } from "../core/errors";
import type { Hypnogram, Recording, SleepStage } from "../formats";
import { cutWindow } from "./windows";

export interface SleepEpoch {
  /** Position in the hypnogram, from 0. */
  index: number;
  stage: SleepStage;
  /** The epoch's signals, views of the recording's samples. */
  recording: Recording;
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
  const first = offset ?? startOffset(recording, hypnogram);
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

function startOffset(recording: Recording, hypnogram: Hypnogram): number {
  if (recording.start === null || hypnogram.start === null)
    throw new SignalbookError("no start time to align by", {
      file: recording.start === null ? recording.source : hypnogram.source,
      fix: "give the offset in seconds from the recording's start to the first epoch",
    });
  return (hypnogram.start.getTime() - recording.start.getTime()) / 1000;
}
