/** Stretches of time with a stage, laid on a grid of epochs. */
import { SignalbookError } from "../core/errors";
import { type ScoredStage, stageLists } from "./hypnogram-stages";
import type { Hypnogram } from "./types";

/** A stage scored over a time. Seconds; null for a duration that is not given. */
export interface ScoredStretch {
  onset: number;
  duration: number | null;
  stage: ScoredStage;
  /** Where it stands in the file, for messages. */
  place: string;
}

/** Longer than any recording: a duration that says so is a damaged number, not a night. */
const MOST_EPOCHS = 1_000_000;
/** An epoch that ends within this many seconds of the grid is on the grid. */
const GRID_TOLERANCE = 1e-3;

/**
 * A hypnogram that begins with the first stretch. Time between two stretches, that no one scored, becomes "?".
 * @param stretches in any order; one at least.
 * @param start of the clock that onsets count from.
 * @throws SignalbookError for stretches without a duration, that overlap, or are not whole epochs, and for a hypnogram
 * longer than any recording.
 */
export function hypnogramFromStretches(
  stretches: readonly ScoredStretch[],
  { source, start, epochSeconds }: { source: string; start: Date | null; epochSeconds: number },
): Hypnogram {
  checkEpochSeconds(epochSeconds, source);
  const inOrder = [...stretches].sort((a, b) => a.onset - b.onset);
  const first = inOrder[0]!.onset;
  const scored: ScoredStage[] = [];
  for (const { onset, duration, stage, place } of inOrder) {
    const wrong = (what: string, found: string, expected: string, fix?: string): SignalbookError =>
      new SignalbookError(what, { file: source, place, found, expected, ...(fix === undefined ? {} : { fix }) });
    const begin = wholeEpochs(onset - first, epochSeconds);
    const count = duration === null ? null : wholeEpochs(duration, epochSeconds);
    if (begin === null || count === null || count < 0)
      throw wrong(
        "a stage that is not whole epochs",
        `a duration of ${duration ?? "no"} s, ${onset - first} s after the first stage`,
        `multiples of ${epochSeconds} s`,
        "give the length of an epoch that was scored",
      );
    if (begin < scored.length)
      throw wrong("stages that overlap", `${onset} s`, `${first + scored.length * epochSeconds} s or later`);
    if (begin + count > MOST_EPOCHS)
      throw wrong("a hypnogram longer than any recording", `${begin + count} epochs`, `${MOST_EPOCHS} at most`);
    while (scored.length < begin) scored.push("?");
    for (let i = 0; i < count; i++) scored.push(stage);
  }
  return {
    source,
    start: start === null ? null : new Date(start.getTime() + Math.round(1000 * first)),
    epochSeconds,
    ...stageLists(scored),
  };
}

/** @throws SignalbookError unless the length of an epoch is a positive number of seconds. */
export function checkEpochSeconds(epochSeconds: number, source: string): void {
  if (epochSeconds > 0 && Number.isFinite(epochSeconds)) return;
  throw new SignalbookError("an epoch's length out of range", {
    file: source,
    found: `${epochSeconds} s`,
    expected: "more than 0 s",
  });
}

/** How many epochs a time is; null when it is not a whole number of them. */
function wholeEpochs(seconds: number, epochSeconds: number): number | null {
  const epochs = Math.round(seconds / epochSeconds);
  return Math.abs(seconds - epochs * epochSeconds) <= GRID_TOLERANCE ? epochs : null;
}

/** Neighbouring epochs of one stage, in order. */
export function stageRuns<Stage>(stages: readonly Stage[]): { stage: Stage; first: number; count: number }[] {
  const runs: { stage: Stage; first: number; count: number }[] = [];
  stages.forEach((stage, i) => {
    const last = runs[runs.length - 1];
    if (last?.stage === stage) last.count++;
    else runs.push({ stage, first: i, count: 1 });
  });
  return runs;
}
