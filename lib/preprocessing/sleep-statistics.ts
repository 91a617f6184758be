/** Statistics of a night by the AASM manual's definitions, as YASA computes them (Vallat and Walker 2021). */
import { type Hypnogram, SLEEP_STAGES, type SleepStage } from "../formats";

export type SleepStageName = (typeof SLEEP_STAGES)[number];
type Asleep = Exclude<SleepStageName, "W">;

/** Times in minutes, shares in percent; null where there is nothing to measure. */
export interface SleepStatistics {
  /** TIB: the whole hypnogram. */
  timeInBed: number;
  /** SPT: from the first epoch asleep to the last. */
  sleepPeriod: number;
  /** TST: N1, N2, N3 and REM. */
  totalSleep: number;
  /** WASO: awake within the sleep period. */
  wakeAfterOnset: number;
  /** SOL: from the start to the first epoch asleep. */
  onsetLatency: number | null;
  /** From the start to the first epoch of a stage. */
  latency: Record<Asleep, number | null>;
  /** Time in each stage. */
  duration: Record<SleepStageName, number>;
  /** Of the total sleep time. */
  share: Record<Asleep, number | null>;
  /** SE: total sleep over time in bed. */
  efficiency: number;
  /** SME: total sleep over sleep period. */
  maintenance: number | null;
  /** Scored as movement, and not scored: in bed, but neither awake nor asleep. */
  movement: number;
  unscored: number;
}

const ASLEEP: readonly Asleep[] = ["N1", "N2", "N3", "REM"];

/** Whether a stage is sleep: N1, N2, N3 and REM. */
export function isAsleep(stage: SleepStage): boolean {
  return (ASLEEP as readonly SleepStage[]).includes(stage);
}

export function sleepStatistics({ stages, epochSeconds }: Pick<Hypnogram, "stages" | "epochSeconds">): SleepStatistics {
  const minutes = (epochs: number): number => (epochs * epochSeconds) / 60;
  const count = (wanted: SleepStage, among: readonly SleepStage[] = stages): number =>
    among.filter((stage) => stage === wanted).length;
  const firstAsleep = stages.findIndex(isAsleep);
  const lastAsleep = stages.reduce((last, stage, i) => (isAsleep(stage) ? i : last), -1);
  const period = firstAsleep < 0 ? [] : stages.slice(firstAsleep, lastAsleep + 1);
  const asleep = ASLEEP.reduce((sum, stage) => sum + count(stage), 0);
  const since = (index: number): number | null => (index < 0 ? null : minutes(index));
  const percent = (part: number, whole: number): number | null => (whole === 0 ? null : (100 * part) / whole);
  const each = <K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> =>
    Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
  return {
    timeInBed: minutes(stages.length),
    sleepPeriod: minutes(period.length),
    totalSleep: minutes(asleep),
    wakeAfterOnset: minutes(count("W", period)),
    onsetLatency: since(firstAsleep),
    latency: each(ASLEEP, (stage) => since(stages.indexOf(stage))),
    duration: each(SLEEP_STAGES, (stage) => minutes(count(stage))),
    share: each(ASLEEP, (stage) => percent(count(stage), asleep)),
    efficiency: percent(asleep, stages.length) ?? 0,
    maintenance: percent(asleep, period.length),
    movement: minutes(count("M")),
    unscored: minutes(count("?")),
  };
}

/**
 * How often one stage follows another.
 * @returns counts [from][to], and each row as probabilities (zeros for a stage that nothing follows).
 */
export function stageTransitions<Stage>(
  stages: readonly Stage[],
  order: readonly Stage[],
): { counts: number[][]; probabilities: number[][] } {
  const counts = order.map((from) =>
    order.map((to) => stages.filter((stage, i) => stage === to && i > 0 && stages[i - 1] === from).length),
  );
  const probabilities = counts.map((row) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value) => (total === 0 ? 0 : value / total));
  });
  return { counts, probabilities };
}
