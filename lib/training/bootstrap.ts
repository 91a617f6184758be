/**
 * Bootstrap intervals that respect groups: patients, not recordings, are drawn with replacement, because two
 * recordings of one patient are not two independent observations.
 */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { quantiles } from "../preprocessing";

export interface BootstrapOptions {
  /** Number of resamples. */
  samples: number;
  seed: number;
  /** Share of resamples inside the interval: 0.95. */
  level: number;
}

export interface BootstrapInterval {
  /** The statistic on the examples as they are. */
  estimate: number;
  low: number;
  high: number;
  level: number;
  /** Resamples asked for. */
  samples: number;
  /** Resamples in which the statistic was not defined (a class missing, say) and which are not in the interval. */
  undefinedSamples: number;
  groups: number;
}

/**
 * Percentile interval of a statistic over resampled groups.
 * @param groups the group (patient) of every example
 * @param statistic of the examples with these indices (an index repeats as often as its group was drawn); null where
 *   it is not defined
 * Throws where the statistic is not defined on the examples themselves, or in more than half of the resamples.
 */
export function bootstrapInterval(
  groups: readonly string[],
  statistic: (indices: Int32Array) => number | null,
  { samples, seed, level }: BootstrapOptions,
): BootstrapInterval {
  if (!(level > 0 && level < 1))
    throw new SignalbookError("a level out of range", { found: String(level), expected: "above 0 and below 1" });
  if (!Number.isInteger(samples) || samples < 1)
    throw new SignalbookError("a number of resamples out of range", { found: String(samples), expected: "1 or more" });
  const members = new Map<string, number[]>();
  groups.forEach((group, i) => {
    const known = members.get(group);
    if (known === undefined) members.set(group, [i]);
    else known.push(i);
  });
  const lists = [...members.values()];
  const estimate = lists.length === 0 ? null : statistic(Int32Array.from({ length: groups.length }, (_, i) => i));
  if (estimate === null)
    throw new SignalbookError("the statistic to bootstrap is not defined on these examples", {
      found: `${groups.length} examples of ${lists.length} groups`,
    });
  const random = new Generator(seed);
  const values: number[] = [];
  for (let s = 0; s < samples; s++) {
    const drawn: number[] = [];
    for (let g = 0; g < lists.length; g++) drawn.push(...lists[random.below(lists.length)]!);
    const value = statistic(Int32Array.from(drawn));
    if (value !== null) values.push(value);
  }
  if (values.length * 2 < samples)
    throw new SignalbookError("too few resamples in which the statistic is defined", {
      found: `${values.length} of ${samples}`,
      expected: "at least half",
      fix: "use more examples of the rare classes, or a statistic that is defined without them",
    });
  const [low, high] = quantiles(values, [(1 - level) / 2, (1 + level) / 2]) as [number, number];
  return {
    estimate,
    low,
    high,
    level,
    samples,
    undefinedSamples: samples - values.length,
    groups: lists.length,
  };
}
