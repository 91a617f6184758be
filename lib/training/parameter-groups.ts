/**
 * Parameter groups: weights that learn at another rate, or decay differently. Every weight belongs to exactly one group,
 * so that none is forgotten and none is meant twice.
 */
import { SignalbookError } from "../core/errors";
import type { tf } from "../engine";

/** Which weights: those that fit all that is said here. */
export interface ParameterSelection {
  /** Names that begin so: "blocks.3." */
  prefixes?: readonly string[];
  /** A regular expression that a name matches somewhere. */
  pattern?: string;
  /** true: vectors, that is norms' weights and all biases. false: all others. */
  vectors?: boolean;
}

export interface ParameterGroup {
  name: string;
  /** "rest": all that no other group selects; at most one group may say so. */
  select: ParameterSelection | "rest";
  /** What the learning rate is multiplied by. Default 1. */
  rateFactor?: number;
  /** Default the optimizer's. */
  weightDecay?: number;
}

/** What a group comes to for its weights. */
export interface SettledGroup {
  name: string;
  rateFactor: number;
  weightDecay: number;
}

/**
 * The group of each weight. Without groups all weights are one.
 * Throws where a weight is in no group or in two, a group selects nothing, or two have one name.
 */
export function settleGroups(
  parameters: ReadonlyMap<string, tf.Variable>,
  groups: readonly ParameterGroup[] | undefined,
  weightDecay: number,
): Map<string, SettledGroup> {
  if (groups === undefined) {
    const all = { name: "all", rateFactor: 1, weightDecay };
    return new Map([...parameters.keys()].map((name) => [name, all]));
  }
  requireGroups(groups);
  const settled = new Map(groups.map((group) => [group, settle(group, weightDecay)]));
  const explicit = groups.flatMap(({ select }, i) => (select === "rest" ? [] : [{ select, group: groups[i]! }]));
  const rest = groups.find(({ select }) => select === "rest");
  const found = new Map<string, SettledGroup>();
  const problems: string[] = [];
  for (const [name, variable] of parameters) {
    const chosen = explicit.filter(({ select }) => selects(select, name, variable)).map(({ group }) => group);
    if (chosen.length === 0 && rest !== undefined) chosen.push(rest);
    if (chosen.length === 1) found.set(name, settled.get(chosen[0]!)!);
    else problems.push(`${name} is in ${chosen.map((group) => group.name).join(" and ") || "no group"}`);
  }
  const used = new Set(found.values());
  for (const group of settled.values())
    if (!used.has(group) && problems.length === 0) problems.push(`group ${group.name} selects no weight`);
  if (problems.length > 0)
    throw new SignalbookError("parameter groups that do not divide the weights", {
      found: problems.slice(0, 5).join("; ") + (problems.length > 5 ? `; and ${problems.length - 5} more` : ""),
      expected: "each weight in exactly one group",
    });
  return found;
}

function settle({ name, rateFactor = 1, weightDecay: own }: ParameterGroup, weightDecay: number): SettledGroup {
  return { name, rateFactor, weightDecay: own ?? weightDecay };
}

function requireGroups(groups: readonly ParameterGroup[]): void {
  const names = groups.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new SignalbookError("two parameter groups of one name", { found: twice });
  if (groups.filter(({ select }) => select === "rest").length > 1)
    throw new SignalbookError("more than one parameter group selects the rest");
  for (const { name, rateFactor = 1, weightDecay = 0 } of groups)
    if (!(rateFactor >= 0 && weightDecay >= 0 && Number.isFinite(rateFactor + weightDecay)))
      throw new SignalbookError("a parameter group's numbers out of range", {
        place: `group ${name}`,
        found: `rate factor ${rateFactor}, weight decay ${weightDecay}`,
        expected: "0 or more",
      });
}

function selects({ prefixes, pattern, vectors }: ParameterSelection, name: string, variable: tf.Variable): boolean {
  if (prefixes !== undefined && !prefixes.some((prefix) => name.startsWith(prefix))) return false;
  if (pattern !== undefined && !new RegExp(pattern).test(name)) return false;
  return vectors === undefined || vectors === isVector(name, variable);
}

/** timm's rule of what does not decay: one axis or none, or a bias. */
function isVector(name: string, { rank }: tf.Variable): boolean {
  return rank <= 1 || name.endsWith(".bias");
}

/** Two groups: vectors (norms and biases) do not decay, all other weights do. */
export function noDecayOnVectors(weightDecay: number): ParameterGroup[] {
  return [
    { name: "decay", select: { vectors: false }, weightDecay },
    { name: "no decay", select: { vectors: true }, weightDecay: 0 },
  ];
}

export interface LayerwiseOptions {
  /** Prefixes of names, from the input to the head; together they cover all weights. */
  layers: readonly (readonly string[])[];
  /** What the rate is multiplied by from each layer to the one before it; the last layer's factor is 1. */
  decay: number;
  /** Of all weights but vectors, which do not decay. Default the optimizer's, for all weights. */
  weightDecay?: number;
}

/** Layer-wise learning rates (as in BEiT's fine-tuning, Bao et al. 2021): the closer to the input, the smaller. */
export function layerwiseRates({ layers, decay, weightDecay }: LayerwiseOptions): ParameterGroup[] {
  if (!(decay > 0 && decay <= 1))
    throw new SignalbookError("a layer-wise decay out of range", {
      found: String(decay),
      expected: "above 0, up to 1",
    });
  return layers.flatMap((prefixes, i): ParameterGroup[] => {
    const rateFactor = decay ** (layers.length - 1 - i);
    const name = `layer ${i}`;
    if (weightDecay === undefined) return [{ name, select: { prefixes }, rateFactor }];
    return [
      { name: `${name}, decay`, select: { prefixes, vectors: false }, rateFactor, weightDecay },
      { name: `${name}, no decay`, select: { prefixes, vectors: true }, rateFactor, weightDecay: 0 },
    ];
  });
}
