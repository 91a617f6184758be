/**
 * Averages of one network trained several times: with other seeds, or on other folds. Two trainings that came out equal
 * are one training counted twice: system 002 averaged two seeds that its trainer had both replaced by 0.
 */
import { SignalbookError } from "../core/errors";
import type { Logits, Probabilities } from "../training/probabilities";
import { weightedMean } from "./blend";
import { averageLogits } from "./logits";
import { requireSameQuestion, type ScoreTable } from "./members";

export interface Replica<T extends Probabilities | Logits> {
  /** "seed 3", "fold 2". */
  name: string;
  scores: T;
}

export interface ReplicaMean<T> {
  scores: T;
  /** Names of those averaged. */
  used: string[];
  /** Those left out, each with the one that says the same. */
  dropped: { name: string; equals: string }[];
}

/** Replicas whose every value equals that of one before them. */
export function equalReplicas(
  replicas: readonly { name: string; scores: ScoreTable }[],
): { name: string; equals: string }[] {
  return replicas.flatMap(({ name, scores }, i) => {
    const twin = replicas
      .slice(0, i)
      .find(({ scores: other }) => other.values.every((value, j) => value === scores.values[j]));
    return twin === undefined ? [] : [{ name, equals: twin.name }];
  });
}

/**
 * The plain mean of replicas: of probabilities, or of logits.
 * @param equal what to do about replicas that say the same: throw (the default), leave out all but the first, or count
 *   each as was published
 */
export function averageReplicas<T extends Probabilities | Logits>(
  replicas: readonly Replica<T>[],
  { equal = "throw" }: { equal?: "throw" | "drop" | "count" } = {},
): ReplicaMean<T> {
  const first = replicas[0];
  if (first === undefined) throw new SignalbookError("a blend of no models");
  requireSameQuestion<ScoreTable>(
    replicas.map(({ scores }) => scores),
    first.scores.kind,
  );
  const twins = equalReplicas(replicas);
  if (twins.length > 0 && equal === "throw")
    throw new SignalbookError("replicas that say the same: one training counted twice", {
      found: twins.map(({ name, equals }) => `${name} equals ${equals}`).join(", "),
      expected: "trainings that differ",
      fix: "check their seeds; or leave the copies out",
    });
  const dropped = equal === "drop" ? twins : [];
  const used = replicas.filter(({ name }) => !dropped.some((twin) => twin.name === name));
  const scores = used.map((replica) => replica.scores);
  const mean =
    first.scores.kind === "logits" ? averageLogits(scores as Logits[]) : weightedMean(scores as Probabilities[]);
  return { scores: mean as T, used: used.map(({ name }) => name), dropped };
}
