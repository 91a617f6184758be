/** Epochs in a row: the context that sequence models read. */
import { SignalbookError } from "../core/errors";

/** Which epoch of which recording. */
export interface EpochKey {
  recording: string;
  /** Position in its recording. */
  index: number;
}

/**
 * All stretches of `length` epochs that follow each other without a gap within one recording, as positions in `epochs`.
 * None crosses from one recording into the next, and none bridges epochs that were left out.
 * @param hop epochs from the start of one sequence to the start of the next, within a stretch without a gap; `length`
 * for sequences that share none.
 * @throws SignalbookError for lengths that are no positive integers and for an epoch that is there twice.
 */
export function epochSequences(epochs: readonly EpochKey[], length: number, hop = 1): number[][] {
  for (const [what, value] of Object.entries({ length, hop }))
    if (!Number.isInteger(value) || value < 1)
      throw new SignalbookError(`a ${what} out of range`, { found: String(value), expected: "an integer, 1 or more" });
  checkDistinct(epochs);
  const sequences: number[][] = [];
  let begin = 0;
  for (let end = 1; end <= epochs.length; end++) {
    if (end < epochs.length && follows(epochs[end]!, epochs[end - 1]!)) continue;
    for (let first = begin; first + length <= end; first += hop)
      sequences.push(Array.from({ length }, (_, i) => first + i));
    begin = end;
  }
  return sequences;
}

function follows(epoch: EpochKey, previous: EpochKey): boolean {
  return epoch.recording === previous.recording && epoch.index === previous.index + 1;
}

function checkDistinct(epochs: readonly EpochKey[]): void {
  const seen = new Map<string, Set<number>>();
  for (const { recording, index } of epochs) {
    const indices = seen.get(recording) ?? new Set();
    if (indices.has(index))
      throw new SignalbookError("an epoch that is there twice", {
        place: `recording ${recording}`,
        found: `epoch ${index}`,
        expected: "every epoch once",
      });
    seen.set(recording, indices.add(index));
  }
}
