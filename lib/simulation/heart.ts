/**
 * A beating heart as a turning dipole: each wave of a beat is a Gaussian in time along a direction in space, and a lead
 * sees the part of it that points its way (after McSharry et al. 2003, IEEE TBME 50(3), with a vector for each wave
 * instead of one trajectory).
 */
import type { Generator } from "../core/random";

/** Left, foot, front: towards the body's left side, its feet, its chest. */
export type Direction = readonly [left: number, foot: number, front: number];

/** A wave of a beat. Times in seconds from the R wave, amplitude in mV. */
export interface Wave {
  centre: number;
  width: number;
  amplitude: number;
  direction: Direction;
  /** Width after the peak, where the wave is not symmetric. */
  fall?: number;
}

/** When a beat comes, and its waves. */
export interface Beat {
  /** Seconds, of its R wave. */
  time: number;
  waves: readonly Wave[];
}

/**
 * Directions of the eight independent leads: I and II in the frontal plane at 0 and 60 degrees, V1 to V6 around the chest
 * (angles from the left, in the horizontal plane; Malmivuo and Plonsey 1995, chapter 15).
 */
export const LEAD_DIRECTIONS: Readonly<Record<string, Direction>> = {
  I: [1, 0, 0],
  II: [Math.cos(Math.PI / 3), Math.sin(Math.PI / 3), 0],
  ...Object.fromEntries(
    [115, 94, 58, 43, 22, 0].map((degrees, i): [string, Direction] => {
      const angle = (degrees * Math.PI) / 180;
      return [`V${i + 1}`, [1.15 * Math.cos(angle), i < 2 ? -0.05 : 0.15, 1.15 * Math.sin(angle)]];
    }),
  ),
};

/** A direction of length 1 from its frontal angle (the axis, 0 is left, 90 is down) and its tilt to the front, degrees. */
export function towards(axis: number, front: number): Direction {
  const [a, f] = [(axis * Math.PI) / 180, (front * Math.PI) / 180];
  return [Math.cos(a) * Math.cos(f), Math.sin(a) * Math.cos(f), Math.sin(f)];
}

/** Potentials in mV, one array a lead. Waves beyond both ends are cut. */
export function renderBeats(
  beats: readonly Beat[],
  leads: readonly Direction[],
  { length, sampleRate }: { length: number; sampleRate: number },
): Float64Array[] {
  const signals = leads.map(() => new Float64Array(length));
  for (const { time, waves } of beats)
    for (const { centre, width, amplitude, direction, fall = width } of waves) {
      const peak = time + centre;
      const first = Math.max(0, Math.ceil((peak - 4 * width) * sampleRate));
      const last = Math.min(length, Math.floor((peak + 4 * fall) * sampleRate));
      const gains = leads.map(
        (lead) => amplitude * (lead[0] * direction[0] + lead[1] * direction[1] + lead[2] * direction[2]),
      );
      for (let i = first; i < last; i++) {
        const away = i / sampleRate - peak;
        const value = Math.exp(-0.5 * (away / (away < 0 ? width : fall)) ** 2);
        for (let k = 0; k < gains.length; k++) signals[k]![i]! += gains[k]! * value;
      }
    }
  return signals;
}

/** What one heart's beats look like. */
export interface HeartShape {
  /** Electrical axis of the QRS complex in the frontal plane, degrees: -30 to 90 is normal. */
  axis: number;
  /** Of the R wave, mV along its own direction. */
  voltage: number;
  /** Seconds from the P wave's beginning to that of the QRS complex. */
  pr: number;
  /** Seconds of the QRS complex. */
  qrs: number;
  /** Seconds from the QRS complex to the end of the T wave, at 60 beats a minute. */
  qt: number;
  /** T wave's amplitude against its normal one: negative is inverted. */
  t: number;
  /** Degrees that the T wave's axis lies from that of the QRS complex. */
  tTurn: number;
  /** Shift of the ST segment in mV, along the R wave. */
  st: number;
  p: number;
  bundle: "none" | "right" | "rightIncomplete" | "left" | "leftAnterior";
  /** How much of the R waves of V1 to V3 is lost (poor progression), 0 to 1. */
  anteriorLoss: number;
  /** Small Q waves below: mV against the R wave. */
  inferiorQ: number;
}

export function drawHeart(random: Generator): HeartShape {
  return {
    axis: 42 + 17 * random.normal(),
    voltage: 1.15 * Math.exp(0.18 * random.normal()),
    pr: 0.155 + 0.014 * random.normal(),
    qrs: 0.086 + 0.006 * random.normal(),
    qt: 0.39 + 0.014 * random.normal(),
    t: Math.exp(0.25 * random.normal()),
    tTurn: 10 * random.normal(),
    st: 0.015 * random.normal(),
    p: Math.exp(0.2 * random.normal()),
    bundle: "none",
    anteriorLoss: Math.max(0, 0.1 * random.normal()),
    inferiorQ: Math.max(0, 0.03 * random.normal()),
  };
}

/** The waves of a normally conducted beat; `interval` is the time since the beat before, in seconds. */
export function beatWaves(heart: HeartShape, interval: number, options: { p?: boolean } = {}): Wave[] {
  const { axis, voltage: v, pr, qrs, qt, t, tTurn, st, p, bundle, anteriorLoss, inferiorQ } = heart;
  const width = qrs / 7.2;
  const waves: Wave[] = [];
  const add = (centre: number, sd: number, amplitude: number, direction: Direction, fall?: number): void => {
    waves.push({ centre, width: sd, amplitude, direction, ...(fall !== undefined && { fall }) });
  };
  if (options.p ?? true) add(-pr + 0.045, 0.021, 0.13 * p, towards(55, 10));
  // The septum first, to the right and front; then the left ventricle, to the left and back; the base last.
  add(-0.42 * qrs, 0.8 * width, 0.2 * v, towards(160, 45));
  add(-0.28 * qrs, 0.8 * width, -inferiorQ * v, towards(90, 0));
  add(0, width, v, towards(axis, -12));
  add(-0.1 * qrs, width, 0.25 * v * (1 - anteriorLoss), towards(axis, 60));
  add(0.3 * qrs, width, 0.62 * v, towards(axis + 20, -68));
  add(0.46 * qrs, 0.8 * width, 0.22 * v, towards(-120, -25));
  if (bundle === "right" || bundle === "rightIncomplete") {
    // The right ventricle is late: a second R in V1, a broad S at the left.
    const late = bundle === "right" ? 1 : 0.55;
    add(0.5 * qrs + 0.012, 1.5 * width * late, 0.55 * late * v, towards(170, 55));
  } else if (bundle === "left") {
    add(0.28 * qrs, 1.7 * width, 0.75 * v, towards(axis - 25, -35));
    add(-0.42 * qrs, 0.8 * width, -0.2 * v, towards(160, 45));
  } else if (bundle === "leftAnterior") add(0.35 * qrs, width, 0.75 * v, towards(-65, -10));
  const rate = Math.sqrt(Math.min(1.4, Math.max(0.4, interval)));
  const peak = qt * rate - 0.115;
  const broad = bundle === "left" || bundle === "right";
  add(peak, 0.055 * rate, (broad ? -0.1 : 0.3) * t * v ** 0.5, towards(axis + tTurn, broad ? -30 : 22), 0.036 * rate);
  if (Math.abs(st) > 0) add(0.5 * qrs + 0.06, 0.045, st, towards(axis, 15));
  return waves;
}

/** A beat that starts in a ventricle: early, broad, without a P wave, its T wave against it. */
export function ventricularWaves(heart: HeartShape, fromLeft: boolean): Wave[] {
  const direction = fromLeft ? towards(130, 50) : towards(-20, -45);
  const v = 1.4 * heart.voltage;
  return [
    { centre: -0.02, width: 0.026, amplitude: 0.9 * v, direction },
    { centre: 0.045, width: 0.03, amplitude: 0.5 * v, direction: towards(fromLeft ? 160 : -50, fromLeft ? 30 : -20) },
    { centre: 0.27, width: 0.06, amplitude: -0.45 * v, direction, fall: 0.045 },
  ];
}
