/**
 * The mel spectrograms of 50 s for the HMS competition: four chains of electrodes down the scalp, each the mean of the mel
 * spectrograms, in dB, of its four neighbouring differences. As published for the 16th place (mkotyushev/hms,
 * convert_eeg_to_spectrograms): computed once over a whole recording, kept as bytes, and cut afterwards.
 */
import { SignalbookError } from "../core/errors";
import type { Recording, Signal } from "../formats";
import type { Image } from "./image";
import { type MelSpectrogramOptions, melSpectrogram } from "./mel";
import { toDecibels } from "./mel-decibels";
import { applyMontage } from "./montage";
import { bipolarMontage, HMS_CHAINS } from "./montages";
import { windowStarts } from "./windows";

/** 5 s frames each 0.2 s, 128 bands from 0 to 20 Hz, whole frames only. */
export const HMS_MEL: Readonly<MelSpectrogramOptions & { hop: number }> = {
  sampleRate: 200,
  points: 1000,
  hop: 40,
  mels: 128,
  low: 0,
  high: 20,
  edges: "none",
};

/** Frames of a 50 s window: floor((10,000 - 1000) / 40) + 1. */
export const HMS_MEL_FRAMES = 226;

/** The spectrograms of a whole recording. */
export interface HmsMelSpectrogram {
  frames: number;
  chains: number;
  mels: number;
  /** [frames, chains, mels], row-major: a frame's row is a row of the image. 0 is -80 dB of the trace's maximum, 255 0 dB. */
  values: Uint8Array;
}

/**
 * Missing samples of a difference become its mean (zero where all are missing); the reference of the dB is each
 * difference's own maximum over the whole recording.
 * @param recording 200 Hz, with the electrodes of {@link HMS_CHAINS}.
 * @throws SignalbookError for a missing electrode, another sampling rate, unequal lengths and less than 1000 samples.
 */
export function hmsMelSpectrogram(recording: Pick<Recording, "signals" | "source">): HmsMelSpectrogram {
  const traces = applyMontage(recording.signals, bipolarMontage(HMS_CHAINS));
  checkRate(traces[0]!, recording.source);
  const { mels } = HMS_MEL;
  const chains = Object.values(HMS_CHAINS);
  const each = traces.length / chains.length;
  const frames = windowStarts(traces[0]!.samples.length, HMS_MEL.points, HMS_MEL.hop).length;
  const values = new Uint8Array(frames * chains.length * mels);
  chains.forEach((_, chain) => {
    const decibels = traces.slice(chain * each, (chain + 1) * each).map(decibelsOf);
    for (let frame = 0; frame < frames; frame++) {
      const row = (frame * chains.length + chain) * mels;
      for (let mel = 0; mel < mels; mel++) values[row + mel] = meanByte(decibels, frame * mels + mel);
    }
  });
  return { frames, chains: chains.length, mels, values };
}

/**
 * The rows of a window as an image from 0 to 1: time down, chains and their bands side by side.
 * @param startSample the window's first sample in the recording, at 200 Hz; rows begin at floor(startSample / 40).
 * @param frames rows: {@link HMS_MEL_FRAMES} for the 50 s.
 * @throws SignalbookError for a window beyond the recording's frames.
 */
export function cutHmsMel(
  spectrogram: HmsMelSpectrogram,
  startSample: number,
  frames: number = HMS_MEL_FRAMES,
): Image<Float32Array> {
  const first = Math.floor(startSample / HMS_MEL.hop);
  if (!(startSample >= 0) || first + frames > spectrogram.frames)
    throw new SignalbookError("a window outside the spectrogram", {
      found: `frames ${first} to ${first + frames - 1}`,
      expected: `within 0 to ${spectrogram.frames - 1}`,
    });
  const width = spectrogram.chains * spectrogram.mels;
  const pixels = Float32Array.from(spectrogram.values.subarray(first * width, (first + frames) * width));
  for (let i = 0; i < pixels.length; i++) pixels[i]! /= 255;
  return { width, height: frames, channels: 1, pixels };
}

function checkRate({ label, sampleRate }: Signal, file: string): void {
  if (sampleRate === HMS_MEL.sampleRate) return;
  throw new SignalbookError("a sampling rate these spectrograms are not made for", {
    file,
    place: `signal ${label}`,
    found: `${sampleRate} Hz`,
    expected: `${HMS_MEL.sampleRate} Hz`,
    fix: "resample it first",
  });
}

/** The mel spectrogram of a trace in dB: [frames, mels]. */
function decibelsOf({ samples }: Signal): Float64Array {
  const { power } = melSpectrogram(withoutGaps(samples), HMS_MEL);
  toDecibels(power, { reference: "max" });
  return power;
}

/** Missing samples become the mean of the others, or zero where there are none. */
function withoutGaps(samples: Signal["samples"]): Signal["samples"] {
  const length = samples.length;
  let sum = 0;
  let present = 0;
  for (let i = 0; i < length; i++) {
    const value = samples[i]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    present++;
  }
  if (present === length) return samples;
  const mean = present === 0 ? 0 : sum / present;
  return Float64Array.from(samples, (value) => (Number.isNaN(value) ? mean : value));
}

/**
 * The mean over traces of (dB + 40) / 40, from -1 .. 1 to 0 .. 255 and cut off there. In single precision step by step as
 * published: the fraction is dropped, not rounded, so that a last bit can make a byte.
 */
function meanByte(decibels: readonly Float64Array[], at: number): number {
  let sum = 0;
  for (let i = 0; i < decibels.length; i++)
    sum = Math.fround(sum + Math.fround(Math.fround(Math.fround(decibels[i]![at]!) + 40) / 40));
  const mean = Math.fround(sum / decibels.length);
  const scaled = Math.fround(Math.fround(Math.fround(mean + 1) / 2) * 255);
  return Math.min(255, Math.max(0, Math.trunc(scaled)));
}
