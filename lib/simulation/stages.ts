/** Nights that never were: stage sequences with the transition statistics of scored ones. */
import { SignalbookError } from "../core/errors";
import type { Generator } from "../core/random";
import { type Hypnogram, RK_SLEEP_STAGES } from "../formats";
import { stageTransitions } from "../preprocessing/sleep-statistics";

/** A stage of Rechtschaffen and Kales' that an epoch can be in; simulated nights have no movement time. */
export type SimulatedStage = (typeof RK_SLEEP_STAGES)[number];

/** How stages follow each other, in each part of the night: rows from, columns to, in the order of RK_SLEEP_STAGES. */
export interface StageStatistics {
  parts: readonly (readonly (readonly number[])[])[];
  /** Epochs that were counted, and nights. */
  epochs: number;
  nights: number;
}

/** Deep sleep belongs to the first third of a night, REM to the last: one matrix for the whole night would lose that. */
const PARTS = 3;
/**
 * Transitions of the whole night that each part's counts are mixed with: a part that never saw a stage would otherwise
 * have no way out of it.
 */
const SHARED_TRANSITIONS = 10;

/**
 * Counts transitions of hypnograms scored by Rechtschaffen and Kales, trimmed to the night as they are to be drawn.
 * Epochs without a stage (movement, not scored) are bridged: the stages around them follow each other.
 * @throws SignalbookError for none, and for one scored by other rules.
 */
export function stageStatistics(hypnograms: readonly Hypnogram[]): StageStatistics {
  if (hypnograms.length === 0) throw new SignalbookError("no hypnogram to learn from", { expected: "one or more" });
  const order = RK_SLEEP_STAGES;
  const zero = (): number[][] => order.map(() => order.map(() => 0));
  const counts = Array.from({ length: PARTS }, zero);
  const whole = zero();
  let epochs = 0;
  for (const { rkStages, source } of hypnograms) {
    if (rkStages === undefined)
      throw new SignalbookError("a hypnogram that does not tell S3 from S4", {
        file: source,
        expected: "stages of Rechtschaffen and Kales",
      });
    const stages = rkStages.filter((stage): stage is SimulatedStage => stage !== "?" && stage !== "M");
    epochs += stages.length;
    for (let part = 0; part < PARTS; part++) {
      // The first transition of a part starts at the last epoch of the part before.
      const from = Math.max(0, Math.floor((part * stages.length) / PARTS) - 1);
      const to = Math.floor(((part + 1) * stages.length) / PARTS);
      const found = stageTransitions<SimulatedStage>(stages.slice(from, to), order).counts;
      add(counts[part]!, found);
      add(whole, found);
    }
  }
  const overall = whole.map(toShares);
  const parts = counts.map((matrix) =>
    matrix.map((row, i) => toShares(row.map((count, j) => count + SHARED_TRANSITIONS * overall[i]![j]!))),
  );
  return { parts, epochs, nights: hypnograms.length };
}

function add(total: number[][], more: readonly (readonly number[])[]): void {
  more.forEach((row, i) => {
    row.forEach((count, j) => {
      total[i]![j]! += count;
    });
  });
}

function toShares(row: readonly number[]): number[] {
  const total = row.reduce((sum, value) => sum + value, 0);
  return row.map((value) => (total === 0 ? 0 : value / total));
}

export interface NightOptions {
  epochs: number;
  /**
   * Years. Beyond those of the hypnograms (the sample's sleepers are 25 to 34) sleep becomes lighter: more wake and S1,
   * less S4, by the trends of Ohayon et al. 2004 (Sleep 27(7)): deep sleep falls by some 2 % of the night a decade, wake
   * after sleep onset grows by some 10 minutes a decade.
   */
  age?: number;
}

const YOUNG = 30;

/** A night's stages, one an epoch, from wake. */
export function drawNight(
  { parts }: StageStatistics,
  { epochs, age = YOUNG }: NightOptions,
  random: Generator,
): SimulatedStage[] {
  const decades = Math.max(0, age - YOUNG) / 10;
  const factors: Record<SimulatedStage, number> = {
    W: 1 + 0.2 * decades,
    S1: 1 + 0.15 * decades,
    S2: 1,
    S3: Math.exp(-0.12 * decades),
    S4: Math.exp(-0.3 * decades),
    REM: 1 - 0.03 * decades,
  };
  const weights = RK_SLEEP_STAGES.map((stage) => factors[stage]);
  let stage: number = RK_SLEEP_STAGES.indexOf("W");
  return Array.from({ length: epochs }, (_, epoch) => {
    if (epoch > 0) {
      const row = parts[Math.min(parts.length - 1, Math.floor((epoch * parts.length) / epochs))]![stage]!;
      const from = stage;
      // Age changes how often a stage is come into; how long it lasts is left alone: both would make deep sleep vanish.
      stage = draw(
        row.map((share, k) => (k === from ? share : share * weights[k]!)),
        random,
      );
    }
    return RK_SLEEP_STAGES[stage]!;
  });
}

/** Epochs of a whole night: a little more than six hours, as those of the MAIC challenge. */
const WHOLE_NIGHT = 731;

/** As many epochs in a row, from anywhere in a whole night: a short one would show hardly any deep sleep or REM. */
export function drawExcerpt(statistics: StageStatistics, options: NightOptions, random: Generator): SimulatedStage[] {
  const night = drawNight(statistics, { ...options, epochs: Math.max(options.epochs, WHOLE_NIGHT) }, random);
  const from = random.below(night.length - options.epochs + 1);
  return night.slice(from, from + options.epochs);
}

/** An index, each as likely as its weight says. */
export function draw(weights: readonly number[], random: Generator): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let rest = random.random() * total;
  for (let k = 0; k < weights.length; k++) {
    rest -= weights[k]!;
    if (rest < 0) return k;
  }
  // Rounding can leave a last crumb.
  return weights.reduce((last, weight, k) => (weight > 0 ? k : last), 0);
}
