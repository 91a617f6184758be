/**
 * Spectrograms of a batch as tensor operations, with gradients: a network may begin with one. Frames are matrix products with
 * tapered waves, in float32 whatever the policy; where few bins are wanted, few are computed.
 */
import { SignalbookError } from "../core/errors";
import { conv2d, tf, toFloat32, withPrecision } from "../engine";
import { checkInteger } from "./checks";

export interface PowerSpectrogramOptions {
  /** The taper's values: as many as a frame has samples. */
  taper: ArrayLike<number>;
  /** Samples from one frame to the next. */
  hop: number;
  /** The lowest bins, 0 .. bins - 1. Default all floor(samples / 2) + 1. */
  bins?: number;
  /** "zero": frame i is centred on sample i hop, zeros beyond the ends; "none": it begins there. Default "zero". */
  edges?: "zero" | "none";
}

/** Squared magnitudes of tapered frames: |sum of taper[n] x[start + n] exp(-2 pi i k n / samples)|^2. */
export class PowerSpectrogram {
  readonly bins: number;
  private readonly samples: number;
  private readonly hop: number;
  private readonly edge: number;
  /** Samples a block: frames and hops are whole numbers of blocks. */
  private readonly block: number;
  /** [1, blocks a frame, block, 2 bins]: real parts, then imaginary parts. */
  private readonly waves: Float32Array;

  constructor({ taper, hop, bins, edges = "zero" }: PowerSpectrogramOptions) {
    const samples = checkInteger("samples of a spectrogram's taper", taper.length, 1);
    this.samples = samples;
    this.hop = checkInteger("hop of a spectrogram", hop, 1);
    const all = Math.floor(samples / 2) + 1;
    this.bins = checkInteger("bins of a spectrogram", bins ?? all, 1, all);
    this.edge = edges === "zero" ? Math.floor(samples / 2) : 0;
    this.block = greatestCommonDivisor(samples, hop);
    this.waves = new Float32Array(samples * 2 * this.bins);
    for (let n = 0; n < samples; n++) {
      for (let k = 0; k < this.bins; k++) {
        const angle = (2 * Math.PI * ((n * k) % samples)) / samples;
        const at = n * 2 * this.bins + k;
        this.waves[at] = taper[n]! * Math.cos(angle);
        this.waves[at + this.bins] = -taper[n]! * Math.sin(angle);
      }
    }
  }

  /** [batch, time] to [batch, frames, bins], in squared units of x. */
  forward(x: tf.Tensor2D): tf.Tensor3D {
    const { samples, hop, edge, block, bins } = this;
    const batch = x.shape[0];
    const time = x.shape[1] + 2 * edge;
    if (time < samples)
      throw new SignalbookError("signals shorter than a frame of the spectrogram", {
        found: `[${x.shape.join(", ")}]`,
        expected: `${samples - 2 * edge} samples or more`,
      });
    const frames = Math.floor((time - samples) / hop) + 1;
    const used = (frames - 1) * hop + samples;
    const wide = tf.pad(toFloat32(x), [
      [0, 0],
      [edge, edge],
    ]);
    const blocks = tf.reshape(tf.slice(wide, [0, 0], [batch, used]), [batch, 1, used / block, block]);
    const waves = tf.tensor4d(this.waves, [1, samples / block, block, 2 * bins]);
    const parts = withPrecision("float32", () => conv2d(blocks as tf.Tensor4D, waves, { strides: [1, hop / block] }));
    const squares = tf.reshape(tf.square(parts), [batch, frames, 2, bins]);
    return tf.sum(squares, 2);
  }
}

export interface MelWeights {
  mels: number;
  /** Of the whole one-sided spectrum. */
  bins: number;
  /** [mels, bins], row-major. */
  weights: ArrayLike<number>;
}

/** {@link PowerSpectrogram} summed over bands. Only bins that have a weight are computed. */
export class MelPowerSpectrogram {
  readonly mels: number;
  private readonly power: PowerSpectrogram;
  /** [mels, bins computed]. */
  private readonly weights: Float32Array;

  constructor(options: Omit<PowerSpectrogramOptions, "bins">, { mels, bins, weights }: MelWeights) {
    const all = Math.floor(options.taper.length / 2) + 1;
    if (bins !== all || weights.length !== mels * bins)
      throw new SignalbookError("bands that do not fit the spectrogram", {
        found: `${mels} bands of ${bins} bins, ${weights.length} weights`,
        expected: `bands of ${all} bins`,
      });
    this.mels = mels;
    let used = 1;
    for (let i = 0; i < weights.length; i++) if (weights[i]! !== 0) used = Math.max(used, (i % bins) + 1);
    this.power = new PowerSpectrogram({ ...options, bins: used });
    this.weights = Float32Array.from(
      { length: mels * used },
      (_, i) => weights[Math.floor(i / used) * bins + (i % used)]!,
    );
  }

  /** [batch, time] to [batch, frames, mels]. */
  forward(x: tf.Tensor2D): tf.Tensor3D {
    const power = this.power.forward(x);
    const [batch, frames, bins] = power.shape;
    const weights = tf.tensor2d(this.weights, [this.mels, bins]);
    const sums = tf.matMul(tf.reshape(power, [batch * frames, bins]) as tf.Tensor2D, weights, false, true);
    return tf.reshape(sums, [batch, frames, this.mels]);
  }
}

export interface TensorDecibelOptions {
  /** The power that becomes 0 dB, or "max": the highest of each example. Default 1. */
  reference?: number | "max";
  /** Powers (and the reference) below it count as it. Default 1e-10. */
  least?: number;
  /** Values further than this below the highest of their example are raised to that, in dB; null: none are. Default 80. */
  range?: number | null;
}

/** 10 log10(power / reference): [batch, frames, bands] to the same shape, float32. No gradient where a value was raised. */
export function decibels(power: tf.Tensor3D, options: TensorDecibelOptions = {}): tf.Tensor3D {
  const { reference = 1, least = 1e-10, range = 80 } = options;
  if (!(least > 1e-37) || !(range === null || range >= 0))
    throw new SignalbookError("a scale of decibels that cannot be", {
      found: `least ${least}, range ${range}`,
      expected: "least above 1e-37 (float32), range of 0 or more",
    });
  const level = (x: tf.Tensor): tf.Tensor => tf.mul(tf.log(tf.maximum(x, least)), 10 / Math.LN10);
  const values = level(toFloat32(power));
  const highest = tf.max(values, [1, 2], true);
  const zero =
    reference === "max" ? highest : tf.scalar(10 * Math.log10(Math.max(least, Math.abs(reference))), "float32");
  const raised = range === null ? values : tf.maximum(values, tf.sub(highest, range));
  return tf.sub(raised, zero) as tf.Tensor3D;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
