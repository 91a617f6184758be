/** How physical values become stored integers: limits that hold every sample, and the rounding between them. */
import { SignalbookError } from "../core/errors";
import { exactNumber, limitText } from "./edf-write-fields";
import { quoted } from "./text";

/** One signal to write. Samples are in physical units, or stored integers where `stored` says so. */
export interface EdfSignalToWrite {
  label: string;
  unit: string;
  /** Hz. */
  sampleRate: number;
  samples: Float64Array | Float32Array | Int16Array | Int32Array;
  /** Samples are stored integers, to be written as they are: the four limits must then be given. */
  stored?: boolean;
  /** Limits of the physical values. Left out: just wide enough for the samples. */
  physicalMinimum?: number;
  physicalMaximum?: number;
  /** Limits of the stored integers. Left out: all that 16 (EDF) or 24 bit (BDF) hold. */
  digitalMinimum?: number;
  digitalMaximum?: number;
  transducer?: string;
  prefilter?: string;
}

/** The four limits as the header says them, and as numbers. */
export interface EdfLimits {
  texts: readonly [physicalMinimum: string, physicalMaximum: string, digitalMinimum: string, digitalMaximum: string];
  physicalMinimum: number;
  physicalMaximum: number;
  digitalMinimum: number;
  digitalMaximum: number;
}

/**
 * The limits of a signal. Those not given are the narrowest that eight characters can say and that hold every sample, so
 * that rounding is off by half a step at most, a step being the range / 65535 (BDF: / 16777215). Integers that fit are
 * stored as they are, and a constant in the middle of a range around zero.
 * @param ranges the samples that will be written: from, and to before, each.
 * @throws SignalbookError for limits that cannot be, and for samples that are no numbers.
 */
export function limitsOf(
  signal: EdfSignalToWrite,
  ranges: readonly (readonly [number, number])[],
  bits: 16 | 24,
  file: string,
): EdfLimits {
  const { label, stored = false, physicalMinimum, physicalMaximum } = signal;
  const [least, most] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  let { digitalMinimum = least, digitalMaximum = most } = signal;
  const wrong = (what: string, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file, place: `signal ${quoted(label)}`, found, expected });
  if (stored && [physicalMinimum, physicalMaximum, signal.digitalMinimum, signal.digitalMaximum].includes(undefined))
    throw wrong("stored samples without their scale", "a limit left out", "all four limits");
  if ((physicalMinimum === undefined) !== (physicalMaximum === undefined))
    throw wrong("half a physical range", "one limit", "both limits, or none");
  const whole = Number.isInteger(digitalMinimum) && Number.isInteger(digitalMaximum);
  if (!whole || digitalMinimum < least || digitalMaximum > most || digitalMinimum >= digitalMaximum)
    throw wrong(
      "digital limits that cannot be",
      `${digitalMinimum} to ${digitalMaximum}`,
      `within ${least} to ${most}`,
    );
  let limits: [string, string];
  if (physicalMinimum !== undefined && physicalMaximum !== undefined) {
    if (physicalMinimum === physicalMaximum)
      throw wrong("a physical range without width", String(physicalMinimum), "two different limits");
    limits = [
      exactNumber(physicalMinimum, `the physical minimum of ${quoted(label)}`, file),
      exactNumber(physicalMaximum, `the physical maximum of ${quoted(label)}`, file),
    ];
  } else {
    const { minimum, maximum, integers } = extentOf(signal, ranges, file);
    if (integers && minimum >= digitalMinimum && maximum <= digitalMaximum)
      limits = [String(digitalMinimum), String(digitalMaximum)];
    else if (minimum < maximum) limits = [limitText(minimum, -1), limitText(maximum, 1)];
    else {
      const limit = limitText(Math.abs(minimum), 1);
      limits = [`-${limit}`.length <= 8 ? `-${limit}` : limitText(-Number(limit), -1), limit];
      digitalMinimum = Math.max(digitalMinimum, -digitalMaximum);
    }
  }
  return {
    texts: [limits[0], limits[1], String(digitalMinimum), String(digitalMaximum)],
    physicalMinimum: Number(limits[0]),
    physicalMaximum: Number(limits[1]),
    digitalMinimum,
    digitalMaximum,
  };
}

function extentOf(
  { samples, label }: EdfSignalToWrite,
  ranges: readonly (readonly [number, number])[],
  file: string,
): { minimum: number; maximum: number; integers: boolean } {
  let [minimum, maximum, integers] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (const [from, to] of ranges)
    for (let i = from; i < to; i++) {
      const value = samples[i]!;
      if (!Number.isFinite(value)) throw noNumber(label, i, value, file);
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
      if (integers && !Number.isInteger(value)) integers = false;
    }
  // No samples at all: any range will do.
  return minimum <= maximum ? { minimum, maximum, integers } : { minimum: 0, maximum: 0, integers: true };
}

function noNumber(label: string, sample: number, value: number, file: string): SignalbookError {
  return new SignalbookError("a sample that EDF cannot hold", {
    file,
    place: `signal ${quoted(label)}, sample ${sample}`,
    found: String(value),
    expected: "a number",
    fix: "fill it, or give the segments between the gaps",
  });
}

/**
 * Stores samples `from` to before `to` as little-endian integers from `offset` of `bytes`.
 * @throws SignalbookError for a sample outside the limits, or that is no number.
 */
export function storeSamples(
  signal: EdfSignalToWrite,
  limits: EdfLimits,
  from: number,
  to: number,
  bytes: Buffer,
  offset: number,
  bytesPerSample: 2 | 3,
  file: string,
): void {
  const { samples, stored = false } = signal;
  const { physicalMinimum, physicalMaximum, digitalMinimum, digitalMaximum } = limits;
  const step = (physicalMaximum - physicalMinimum) / (digitalMaximum - digitalMinimum);
  let at = offset;
  for (let i = from; i < to; i++) {
    const value = samples[i]!;
    const integer = stored ? value : Math.round((value - physicalMinimum) / step) + digitalMinimum;
    if (!(integer >= digitalMinimum && integer <= digitalMaximum)) {
      if (!Number.isFinite(value)) throw noNumber(signal.label, i, value, file);
      throw new SignalbookError("a sample outside its limits", {
        file,
        place: `signal ${quoted(signal.label)}, sample ${i}`,
        found: String(value),
        expected: stored ? `${digitalMinimum} to ${digitalMaximum}` : `${physicalMinimum} to ${physicalMaximum}`,
        fix: "widen the limits, or clip the samples yourself",
      });
    }
    bytes[at++] = integer;
    bytes[at++] = integer >> 8;
    if (bytesPerSample === 3) bytes[at++] = integer >> 16;
  }
}
