/**
 * System 002's input: one image of 640 x 1920 with the 10-minute spectrogram over the 50-second one at the left and the
 * plot of the traces at the right, 0 .. 1.
 */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { normaliseHmsSpectrogram } from "./hms-spectrogram";
import { HMS_RASTER, HMS_WINDOW, hmsTraces } from "./hms-traces";
import { checkImage, type Image } from "./image";
import { cutHmsMel, type HmsMelSpectrogram, hmsMelSpectrogram } from "./mel-hms";
import { drawTraces } from "./raster";
import { resize } from "./resize";

/** Width and height of either spectrogram in the image. */
export const HMS_SPECTROGRAM_SIDE = 320;

export interface HmsImageParts {
  /** The 10 minutes, normalised: time down, frequencies of four regions across. Any size. */
  minutes: Image<Float32Array>;
  /** The 50 seconds, 0 .. 1: time down, bands of four chains across. Any size. */
  seconds: Image<Float32Array>;
  /** The plot, 0 and 1: 640 x 1600. */
  traces: Image<Uint8Array>;
}

/** One channel, 640 rows of 1920, 0 .. 1. The spectrograms are resized as OpenCV does by default. */
export function composeHmsImage({ minutes, seconds, traces }: HmsImageParts): Image<Float32Array> {
  checkImage(traces);
  const { width, height } = HMS_RASTER;
  if (traces.width !== width || traces.height !== height || traces.channels !== 1)
    throw new SignalbookError("a plot of another size", {
      found: `${traces.width} x ${traces.height}, ${traces.channels} channels`,
      expected: `${width} x ${height}, 1 channel`,
    });
  const image = withSpectrograms(minutes, seconds);
  for (let y = 0; y < height; y++)
    image.pixels.set(traces.pixels.subarray(y * width, (y + 1) * width), y * image.width + HMS_SPECTROGRAM_SIDE);
  return image;
}

/** The image without its plot. */
function withSpectrograms(minutes: Image<Float32Array>, seconds: Image<Float32Array>): Image<Float32Array> {
  const side = HMS_SPECTROGRAM_SIDE;
  const width = side + HMS_RASTER.width;
  const pixels = new Float32Array(width * HMS_RASTER.height);
  [minutes, seconds].forEach((spectrogram, part) => {
    const small = resize(spectrogram, { width: side, height: side, method: "opencv-linear" }).pixels;
    for (let y = 0; y < side; y++) pixels.set(small.subarray(y * side, (y + 1) * side), (part * side + y) * width);
  });
  return { width, height: HMS_RASTER.height, channels: 1, pixels };
}

/** A recording's part that was labelled, and the spectrogram delivered with it. */
export interface HmsWindow {
  /** The whole recording: 200 Hz, µV; the 50-second spectrogram takes its levels from all of it. */
  recording: { signals: Signal[]; source: string };
  /** The window's first sample. */
  startSample: number;
  /** 10 minutes, as delivered: power, NaN where missing, 300 rows of 400. */
  spectrogram: Image<Float32Array>;
  /** Of the whole recording, where it is at hand: an EEG's windows share it. Computed when left out. */
  mel?: HmsMelSpectrogram;
}

/** What the image of a window is made of, before anything is drawn or resized. */
export interface HmsWindowParts {
  /** The middle 20 s of every signal. */
  signals: Signal[];
  minutes: Image<Float32Array>;
  seconds: Image<Float32Array>;
}

/**
 * The parts of a window of 50 s.
 * @throws SignalbookError for a window beyond the recording, a missing electrode and another sampling rate.
 */
export function hmsWindowParts({ recording, startSample, spectrogram, mel }: HmsWindow): HmsWindowParts {
  const { length, tracesStart, tracesLength } = HMS_WINDOW;
  const shortest = Math.min(...recording.signals.map(({ samples }) => samples.length));
  if (!Number.isInteger(startSample) || startSample < 0 || !(startSample + length <= shortest))
    throw new SignalbookError("a window outside its recording", {
      file: recording.source,
      found: `samples ${startSample} to ${startSample + length - 1}`,
      expected: `whole samples within 0 to ${shortest - 1}`,
    });
  const from = startSample + tracesStart;
  const signals = recording.signals.map((signal) => ({
    ...signal,
    samples: signal.samples.subarray(from, from + tracesLength),
  }));
  return {
    signals,
    minutes: normaliseHmsSpectrogram(spectrogram),
    seconds: cutHmsMel(mel ?? hmsMelSpectrogram(recording), startSample),
  };
}

/**
 * The image of a window of 50 s.
 * @throws SignalbookError as {@link hmsWindowParts}.
 */
export function hmsImage(window: HmsWindow): Image<Float32Array> {
  const { signals, minutes, seconds } = hmsWindowParts(window);
  const image = withSpectrograms(minutes, seconds);
  drawTraces(image, hmsTraces(signals), { ...HMS_RASTER, left: HMS_SPECTROGRAM_SIDE });
  return image;
}
