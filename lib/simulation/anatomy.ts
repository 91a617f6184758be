/**
 * How adults differ although nothing is wrong with them: the heart's position and size, the chest between heart and
 * electrodes, where the electrodes were stuck. None of it is a finding, and most of what a ruler measures depends on it.
 */
import type { Generator } from "../core/random";
import { type Direction, drawHeart, type HeartShape, LEAD_DIRECTIONS } from "./heart";

/** Frontal axes that are nobody's finding, degrees. */
const NORMAL_AXIS = [-26, 90] as const;
/** R waves along their own direction that are neither low nor high voltage, mV. */
const NORMAL_VOLTAGE = [0.72, 1.75] as const;

/** A heart without findings: drawn again as long as its axis or voltage would be one. */
export function drawAdultHeart(random: Generator): HeartShape {
  return {
    ...drawHeart(random),
    axis: within(NORMAL_AXIS, () => 42 + 28 * random.normal()),
    voltage: within(NORMAL_VOLTAGE, () => 1.15 * Math.exp(0.3 * random.normal())),
    t: Math.max(0.55, Math.exp(0.3 * random.normal())),
    tTurn: 18 * random.normal(),
    st: 0.02 * random.normal(),
    p: Math.exp(0.3 * random.normal()),
  };
}

function within([low, high]: readonly [low: number, high: number], draw: () => number): number {
  for (;;) {
    const value = draw();
    if (value >= low && value <= high) return value;
  }
}

/**
 * What one person's leads see. Limb leads keep their directions, by which the axis is defined. The heart lies turned about
 * the body's length, clockwise or counter-clockwise, which shifts the transition from V1 to V6; chest electrodes lie a
 * little off their places, and more or less tissue lies between.
 */
export function drawLeads(leads: readonly string[], random: Generator): Direction[] {
  const turn = (12 * random.normal() * Math.PI) / 180;
  const chest = Math.exp(0.15 * random.normal());
  return leads.map((lead) => {
    const [left, foot, front] = LEAD_DIRECTIONS[lead]!;
    if (!lead.startsWith("V")) return [left, foot, front];
    const off = turn + (5 * random.normal() * Math.PI) / 180;
    const gain = chest * Math.exp(0.1 * random.normal());
    const [cos, sin] = [Math.cos(off), Math.sin(off)];
    return [
      gain * (cos * left - sin * front),
      gain * (foot + 0.08 * random.normal()),
      gain * (sin * left + cos * front),
    ];
  });
}
