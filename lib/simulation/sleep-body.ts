/** What a polysomnography records beside the brain and the eyes: muscles, heart, breathing, sound, oxygen, position. */
import type { Generator } from "../core/random";
import type { Signal } from "../formats";
import { type ByStage, eventTimes, levels, type SleepCourse, shape } from "./course";
import { beatWaves, drawHeart, LEAD_DIRECTIONS, renderBeats } from "./heart";
import { peak, shapedNoise } from "./noise";
import { addTo } from "./sleep-eeg";
import { unrest } from "./sleep-rhythms";
import type { Sleeper } from "./sleeper";

const CHIN_TONE: ByStage = { W: 5.5, S1: 4, S2: 3.3, S3: 3, S4: 2.9, REM: 1.9 };
const LEG_TONE: ByStage = { W: 3.4, S1: 2.7, S2: 2.4, S3: 2.2, S4: 2.2, REM: 1.8 };
/**
 * Tone also wanders by itself, on the logarithmic scale: between people and within a night it differs as much as between
 * stages, so that its absolute level does not tell a stage; its relation to the same person's other epochs does.
 */
const TONE_UNREST = [
  { deviation: 0.25, seconds: 60 },
  { deviation: 0.4, seconds: 900 },
] as const;
/** Amplifier and electrodes, in µV: what is left where there is no tone. */
const MUSCLE_NOISE = 0.8;
/** Bursts a minute: movements awake, twitches in REM, periodic movements of the legs in S2. */
const CHIN_BURSTS: ByStage = { W: 2, S1: 0.5, S2: 0.12, S3: 0.05, S4: 0.05, REM: 1.4 };
const LEG_BURSTS: ByStage = { W: 1, S1: 0.3, S2: 0.4, S3: 0.05, S4: 0.02, REM: 0.8 };
const BREATH_DEPTH: ByStage = { W: 1.05, S1: 0.97, S2: 0.97, S3: 1, S4: 1.02, REM: 0.88 };
/** Unevenness of breaths: even in deep sleep, uneven in REM and awake; and by itself, more or less so over minutes. */
const BREATH_UNREST: ByStage = { W: 0.3, S1: 0.19, S2: 0.1, S3: 0.05, S4: 0.04, REM: 0.28 };
const BREATH_WANDERING = [{ deviation: 0.2, seconds: 400 }] as const;
/** Depth follows posture and the belts' place. */
const DEPTH_WANDERING = [{ deviation: 0.2, seconds: 900 }] as const;
const HEART_UNREST: ByStage = { W: 0.05, S1: 0.035, S2: 0.03, S3: 0.018, S4: 0.015, REM: 0.05 };
/** Snorers snore by the posture more than by the stage: in stretches of minutes, hardly awake. */
const SNORES: ByStage = { W: 0.1, S1: 0.6, S2: 0.8, S3: 0.9, S4: 0.9, REM: 0.6 };
const SNORE_STRETCH = 400;
/** The room: dB, over minutes and by the second. */
const ROOM = { decibels: 32, wandering: 3, seconds: 300, hiss: 1.2 };

/** Muscle at an electrode in µV: tone by stage, and bursts. */
function muscle(
  course: SleepCourse,
  sampleRate: number,
  { tone, bursts, factor, longest }: { tone: ByStage; bursts: ByStage; factor: number; longest: number },
  random: Generator,
): Float64Array {
  const waning = unrest(course.length, TONE_UNREST, random);
  const envelope = levels(course, tone).map((level, i) => level * factor * waning[i]!);
  for (const time of eventTimes(levels(course, bursts), random)) {
    const height = random.uniform(3, 12);
    const end = Math.min(course.length, Math.floor(time) + Math.ceil(random.uniform(0.3, longest)));
    for (let second = Math.floor(time); second < end; second++) envelope[second]! *= height;
  }
  const density = (f: number): number => (f < 15 ? (f / 15) ** 2 : Math.exp(-(f - 15) / 60));
  for (let i = 0; i < envelope.length; i++) envelope[i] = Math.hypot(envelope[i]!, MUSCLE_NOISE);
  return shape(shapedNoise(Math.round(course.length * sampleRate), sampleRate, density, random), envelope, sampleRate);
}

/** One lead of the ECG in µV; the pulse quickens and slows with breathing and with the stage. */
function sleepingHeart(
  sleeper: Sleeper,
  course: SleepCourse,
  sampleRate: number,
  breath: Float64Array,
  random: Generator,
): Float64Array {
  const heart = drawHeart(random);
  const spreads = levels(course, HEART_UNREST);
  const wandering = shapedNoise(course.length, 1, peak(0.02, 0.03), random);
  const beats = [];
  for (let time = 0.3; time < course.length; ) {
    const second = Math.min(course.length - 1, Math.floor(time));
    const phase = breath[Math.min(breath.length - 1, Math.round(time * BREATH_RATE))]!;
    const interval =
      (60 / sleeper.heartRate) * (1 + spreads[second]! * (wandering[second]! + phase + 0.3 * random.normal()));
    time += Math.min(2, Math.max(0.4, interval));
    beats.push({ time, waves: beatWaves(heart, interval) });
  }
  const length = Math.round(course.length * sampleRate);
  const [lead] = renderBeats(beats, [LEAD_DIRECTIONS["II"]!], { length, sampleRate });
  const wander = shapedNoise(length, sampleRate, peak(0, 0.4), random);
  return lead!.map((millivolts, i) => 1000 * millivolts + 40 * wander[i]!);
}

/** Hz, of everything that follows breathing. */
const BREATH_RATE = 25;

/** Breathing, 1 at the top of a usual breath in: depth and length differ from breath to breath, by the stage. */
function breathing({ breathRate }: Sleeper, course: SleepCourse, random: Generator): Float64Array {
  const deeper = unrest(course.length, DEPTH_WANDERING, random);
  const depth = levels(course, BREATH_DEPTH).map((level, i) => level * deeper[i]!);
  const uneven = unrest(course.length, BREATH_WANDERING, random);
  const spreads = levels(course, BREATH_UNREST).map((level, i) => level * uneven[i]!);
  const samples = new Float64Array(course.length * BREATH_RATE);
  let time = 0;
  while (time < course.length) {
    const second = Math.min(course.length - 1, Math.floor(time));
    const spread = spreads[second]!;
    const length = (60 / breathRate) * Math.exp(spread * random.normal());
    const height = depth[second]! * Math.exp(spread * random.normal());
    const first = Math.ceil(time * BREATH_RATE);
    const last = Math.min(samples.length, Math.ceil((time + length) * BREATH_RATE));
    // Breathing in takes two fifths of the time.
    for (let i = first; i < last; i++) {
      const part = (i / BREATH_RATE - time) / length;
      samples[i] = height * (part < 0.4 ? Math.sin((Math.PI * part) / 0.8) : Math.cos((Math.PI * (part - 0.4)) / 1.2));
    }
    time += length;
  }
  return samples;
}

/** Everything but brain and eyes, under the labels that recorders give. */
export function sleepBody(sleeper: Sleeper, course: SleepCourse, random: Generator): Signal[] {
  const { tone, breathRate } = sleeper;
  const signal = (label: string, unit: string, sampleRate: number, samples: Float64Array): Signal => ({
    label,
    unit,
    sampleRate,
    samples,
  });
  const breath = breathing(sleeper, course, random);
  const noisy = (samples: Float64Array, share: number, shift = 0): Float64Array => {
    const noise = shapedNoise(samples.length, BREATH_RATE, () => 1, random);
    return samples.map((_, i) => samples[Math.max(0, i - shift)]! + share * noise[i]!);
  };
  const flow = breath.map((value, i) => (value - (breath[i - 1] ?? value)) * (BREATH_RATE / breathRate) * 4);
  const chin = muscle(course, 200, { tone: CHIN_TONE, bursts: CHIN_BURSTS, factor: tone, longest: 4 }, random);
  const leg = (): Float64Array =>
    muscle(course, 100, { tone: LEG_TONE, bursts: LEG_BURSTS, factor: tone, longest: 3 }, random);
  const stretches = shapedNoise(course.length, 1, peak(1 / SNORE_STRETCH, 1 / SNORE_STRETCH), random);
  const snores = random.random() < 0.5;
  const loudness = levels(course, SNORES).map((level, i) => (snores ? level * Math.max(0, stretches[i]!) : 0));
  const snore = shapedNoise(course.length * 100, 100, (f) => Math.exp(-Math.abs(f - 32) / 8), random).map(
    (value, i) => {
      const inhaling = flow[Math.floor((i * BREATH_RATE) / 100)]! > 0.2;
      return value * (0.05 + (inhaling ? loudness[Math.floor(i / 100)]! : 0));
    },
  );
  const room = shapedNoise(course.length, 1, peak(1 / ROOM.seconds, 1 / ROOM.seconds), random);
  const audio = Float64Array.from({ length: course.length }, (_, second) => {
    const part = snore.subarray(second * 100, (second + 1) * 100);
    const quiet = ROOM.decibels + ROOM.wandering * room[second]! + ROOM.hiss * random.normal();
    return quiet + 14 * Math.sqrt(part.reduce((sum, value) => sum + value * value, 0) / part.length);
  });
  const wandering = shapedNoise(course.length, 1, peak(0, 0.01), random);
  const saturation = wandering.map((value) => Math.min(100, Math.round(95.8 + 0.7 * value)));
  return [
    ...position(course, random),
    signal("chin EMG", "uV", 200, chin),
    signal("ECG", "uV", 200, sleepingHeart(sleeper, course, 200, breath, random)),
    signal("nasal pressure", "a.u.", BREATH_RATE, noisy(flow, 0.04)),
    signal("thermistor", "a.u.", BREATH_RATE, noisy(flow, 0.03, 8)),
    signal("thorax", "a.u.", BREATH_RATE, noisy(breath, 0.03)),
    signal("abdomen", "a.u.", BREATH_RATE, noisy(breath, 0.03, 3)),
    signal("snore", "a.u.", 100, snore),
    signal("audio volume", "dB", 1, audio),
    signal("left leg", "uV", 100, leg()),
    signal("right leg", "uV", 100, leg()),
    signal("SpO2", "%", 1, saturation),
  ];
}

/** Turns a night awake and asleep: mostly awake. */
const TURNS: ByStage = { W: 0.25, S1: 0.06, S2: 0.02, S3: 0.003, S4: 0.001, REM: 0.015 };

/** Three axes of gravity in g, a value a tenth of a second: still, but for turns. */
function position(course: SleepCourse, random: Generator): Signal[] {
  const sampleRate = 10;
  const length = course.length * sampleRate;
  const axes = ["X axis", "Y axis", "Z axis"].map((label) => ({ label, samples: new Float64Array(length) }));
  const turns = [0, ...eventTimes(levels(course, TURNS), random), course.length];
  for (let i = 0; i + 1 < turns.length; i++) {
    const angle = random.uniform(-Math.PI, Math.PI);
    const values = [0.15 * random.normal(), 0.97 * Math.sin(angle), 0.97 * Math.cos(angle)];
    const [first, last] = [turns[i]!, turns[i + 1]!].map((time) => Math.round(time * sampleRate)) as [number, number];
    for (const [k, { samples }] of axes.entries()) samples.fill(values[k]!, first, last);
  }
  return axes.map(({ label, samples }) => {
    addTo(
      samples,
      shapedNoise(length, sampleRate, () => 1, random).map((value) => 0.008 * value),
    );
    return { label, unit: "g", sampleRate, samples };
  });
}
