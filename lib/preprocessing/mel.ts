/** Mel spectrograms of power, as librosa's `feature.melspectrogram`. */
import { SignalbookError } from "../core/errors";
import { rfft } from "./fft";
import { type MelBankOptions, melBank } from "./mel-bank";
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
  const bank = melBank(options);
  const signal = padded(samples, edges === "zero" ? Math.floor(points / 2) : 0);
  const starts = windowStarts(signal.length, points, hop);
  if (starts.length === 0)
    throw new SignalbookError("a signal shorter than a frame", {
      found: `${samples.length} samples`,
      expected: `${points} or more`,
    });
  const shape = taper("hann", points);
  const power = new Float64Array(starts.length * mels);
  starts.forEach((start, frame) => {
    const { re, im } = rfft(signal.subarray(start, start + points).map((value, i) => value * shape[i]!));
    for (let m = 0; m < mels; m++) {
      let sum = 0;
      for (let k = bank.first[m]!; k < bank.end[m]!; k++)
        sum += bank.weights[m * bank.bins + k]! * (re[k]! * re[k]! + im[k]! * im[k]!);
      power[frame * mels + m] = sum;
    }
  });
  return { frames: starts.length, mels, power };
}

/** A copy in double precision with `edge` zeros at either end. */
function padded(samples: ArrayLike<number>, edge: number): Float64Array {
  const out = new Float64Array(samples.length + 2 * edge);
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]!;
    if (!Number.isFinite(value))
      throw new SignalbookError("a sample that is no finite number", {
        place: `sample ${i}`,
        found: String(value),
        expected: "finite values",
        fix: "replace missing samples first",
      });
    out[edge + i] = value;
  }
  return out;
}
