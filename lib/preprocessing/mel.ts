/** Mel spectrograms of power, as librosa's `feature.melspectrogram`. */
import { SignalbookError } from "../core/errors";
import { type MelBank, type MelBankOptions, melBank } from "./mel-bank";
import { eachFrame, finiteSamples } from "./spectra-frames";
import { slidingBands, slidingPays } from "./spectra-sliding";
import { taper } from "./tapers";
import { windowStarts } from "./windows";

export interface MelSpectrogramOptions extends MelBankOptions {
  /** Samples from one frame to the next. Default a quarter of `points`. */
  hop?: number;
  /**
   * "zero": frame i is centred on sample i hop, zeros beyond the ends (librosa's default); "none": frame i begins there,
   * and only whole frames are taken. Default "zero".
   */
  edges?: "zero" | "none";
}

export interface MelSpectrogram {
  frames: number;
  mels: number;
  /** [frames, mels], row-major, in squared units of the signal. */
  power: Float64Array;
}

/**
 * The squared magnitudes of Hann-tapered frames of `points` samples, summed by {@link melBank}.
 * @throws SignalbookError for a signal shorter than one frame and samples that are not finite.
 */
export function melSpectrogram(samples: ArrayLike<number>, options: MelSpectrogramOptions): MelSpectrogram {
  const { points, mels, hop = Math.floor(points / 4), edges = "zero" } = options;
  const bank = keptBank(options);
  const signal = finiteSamples(samples, edges === "zero" ? Math.floor(points / 2) : 0);
  const starts = windowStarts(signal.length, points, hop);
  if (starts.length === 0)
    throw new SignalbookError("a signal shorter than a frame", {
      found: `${samples.length} samples`,
      expected: `${points} or more`,
    });
  const power = new Float64Array(starts.length * mels);
  const bins = bank.end.reduce((most, end) => Math.max(most, end), 1);
  if (slidingPays(points, hop, bins)) {
    slidingBands(signal, { points, hop }, bank, power);
  } else {
    const weigh = weighing(bank);
    const shape = taper("hann", points);
    eachFrame(signal, starts, { points, shape }, "none", "power", (frame, { squares }, lane) =>
      weigh(squares[lane], power, frame * mels),
    );
  }
  return { frames: starts.length, mels, power };
}

/** Banks that were used: a recording's channels ask for the same one, and what is made for it once is found again by it. */
const banks = new Map<string, MelBank>();
const KEPT_BANKS = 8;

function keptBank(options: MelBankOptions): MelBank {
  const { sampleRate, points, mels, low, high } = options;
  const key = JSON.stringify([sampleRate, points, mels, low, high]);
  const kept = banks.get(key);
  if (kept !== undefined) return kept;
  const bank = melBank(options);
  if (banks.size >= KEPT_BANKS) banks.delete(banks.keys().next().value!);
  banks.set(key, bank);
  return bank;
}

/** A function that sums the bins of each band, in the order of frequency, into `out`, which is zero, from `at` on. */
function weighing(bank: MelBank): (squares: Float64Array, out: Float64Array, at: number) => void {
  const bands: number[] = [];
  const bins: number[] = [];
  const widest = bank.end.reduce((most, end, m) => Math.max(most, end - bank.first[m]!), 0);
  // All bands' first bins, then all their second ones: a sum that was just written is not read again at once.
  for (let j = 0; j < widest; j++) {
    for (let m = 0; m < bank.mels; m++) {
      const bin = bank.first[m]! + j;
      if (bin >= bank.end[m]!) continue;
      bands.push(m);
      bins.push(bin);
    }
  }
  const band = Int32Array.from(bands);
  const from = Int32Array.from(bins);
  const weight = Float64Array.from(bands, (m, i) => bank.weights[m * bank.bins + bins[i]!]!);
  return (squares, out, at) => {
    for (let i = 0; i < weight.length; i++) out[at + band[i]!]! += weight[i]! * squares[from[i]!]!;
  };
}
