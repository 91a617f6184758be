/** A window of EEG as a few numbers, for classifiers that draw straight lines. */
import { bandPower, welch } from "./spectra";

/** Edges of eleven bands in Hz: delta, theta, alpha, sigma and beta, each in parts. */
export const EEG_BAND_EDGES = [0.5, 1, 2, 4, 6, 8, 10, 12, 14, 16, 20, 25] as const;
/** Of Welch's segments. */
const SEGMENT_SECONDS = 4;

/**
 * Natural logarithms of a window's power in each band.
 * @param samples of one derivation; 4 s or more
 * @param sampleRate Hz, more than twice the last edge
 * @throws SignalbookError as welch
 */
export function logBandPowers(
  samples: ArrayLike<number>,
  sampleRate: number,
  edges: readonly number[] = EEG_BAND_EDGES,
): Float64Array {
  const spectrum = welch(samples, sampleRate, { segment: Math.round(SEGMENT_SECONDS * sampleRate) });
  return Float64Array.from(edges.slice(1), (high, band) => Math.log(bandPower(spectrum, edges[band]!, high)));
}
