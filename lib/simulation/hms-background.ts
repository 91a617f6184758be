/**
 * The background of a critically ill brain's EEG: none is like the next. Slowing is the rule, diffuse, focal or both, with or
 * without a pattern in it; sides and regions differ in amplitude. So a band's mean power says little about the pattern.
 */
import type { Generator } from "../core/random";
import { type Density, mixedNoise, peak, powerLaw } from "./noise";
import { diffuseSlowing, focalSlowing, type PatternSource, type Stretch } from "./patterns";
import type { Place } from "./scalp";

/** Places the background comes from, and what its alpha rhythm is largest in. */
const SITES: readonly { place: Place; alpha: number }[] = [
  { place: [-0.45, 0.6], alpha: 0.3 },
  { place: [0.45, 0.6], alpha: 0.3 },
  { place: [-0.7, 0], alpha: 0.5 },
  { place: [0.7, 0], alpha: 0.5 },
  { place: [0, 0.1], alpha: 0.6 },
  { place: [-0.4, -0.65], alpha: 1 },
  { place: [0.4, -0.65], alpha: 1 },
];
const SPREAD = 0.5;
/** Each rhythm's usual deviation at a site in µV, and how widely it differs between EEGs (of its logarithm). */
const RHYTHMS = {
  broad: { usual: 9, differs: 0.2, density: powerLaw(1.6, 0.5, 60) },
  delta: { usual: 8, differs: 0.5, density: peak(2, 1) },
  theta: { usual: 5.5, differs: 0.6, density: peak(5.5, 1.6) },
  alpha: { usual: 5, differs: 0.7, density: peak(9, 1) },
  // Sedatives add fast activity, or take it away with all else.
  beta: { usual: 2.5, differs: 0.7, density: peak(19, 4) },
} satisfies Record<string, { usual: number; differs: number; density: Density }>;
/** Of a site's amplitude, and of its slow rhythms beside. */
const SITES_DIFFER = { all: 0.25, slow: 0.3 } as const;
/** Irregular slowing, as a multiple of the background's deviation. */
const SLOWING = [0.2, 1.2] as const;

export interface IcuBackground {
  sources: PatternSource[];
  /** µV: the deviation of what a site gives. */
  level: number;
}

export function icuBackground({ length, sampleRate }: Stretch, random: Generator): IcuBackground {
  const about = (usual: number, differs: number): number => usual * Math.exp(differs * random.normal());
  const drawn = (rhythm: keyof typeof RHYTHMS): number => about(RHYTHMS[rhythm].usual, RHYTHMS[rhythm].differs);
  const [broad, delta, theta] = [drawn("broad"), drawn("delta"), drawn("theta")];
  const [alpha, beta] = [drawn("alpha"), drawn("beta")];
  const left = about(1, SITES_DIFFER.all);
  const sources: PatternSource[] = SITES.map((site) => {
    // A side, or one region, may be larger (a defect of the skull) or smaller (blood below it).
    const here = about(site.place[0] < 0 ? left : 1, SITES_DIFFER.all);
    const rhythms = [
      { deviation: here * broad, density: RHYTHMS.broad.density },
      { deviation: about(here * delta, SITES_DIFFER.slow), density: RHYTHMS.delta.density },
      { deviation: about(here * theta, SITES_DIFFER.slow), density: RHYTHMS.theta.density },
      { deviation: here * alpha * site.alpha, density: RHYTHMS.alpha.density },
      { deviation: here * beta, density: RHYTHMS.beta.density },
    ];
    return { samples: mixedNoise(length, sampleRate, rhythms, random), place: site.place, spread: SPREAD };
  });
  const level = Math.hypot(broad, delta, theta, alpha / 2);
  const always = { length, sampleRate, from: 0, to: length / sampleRate };
  for (const slowing of [diffuseSlowing, focalSlowing])
    sources.push(...slowing(always, level * random.uniform(...SLOWING), random));
  return { sources, level };
}
