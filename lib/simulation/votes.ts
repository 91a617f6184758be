/** What raters say: some see it, some see something like it, the more so the less it stands out. */
import type { Generator } from "../core/random";
import { HMS_CLASSES, type HmsClass } from "../formats";
import { draw } from "./stages";

/** What a pattern is taken for when it is not recognised, in the order of HMS_CLASSES. */
const MISTAKEN: Readonly<Record<HmsClass, readonly number[]>> = {
  //         seizure lpd   gpd   lrda  grda  other
  seizure: [0.0, 0.25, 0.2, 0.1, 0.15, 0.3],
  lpd: [0.15, 0.0, 0.2, 0.25, 0.05, 0.35],
  gpd: [0.15, 0.25, 0.0, 0.05, 0.25, 0.3],
  lrda: [0.05, 0.25, 0.05, 0.0, 0.25, 0.4],
  grda: [0.05, 0.05, 0.15, 0.2, 0.0, 0.55],
  other: [0.1, 0.15, 0.15, 0.25, 0.35, 0.0],
};

/** Share of raters that each class gets, when very many were asked. */
export function opinion(pattern: HmsClass, strength: number): number[] {
  const agreed = 0.35 + 0.6 * Math.min(1, strength);
  return HMS_CLASSES.map((name, k) => (name === pattern ? agreed : 0) + (1 - agreed) * MISTAKEN[pattern][k]!);
}

/** Votes of `raters` people, one count a class. */
export function castVotes(shares: readonly number[], raters: number, random: Generator): number[] {
  const votes = shares.map(() => 0);
  for (let i = 0; i < raters; i++) votes[draw(shares, random)]!++;
  return votes;
}

/**
 * A third of the EEGs were seen by three people or fewer, the others by ten to twenty: of these enough are left to learn
 * from, in sets far smaller than the competition's.
 */
export function drawRaters(random: Generator): number {
  return random.random() < 1 / 3 ? 1 + random.below(3) : 10 + random.below(11);
}
