/**
 * Keeping one sample in a few, after a low-pass filter, as SciPy's `decimate`. A NaN spreads as the filter lets it: see
 * filter.ts for "iir" (everywhere both ways), resample.ts for "fir" (as far as the filter reaches).
 */
import { SignalbookError } from "../core/errors";
import { filterSectionsChannels, filterZeroPhaseChannels } from "./filter";
import type { ChannelOutput, ChannelSamples } from "./filter-channels";
import { chebyshev } from "./filter-design";
import { lowPassFir } from "./filter-fir";
import { polyphase, runPolyphase } from "./resample-polyphase";

export interface DecimateOptions {
  /** "iir" (the default): Chebyshev of the first type, ripple 0.05 dB. "fir": a sinc in a Hamming taper. */
  kind?: "iir" | "fir";
  /** Of the filter; when left out 8 ("iir") or 20 times the factor ("fir"). */
  order?: number;
  /** No delay (the default): forwards and backwards ("iir"), or the filter's middle at no delay ("fir"). */
  zeroPhase?: boolean;
}

/**
 * One sample in `factor`.
 * @returns ceil(length / factor) samples, from the first on. For more than a factor of 13, decimate twice: the poles of
 * one steep filter come too near to the unit circle.
 * @throws SignalbookError for a factor that is no integer above 0, an unknown kind, an order below 1, and a signal too
 * short for the filter.
 */
export function decimate(samples: ArrayLike<number>, factor: number, options: DecimateOptions = {}): Float64Array {
  return decimateChannels([new Float64Array(samples)], factor, options)[0]!;
}

/** Decimates several channels of one length, as {@link decimate}. */
export function decimateChannels(
  channels: readonly ChannelSamples[],
  factor: number,
  { kind = "iir", order, zeroPhase = true }: DecimateOptions = {},
): Float64Array[] {
  const taps = order ?? (kind === "fir" ? 20 * factor : 8);
  if (!Number.isInteger(factor) || factor < 1 || !Number.isInteger(taps) || taps < 1)
    throw new SignalbookError("a decimation out of range", {
      found: `factor ${factor}, order ${taps}`,
      expected: "integers above 0",
    });
  if (kind === "fir") {
    const filter = lowPassFir(taps + 1, 1 / factor, "hamming");
    const plan = polyphase(filter, zeroPhase ? taps >> 1 : 0, 1, factor);
    return channels.map((channel) => {
      const out = new Float64Array(Math.ceil(channel.length / factor));
      runPolyphase(plan, channel, out, { level: 0, beyond: () => 0 });
      return out;
    });
  }
  if (kind !== "iir")
    throw new SignalbookError("an unknown kind of decimation", { found: String(kind), expected: "iir or fir" });
  // Frequencies as shares of the input's sampling rate.
  const design = { kind: "lowpass", order: taps, ripple: 0.05, frequency: 0.4 / factor, sampleRate: 1 } as const;
  const sections = chebyshev(design);
  const filtered = zeroPhase
    ? filterZeroPhaseChannels(sections, channels)
    : filterSectionsChannels(sections, channels).channels;
  return filtered.map((channel) => everyNth(channel, factor));
}

function everyNth(samples: ChannelOutput, step: number): Float64Array {
  const out = new Float64Array(Math.ceil(samples.length / step));
  for (let i = 0; i < out.length; i++) out[i] = samples[i * step]!;
  return out;
}
