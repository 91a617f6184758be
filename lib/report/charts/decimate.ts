/** Fewer points for the same picture: of each short stretch of samples the lowest and the highest are kept, in order. */

/** One point of a trace: time in seconds from the first sample, value in the samples' unit. */
export interface TracePoint {
  seconds: number;
  value: number;
}

/**
 * The points to draw of `samples`: all of them, or two (minimum and maximum, at their own times) of every
 * 2 / `pointsPerSecond` seconds when there are more. Peaks survive, as they don't when every n-th sample is taken.
 * NaN samples are left out.
 */
export function tracePoints(
  samples: ArrayLike<number>,
  sampleRate: number,
  pointsPerSecond: number = Number.POSITIVE_INFINITY,
): TracePoint[] {
  const points: TracePoint[] = [];
  const add = (index: number) => points.push({ seconds: index / sampleRate, value: samples[index]! });
  const stretch = Math.floor((2 * sampleRate) / pointsPerSecond);
  for (let from = 0; from < samples.length; from += Math.max(1, stretch)) {
    if (stretch <= 2) {
      if (!Number.isNaN(samples[from]!)) add(from);
      continue;
    }
    const extremes = extremesOf(samples, from, Math.min(from + stretch, samples.length));
    for (const index of extremes) add(index);
  }
  return points;
}

/** Indices of the lowest and the highest sample in [from, to), in order of time; one where they are the same. */
function extremesOf(samples: ArrayLike<number>, from: number, to: number): number[] {
  let low = -1;
  let high = -1;
  for (let i = from; i < to; i++) {
    const value = samples[i]!;
    if (Number.isNaN(value)) continue;
    if (low < 0 || value < samples[low]!) low = i;
    if (high < 0 || value > samples[high]!) high = i;
  }
  if (low < 0) return [];
  return low === high ? [low] : low < high ? [low, high] : [high, low];
}
