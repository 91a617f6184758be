/** ECG leads: names, order, the limb leads that follow from I and II, units, and the layout that models take. */
import { SignalbookError } from "../core/errors";
import type { Recording, Signal } from "../formats";

/** The twelve standard leads, in the usual order. */
export const ECG_LEADS_12: readonly string[] = "I II III aVR aVL aVF V1 V2 V3 V4 V5 V6".split(" ");
/** The eight independent ones: the others follow from I and II. */
export const ECG_LEADS_8: readonly string[] = "I II V1 V2 V3 V4 V5 V6".split(" ");

/** A standard lead's usual spelling ("AVR" is "aVR"); any other label as it is. */
export function leadName(label: string): string {
  return ECG_LEADS_12.find((lead) => lead.toLowerCase() === label.trim().toLowerCase()) ?? label;
}

/**
 * The recording with these leads only, in this order, under their usual spelling.
 * @param expected sampling rate (Hz) that every lead must have.
 * @throws SignalbookError for a missing or double lead and another sampling rate.
 */
export function selectLeads(
  recording: Recording,
  leads: readonly string[],
  expected: { sampleRate?: number } = {},
): Recording {
  const signals = leads.map((lead) => {
    const matches = recording.signals.filter((signal) => leadName(signal.label) === leadName(lead));
    const signal = matches[0];
    if (signal === undefined || matches.length > 1)
      throw new SignalbookError(signal === undefined ? "a lead is missing" : "a lead is there twice", {
        file: recording.source,
        place: `record ${recording.id}`,
        found: recording.signals.map(({ label }) => label).join(", ") || "no signals",
        expected: `lead ${lead}`,
        fix: DERIVED.has(leadName(lead))
          ? "III, aVR, aVL and aVF follow from I and II: deriveLimbLeads"
          : "leave this record out, or choose leads it has",
      });
    return { ...signal, label: leadName(lead) };
  });
  checkRates(recording, signals, expected.sampleRate);
  return { ...recording, signals };
}

function checkRates(recording: Recording, signals: readonly Signal[], sampleRate = signals[0]?.sampleRate): void {
  for (const signal of signals) {
    if (signal.sampleRate !== sampleRate)
      throw new SignalbookError("another sampling rate", {
        file: recording.source,
        place: `lead ${signal.label}`,
        found: `${signal.sampleRate} Hz`,
        expected: `${sampleRate} Hz`,
        fix: "use the record at that rate, or resampleSignal",
      });
  }
}

/** Weights of leads I and II in the limb leads that follow from them (Einthoven, Goldberger). */
const DERIVED: ReadonlyMap<string, readonly [ofI: number, ofII: number]> = new Map([
  ["III", [-1, 1]],
  ["aVR", [-0.5, -0.5]],
  ["aVL", [1, -0.5]],
  ["aVF", [-0.5, 1]],
]);

/**
 * The twelve leads in the usual order: III, aVR, aVL and aVF, where missing, computed from I and II (Float64Array).
 * @throws SignalbookError when another lead is missing or rates, units or lengths of I and II differ.
 */
export function deriveLimbLeads(recording: Recording): Recording {
  const [one, two] = selectLeads(recording, ["I", "II"]).signals as [Signal, Signal];
  if (one.unit !== two.unit || one.samples.length !== two.samples.length)
    throw new SignalbookError("leads I and II do not fit together", {
      file: recording.source,
      found: `${one.samples.length} samples in ${one.unit} and ${two.samples.length} in ${two.unit}`,
      expected: "one length and one unit",
    });
  const present = new Set(recording.signals.map(({ label }) => leadName(label)));
  const derived = [...DERIVED].filter(([label]) => !present.has(label));
  const signals = derived.map(([label, [ofI, ofII]]) => ({
    ...one,
    label,
    samples: Float64Array.from(one.samples, (value, i) => ofI * value + ofII * two.samples[i]!),
  }));
  return selectLeads({ ...recording, signals: [...recording.signals, ...signals] }, ECG_LEADS_12);
}

/** Volts of the units that ECG and EEG files write. */
const VOLTS: Readonly<Record<string, number>> = { V: 1, mV: 1e-3, uV: 1e-6, µV: 1e-6, μV: 1e-6, nV: 1e-9 };

/** The signal in another unit of voltage (Float64Array). @throws SignalbookError where either is not one. */
export function inUnit(signal: Signal, unit: string): Signal {
  const from = Object.hasOwn(VOLTS, signal.unit) ? VOLTS[signal.unit] : undefined;
  const to = Object.hasOwn(VOLTS, unit) ? VOLTS[unit] : undefined;
  if (from === undefined || to === undefined)
    throw new SignalbookError("not a unit of voltage", {
      place: `signal ${signal.label}`,
      found: `${signal.unit || "no unit"} to ${unit}`,
      expected: Object.keys(VOLTS).join(", "),
    });
  // One division: 1 / factor is exact for the powers of ten where the factor itself is not.
  const samples =
    from <= to
      ? Float64Array.from(signal.samples, (value) => value / Math.round(to / from))
      : Float64Array.from(signal.samples, (value) => value * Math.round(from / to));
  return { ...signal, unit, samples };
}

/**
 * Signals side by side as a model takes them: [time, channels], row-major, float32.
 * @throws SignalbookError when their lengths differ, or a sample is no finite number.
 */
export function toTimeChannels(signals: readonly Signal[]): Float32Array {
  const channels = signals.length;
  const time = signals[0]?.samples.length ?? 0;
  const out = new Float32Array(time * channels);
  signals.forEach(({ label, samples }, channel) => {
    if (samples.length !== time)
      throw new SignalbookError("signals of different length", {
        place: `signal ${label}`,
        found: `${samples.length} samples`,
        expected: `${time}, as ${signals[0]!.label} has`,
      });
    for (let t = 0; t < time; t++) {
      const value = samples[t]!;
      if (!Number.isFinite(value))
        throw new SignalbookError("a sample that is no finite number", {
          place: `signal ${label}, sample ${t}`,
          found: String(value),
          expected: "finite values",
          fix: "the file marks samples there as missing: leave the record out or cut the window",
        });
      out[t * channels + channel] = value;
    }
  });
  return out;
}
