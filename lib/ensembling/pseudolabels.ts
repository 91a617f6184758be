/**
 * Pseudolabels in two stages, as system 002 made them (github.com/mkotyushev/hms, commit 45f42d2): models trained on the
 * examples that many raters agree to be about ("high") predict the others ("low"); their mean replaces the votes of those
 * as soft targets, recordings that are mostly "other" are dropped, and the second stage trains on both.
 */
import { SignalbookError } from "../core/errors";
import type { HmsRow } from "../formats";
import type { Dataset } from "../training/dataset";
import { type Probabilities, probabilities } from "../training/probabilities";

/** What one model says; NaN where it says nothing. Members need not know the same ids. */
export interface PartialPredictions {
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  /** [examples, classes], row-major. */
  readonly values: Float64Array | Float32Array;
}

/**
 * The mean over the members that say something, value by value. Ids in the order in which they first occur.
 * @throws SignalbookError for other classes, an id twice in one member, and a value that no member gives
 */
export function meanOfPresent(members: readonly PartialPredictions[]): Probabilities {
  const first = members[0];
  if (first === undefined) throw new SignalbookError("a blend of no models");
  const { classes } = first;
  const ids = [...new Set(members.flatMap((member) => member.ids))];
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const sums = new Float64Array(ids.length * classes.length);
  const counts = new Uint32Array(sums.length);
  members.forEach((member, m) => {
    if (member.classes.join("\n") !== classes.join("\n"))
      throw new SignalbookError("models that were not asked about the same classes", {
        place: `model ${m}`,
        found: member.classes.join(", "),
        expected: classes.join(", "),
      });
    if (new Set(member.ids).size !== member.ids.length)
      throw new SignalbookError("an id that occurs twice", { place: `model ${m}` });
    member.ids.forEach((id, i) => {
      for (let k = 0; k < classes.length; k++) {
        const value = member.values[i * classes.length + k]!;
        if (Number.isNaN(value)) continue;
        const at = rowOf.get(id)! * classes.length + k;
        sums[at]! += value;
        counts[at]!++;
      }
    });
  });
  const missing = counts.indexOf(0);
  if (missing >= 0)
    throw new SignalbookError("a value that no model gives", {
      place: `example ${ids[Math.floor(missing / classes.length)]}, class ${classes[missing % classes.length]}`,
      fix: "leave the example out, or ask another model about it",
    });
  return probabilities(
    ids,
    classes,
    sums.map((sum, i) => Math.min(sum / counts[i]!, 1)), // rounding can lift a mean of ones above 1
  );
}

/** Votes above which system 002 took a row's raters for many. */
export const HMS_HIGH_VOTES = 7;

/**
 * Rows whose votes number more than `above`, and all others.
 * @throws SignalbookError for a row without votes, or with none for any class: it says nothing to learn
 */
export function splitByVotes(
  rows: readonly HmsRow[],
  above: number = HMS_HIGH_VOTES,
): { high: HmsRow[]; low: HmsRow[] } {
  const parts: { high: HmsRow[]; low: HmsRow[] } = { high: [], low: [] };
  for (const row of rows) {
    if (row.votes === null)
      throw new SignalbookError("a row without votes", { place: `line ${row.line}`, fix: "give the training table" });
    const total = row.votes.reduce((sum, votes) => sum + votes, 0);
    if (!(total > 0))
      throw new SignalbookError("a row whose votes sum to 0", {
        place: `line ${row.line}`,
        found: row.votes.join(", "),
        fix: "leave the row out, or correct it",
      });
    (total > above ? parts.high : parts.low).push(row);
  }
  return parts;
}

/** Share of "other" from which system 002 dropped a recording. */
export const HMS_DROP_LEVEL = 0.8;

/**
 * The labels of those recordings none of whose windows has `level` or more in a class: system 002 dropped every eeg_id
 * with a window of mean other_vote 0.8 or more.
 * @param recordingOf the recording (eeg_id) of each window's id
 */
export function dropRecordings(
  labels: Probabilities,
  { recordingOf, className, level }: { recordingOf: (id: string) => string; className: string; level: number },
): { kept: Probabilities; dropped: string[] } {
  const { ids, classes, values } = labels;
  const k = classes.indexOf(className);
  if (k < 0) throw new SignalbookError("an unknown class", { found: className, expected: classes.join(", ") });
  const recordings = ids.map(recordingOf);
  const dropped = new Set(recordings.filter((_, row) => values[row * classes.length + k]! >= level));
  const rows = ids.flatMap((_, row) => (dropped.has(recordings[row]!) ? [] : [row]));
  const kept = probabilities(
    rows.map((row) => ids[row]!),
    classes,
    Float64Array.from(rows.flatMap((row) => [...values.subarray(row * classes.length, (row + 1) * classes.length)])),
  );
  return { kept, dropped: [...dropped] };
}

/**
 * The second stage's data: all of `high` with its own targets, then those of `low` that have a pseudolabel, with it as
 * their target.
 * @throws SignalbookError where the two differ in shape or classes or share an id, or a pseudolabel is of an example that
 * is not in `low`
 */
export function secondStage(high: Dataset, low: Dataset, labels: Probabilities): Dataset {
  const kind = ({ inputShape, classes, extraLengths }: Dataset): string =>
    JSON.stringify([inputShape, classes, extraLengths]);
  if (kind(high) !== kind(low) || labels.classes.join("\n") !== low.classes.join("\n"))
    throw new SignalbookError("data sets that differ in kind", {
      place: low.name,
      found: kind(low),
      expected: kind(high),
    });
  const indexOf = new Map(low.ids.map((id, i) => [id, i]));
  const known = new Set(high.ids);
  const chosen = labels.ids.map((id) => {
    const index = indexOf.get(id);
    if (index === undefined || known.has(id))
      throw new SignalbookError(
        index === undefined ? "a pseudolabel of an example that is not there" : "an example in both data sets",
        { place: low.name, found: id },
      );
    return index;
  });
  const width = low.classes.length;
  return {
    ...high,
    name: `${high.name} and ${low.name}, pseudolabelled`,
    length: high.length + chosen.length,
    ids: [...high.ids, ...labels.ids],
    groups: [...high.groups, ...chosen.map((i) => low.groups[i]!)],
    example(index) {
      const row = index - high.length;
      if (!(row >= 0 && row < chosen.length)) return high.example(row >= 0 ? Number.NaN : index); // NaN: throws
      const target = Float32Array.from(labels.values.subarray(row * width, (row + 1) * width));
      return { ...low.example(chosen[row]!), target };
    },
  };
}
