/** Multitaper spectra (Thomson 1982): the average of spectra through several tapers of one signal. */
import { SignalbookError } from "../core/errors";
import { frequenciesOf, type PowerSpectrum } from "./spectra";
import { eachFrame, finiteSamples, type Samples } from "./spectra-frames";
import { type Dpss, dpss } from "./tapers-dpss";

export interface MultitaperOptions {
  /** Full width of the band that each frequency stands for, in Hz. Default 8 sampling rates / length. */
  bandwidth?: number;
  /** Leaves out tapers with less than 90 % of their power in the band. Default true. */
  lowBias?: boolean;
}

/**
 * A one-sided power density, as MNE's `psd_array_multitaper` with `normalization="full"` and without adaptive weights: the mean
 * taken off, floor(bandwidth length / sampling rate) tapers weighted by their concentration.
 * @param sampleRate Hz.
 * @throws SignalbookError for no samples, one that is not finite, and a band narrower than one taper needs.
 */
export function multitaper(
  samples: ArrayLike<number>,
  sampleRate: number,
  options: MultitaperOptions = {},
): PowerSpectrum {
  const length = samples.length;
  if (length === 0) throw new SignalbookError("a spectrum of no samples", { expected: "1 sample or more" });
  const halfBandwidth = options.bandwidth === undefined ? 4 : (options.bandwidth * length) / (2 * sampleRate);
  if (!(halfBandwidth >= 0.5 && halfBandwidth < length / 2))
    throw new SignalbookError("a bandwidth that tapers of this length do not have", {
      found: `${(2 * halfBandwidth * sampleRate) / length} Hz`,
      expected: `${sampleRate / length} Hz to less than ${sampleRate} Hz`,
    });
  const all = dpss({ length, halfBandwidth, count: Math.floor(2 * halfBandwidth), symmetric: false });
  const { tapers, ratios } = options.lowBias === false ? all : concentrated(all);
  const power = new Float64Array(Math.floor(length / 2) + 1);
  const signal = Float64Array.from(finiteSamples(samples));
  const mean = signal.reduce((sum, value) => sum + value, 0) / length;
  const total = ratios.reduce((sum, ratio) => sum + ratio, 0);
  addPowers(
    signal.map((value) => value - mean),
    tapers,
    ratios.map((ratio) => (2 * ratio) / (total * sampleRate)),
    power,
  );
  power[0]! /= 2;
  if (length % 2 === 0) power[power.length - 1]! /= 2;
  return { frequencies: frequenciesOf(length, sampleRate), power };
}

/**
 * The plain average over tapers of the squared magnitudes of signal times taper: no scale, nothing taken off.
 * @throws SignalbookError for tapers of another length than the signal.
 */
export function taperedPower(samples: ArrayLike<number>, tapers: readonly Float64Array[]): Float64Array {
  const length = samples.length;
  const other = tapers.find((each) => each.length !== length);
  if (other !== undefined || tapers.length === 0)
    throw new SignalbookError("tapers that do not fit the signal", {
      found: other === undefined ? "no tapers" : `a taper of ${other.length} values`,
      expected: `tapers of ${length}`,
    });
  const power = new Float64Array(Math.floor(length / 2) + 1);
  const weights = new Float64Array(tapers.length).fill(1 / tapers.length);
  addPowers(finiteSamples(samples), tapers, weights, power);
  return power;
}

/** Those with more than 90 % of their power in the band. @throws SignalbookError where none has. */
function concentrated({ tapers, ratios }: Dpss): Dpss {
  const kept = Array.from(ratios, (ratio, k) => ({ ratio, k })).filter(({ ratio }) => ratio > 0.9);
  if (kept.length === 0)
    throw new SignalbookError("no taper with 90 % of its power in the band", {
      found: `${(100 * (ratios[0] ?? 0)).toFixed(1)} % at best`,
      fix: "choose a wider band, or lowBias: false",
    });
  return { tapers: kept.map(({ k }) => tapers[k]!), ratios: Float64Array.from(kept, ({ ratio }) => ratio) };
}

function addPowers(
  signal: Samples,
  tapers: readonly Float64Array[],
  weights: ArrayLike<number>,
  power: Float64Array,
): void {
  tapers.forEach((shape, k) => {
    eachFrame(signal, [0], { points: signal.length, shape }, "none", "power", (_, { squares }, lane) => {
      for (let i = 0; i < power.length; i++) power[i]! += weights[k]! * squares[lane][i]!;
    });
  });
}
