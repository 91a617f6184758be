/** What can be wrong with a simulated heart: how often, and what it changes. Names are the Hefei competition's. */
import type { Generator } from "../core/random";
import type { HeartShape } from "./heart";

/** How the beats follow each other. */
export interface Rhythm {
  /** Beats a minute. */
  rate: number;
  /** Standard deviation of an interval against its mean, from beat to beat. */
  unevenness: number;
  /** The same, with breathing. */
  breathing: number;
  fibrillation: boolean;
  /** Shares of the beats that come early, from an atrium or a ventricle. */
  earlyAtrial: number;
  earlyVentricular: number;
  paced: boolean;
}

export interface Patient {
  age: number | null;
  sex: "female" | "male" | null;
  heart: HeartShape;
  rhythm: Rhythm;
  labels: string[];
}

interface Finding {
  labels: readonly string[];
  /** Of adults of 20 and of 80; between them on a straight line. */
  share: readonly [young: number, old: number];
  apply(heart: HeartShape, rhythm: Rhythm, random: Generator): void;
}

const finding = (labels: string, share: Finding["share"], apply: Finding["apply"]): Finding => ({
  labels: labels.split(" "),
  share,
  apply,
});

/** A finding of the heart's shape: what it sets. */
const shaped = (
  labels: string,
  share: Finding["share"],
  change: (heart: HeartShape, random: Generator) => Partial<HeartShape>,
): Finding => finding(labels, share, (heart, _rhythm, random) => void Object.assign(heart, change(heart, random)));

/** Findings of conduction: one at most, as one bundle's block hides another's. */
const CONDUCTION: readonly Finding[] = [
  shaped("右束支传导阻滞 完全性右束支传导阻滞", [0.02, 0.1], (_, random) => ({
    bundle: "right",
    qrs: random.uniform(0.122, 0.155),
  })),
  shaped("不完全性右束支传导阻滞", [0.03, 0.02], (_, random) => ({
    bundle: "rightIncomplete",
    qrs: random.uniform(0.1, 0.118),
  })),
  shaped("左束支传导阻滞 完全性左束支传导阻滞", [0.005, 0.06], (_, random) => ({
    bundle: "left",
    qrs: random.uniform(0.125, 0.165),
    axis: 20 + 25 * random.normal(),
  })),
  shaped("左前分支传导阻滞 电轴左偏", [0.01, 0.07], (_, random) => ({
    bundle: "leftAnterior",
    axis: random.uniform(-70, -45),
  })),
];

/**
 * Everything that can come together. Disturbed rhythms come more often than among the competition's records, so that some
 * hundreds teach them; lost R waves and inferior Q waves are rare, as there.
 */
const FURTHER: readonly Finding[] = [
  shaped("一度房室传导阻滞", [0.01, 0.08], (_, random) => ({ pr: random.uniform(0.212, 0.3) })),
  shaped("短PR间期", [0.05, 0.01], (_, random) => ({ pr: random.uniform(0.095, 0.113) })),
  shaped("电轴右偏", [0.08, 0.02], (_, random) => ({ axis: random.uniform(98, 140) })),
  shaped("电轴左偏", [0.02, 0.1], (_, random) => ({ axis: random.uniform(-60, -32) })),
  shaped("左心室高电压", [0.14, 0.12], (_, random) => ({ voltage: random.uniform(1.95, 2.9) })),
  shaped("QRS低电压", [0.03, 0.07], (_, random) => ({ voltage: random.uniform(0.32, 0.55) })),
  shaped("前间壁R波递增不良", [0.01, 0.03], (_, random) => ({ anteriorLoss: random.uniform(0.8, 1.5) })),
  shaped("下壁异常Q波", [0.01, 0.04], (_, random) => ({ inferiorQ: random.uniform(0.3, 0.6) })),
  shaped("T波改变", [0.08, 0.2], ({ t }, random) => ({ t: t * random.uniform(-0.7, 0.2) })),
  shaped("ST段改变", [0.06, 0.14], (_, random) => ({ st: -random.uniform(0.16, 0.32) })),
  shaped("早期复极化", [0.08, 0.01], ({ t }, random) => ({
    st: random.uniform(0.14, 0.28),
    t: t * random.uniform(1.3, 1.7),
  })),
  finding("房性早搏", [0.14, 0.24], (_, rhythm, random) => {
    rhythm.earlyAtrial = random.uniform(0.02, 0.25);
  }),
  finding("室性早搏", [0.1, 0.2], (_, rhythm, random) => {
    // Some hearts do it after every beat (bigeminy).
    rhythm.earlyVentricular = random.random() < 0.1 ? 1 : random.uniform(0.02, 0.25);
  }),
];

function hit({ share: [young, old] }: Finding, age: number, random: Generator): boolean {
  const part = Math.min(1, Math.max(0, (age - 20) / 60));
  return random.random() < young + part * (old - young);
}

/** The rhythm itself: exactly one of sinus rhythms, fibrillation and a pacemaker. */
function drawRhythm(age: number, random: Generator): { rhythm: Rhythm; labels: string[] } {
  const rhythm: Rhythm = {
    rate: 72 + 15 * random.normal(),
    unevenness: random.uniform(0.008, 0.03),
    breathing: Math.min(0.075, 0.03 * Math.exp(0.5 * random.normal())) * Math.exp(-Math.max(0, age - 30) / 60),
    fibrillation: false,
    earlyAtrial: 0,
    earlyVentricular: 0,
    paced: false,
  };
  const old = Math.min(1, Math.max(0, (age - 40) / 40));
  if (random.random() < 0.02 + 0.16 * old) {
    Object.assign(rhythm, {
      fibrillation: true,
      rate: 88 + 26 * random.normal(),
      unevenness: random.uniform(0.14, 0.24),
      breathing: 0,
    });
    rhythm.rate = Math.max(46, rhythm.rate);
    return { rhythm, labels: ["心房颤动", ...(rhythm.rate > 100 ? ["快心室率"] : [])] };
  }
  if (random.random() < 0.002 + 0.04 * old) {
    Object.assign(rhythm, { paced: true, rate: random.uniform(60, 72), unevenness: 0.001, breathing: 0 });
    return { rhythm, labels: ["起搏心律"] };
  }
  if (random.random() < 0.16) rhythm.rate = random.uniform(44, 59);
  else if (random.random() < 0.13) rhythm.rate = random.uniform(101, 132);
  else rhythm.rate = Math.min(99, Math.max(60, rhythm.rate));
  const labels = [rhythm.rate < 60 ? "窦性心动过缓" : rhythm.rate > 100 ? "窦性心动过速" : "窦性心律"];
  if (random.random() < 0.24 * (1 - 0.5 * old) && rhythm.rate <= 100) {
    rhythm.breathing = random.uniform(0.12, 0.22);
    labels.push("窦性心律不齐");
  }
  return { rhythm, labels };
}

/** Labels that come in one word when both are there. */
const TOGETHER = { parts: ["T波改变", "ST段改变"], whole: "ST-T改变" } as const;

/** A patient with what he has; `heart` is changed by it. */
export function drawPatient(heart: HeartShape, random: Generator): Patient {
  const age = Math.round(Math.min(95, Math.max(12, 54 + 18 * random.normal())));
  const { rhythm, labels } = drawRhythm(age, random);
  // A pacemaker's beat is its own: what the heart's conduction would have done does not show.
  const conduction = rhythm.paced ? [] : CONDUCTION.filter((one) => hit(one, age, random)).slice(0, 1);
  for (const found of [...conduction, ...FURTHER]) {
    const drawn = conduction.includes(found) || (!rhythm.paced && hit(found, age, random));
    if (!drawn || found.labels.some((label) => excluded(label, labels, rhythm))) continue;
    found.apply(heart, rhythm, random);
    labels.push(...found.labels);
  }
  const both = TOGETHER.parts.every((part) => labels.includes(part));
  const told = both ? [...labels.filter((label) => !TOGETHER.parts.some((p) => p === label)), TOGETHER.whole] : labels;
  const sex = random.random() < 0.5 ? "female" : "male";
  return {
    age: random.random() < 0.03 ? null : age,
    sex: random.random() < 0.02 ? null : sex,
    heart,
    rhythm,
    labels: told,
  };
}

/** Findings that exclude each other: two axes, two voltages, two PR intervals; without P waves there is no PR interval. */
const EXCLUDE: readonly (readonly string[])[] = [
  ["电轴左偏", "电轴右偏"],
  ["左心室高电压", "QRS低电压"],
  ["一度房室传导阻滞", "短PR间期"],
  ["ST段改变", "早期复极化"],
  ["T波改变", "早期复极化"],
  ["前间壁R波递增不良", "完全性左束支传导阻滞"],
  // A bundle branch block changes ST and T by itself.
  ...["完全性左束支传导阻滞", "完全性右束支传导阻滞"].flatMap((block) =>
    ["ST段改变", "T波改变", "早期复极化"].map((change) => [block, change]),
  ),
];
const NEEDS_P = ["一度房室传导阻滞", "短PR间期", "房性早搏"];

function excluded(label: string, present: readonly string[], { fibrillation }: Rhythm): boolean {
  if (present.includes(label)) return true;
  if (fibrillation && NEEDS_P.includes(label)) return true;
  return EXCLUDE.some((group) => group.includes(label) && group.some((other) => present.includes(other)));
}
