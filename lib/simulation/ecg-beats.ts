/** The beats of a recording, one after the other: when each comes, where it starts and what it looks like. */
import type { Generator } from "../core/random";
import type { Patient, Rhythm } from "./findings";
import { type Beat, beatWaves, type Direction, type HeartShape, ventricularWaves, type Wave } from "./heart";

/** Where in a ventricle an early beat starts. */
interface Focus {
  direction: Direction;
  late: Direction;
  voltage: number;
}

/** Beats from before the recording's beginning to behind its end; an early beat that is named is within. */
export function drawBeats({ heart, rhythm }: Patient, seconds: number, random: Generator): Beat[] {
  const mean = 60 / rhythm.rate;
  const breathPhase = random.uniform(0, 2 * Math.PI);
  const breathRate = random.uniform(0.2, 0.3);
  const swing = random.uniform(0.02, 0.12);
  const focus = drawFocus(heart, random);
  // Seconds after which the first early beat comes at the latest: a finding that does not show is none.
  const due = { ventricle: random.uniform(0.5, seconds - 2.5), atrium: random.uniform(0.5, seconds - 2.5) };
  const share = { ventricle: rhythm.earlyVentricular, atrium: rhythm.earlyAtrial };
  const result: Beat[] = [];
  let pause = 1;
  for (let time = -random.uniform(0, mean); time < seconds + 1; ) {
    const breath = Math.sin(2 * Math.PI * breathRate * time + breathPhase);
    const usual = mean * (1 + rhythm.breathing * breath + rhythm.unevenness * random.normal());
    const isDue = (from: Site): boolean => share[from] > 0 && time > due[from];
    const chance = random.random();
    // Never two early beats in a row: the pause behind the first one is part of it.
    let early: Site | null = null;
    if (pause === 1) {
      if (isDue("ventricle") || chance < share.ventricle) early = "ventricle";
      else if (isDue("atrium") || chance < share.ventricle + share.atrium) early = "atrium";
    }
    if (early !== null && time > 0) due[early] = Number.POSITIVE_INFINITY;
    const part =
      early === "ventricle" ? random.uniform(0.48, 0.72) : early === "atrium" ? random.uniform(0.55, 0.78) : pause;
    const interval = Math.max(0.28, usual * part);
    time += interval;
    // A ventricle's early beat is followed by a full pause, or, where the heart is slow, by none: it lies between two
    // beats that come when they would. An atrium's is followed by a pause a little longer than usual.
    const between = early === "ventricle" && rhythm.rate < 75 && random.random() < 0.2;
    pause = early === "ventricle" ? (between ? 1 : 2) - part : early === "atrium" ? random.uniform(1.02, 1.2) : 1;
    const moved = { ...heart, voltage: heart.voltage * (1 + swing * breath) };
    result.push({ time, waves: wavesOf(moved, rhythm, { early, interval, focus }) });
  }
  return result;
}

type Site = "atrium" | "ventricle";

/** Anywhere: right or left ventricle, its top or its tip. */
function drawFocus(heart: HeartShape, random: Generator): Focus {
  const draw = (): [number, number, number] => [random.normal(), random.normal(), random.normal()];
  const first = unit(draw());
  const turned = draw();
  return {
    direction: first,
    late: unit([first[0] + 0.5 * turned[0], first[1] + 0.5 * turned[1], first[2] + 0.5 * turned[2]]),
    voltage: heart.voltage * random.uniform(0.55, 1.5),
  };
}

function unit([left, foot, front]: Direction): Direction {
  const length = Math.hypot(left, foot, front);
  return [left / length, foot / length, front / length];
}

/** Broad, without a P wave, its T wave against it. */
function ectopicWaves({ direction, late, voltage }: Focus): Wave[] {
  return [
    { centre: -0.02, width: 0.026, amplitude: 0.9 * voltage, direction },
    { centre: 0.045, width: 0.03, amplitude: 0.5 * voltage, direction: late },
    { centre: 0.27, width: 0.06, amplitude: -0.45 * voltage, direction, fall: 0.045 },
  ];
}

function wavesOf(
  heart: HeartShape,
  rhythm: Rhythm,
  { early, interval, focus }: { early: Site | null; interval: number; focus: Focus },
): Wave[] {
  if (early === "ventricle") return ectopicWaves(focus);
  if (rhythm.paced) {
    const spike: Wave = { centre: -0.055, width: 0.0012, amplitude: 1.6, direction: [0.4, 0.8, -0.3] };
    return [spike, ...ventricularWaves({ ...heart, voltage: 0.8 * heart.voltage }, false)];
  }
  // An atrium's early P wave comes from elsewhere, sooner before the QRS complex.
  const shown = early === "atrium" ? { ...heart, pr: 0.85 * heart.pr, p: -0.7 * heart.p } : heart;
  return beatWaves(shown, interval, { p: !rhythm.fibrillation });
}
