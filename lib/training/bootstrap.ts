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
  options: BootstrapOptions,
): BootstrapInterval {
  return bootstrapIntervals(groups, (indices) => ({ statistic: statistic(indices) }), options)["statistic"]!;
}

/**
 * As {@link bootstrapInterval}, of several statistics by name, all from the same resamples: dearer statistics share
 * their work, and their differences are those of paired samples.
 */
export function bootstrapIntervals(
  groups: readonly string[],
  statistics: (indices: Int32Array) => Readonly<Record<string, number | null>>,
  { samples, seed, level }: BootstrapOptions,
): Record<string, BootstrapInterval> {
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
  if (lists.length === 0) throw notDefined("statistic", groups.length, 0);
  const estimates = statistics(Int32Array.from({ length: groups.length }, (_, i) => i));
  const names = Object.keys(estimates);
  for (const name of names) if (estimates[name] === null) throw notDefined(name, groups.length, lists.length);
  const random = new Generator(seed);
  const values = new Map(names.map((name): [string, number[]] => [name, []]));
  for (let s = 0; s < samples; s++) {
    const drawn = lists.map(() => lists[random.below(lists.length)]!);
    const found = statistics(Int32Array.from(drawn.flat()));
    for (const name of names) if (found[name] !== null) values.get(name)!.push(found[name]!);
  }
  const interval = (name: string): BootstrapInterval => {
    const defined = values.get(name)!;
    if (defined.length * 2 < samples)
      throw new SignalbookError("too few resamples in which the statistic is defined", {
        place: name,
        found: `${defined.length} of ${samples}`,
        expected: "at least half",
        fix: "use more examples of the rare classes, or a statistic that is defined without them",
      });
    const [low, high] = quantiles(defined, [(1 - level) / 2, (1 + level) / 2]) as [number, number];
    const undefinedSamples = samples - defined.length;
    return { estimate: estimates[name]!, low, high, level, samples, undefinedSamples, groups: lists.length };
  };
  return Object.fromEntries(names.map((name) => [name, interval(name)]));
}

function notDefined(name: string, examples: number, groups: number): SignalbookError {
  return new SignalbookError("the statistic to bootstrap is not defined on these examples", {
    place: name,
    found: `${examples} examples of ${groups} groups`,
  });
}
