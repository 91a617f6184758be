/** One part held back, once: by naming subjects, or by drawing them. Fold 0 of the split is the part held back. */
import { SignalbookError } from "../core/errors";
import { Generator } from "../core/random";
import { distinct, type Label, makeSplit, type Split } from "./folds";

/**
 * The examples of these groups held back.
 * @throws SignalbookError for a group that has no example, and where nothing is left to train on
 */
export function holdOutGroups(groups: readonly Label[], held: readonly Label[]): Split {
  const names = new Set(groups.map(String));
  const wanted = new Set(held.map(String));
  const unknown = [...wanted].filter((name) => !names.has(name));
  if (unknown.length > 0)
    throw new SignalbookError("groups to hold back that no example has", { found: unknown.join(", ") });
  if (wanted.size === 0 || wanted.size === names.size)
    throw new SignalbookError("nothing on one side of the split", {
      found: `${wanted.size} of ${names.size} groups held back`,
    });
  return split(groups, wanted, null);
}

/**
 * A share of the groups drawn and held back, rounded up: scikit-learn's GroupShuffleSplit, with the same seed the same
 * groups.
 * @param share above 0 and below 1
 */
export function holdOutShare(groups: readonly Label[], share: number, seed: number): Split {
  const { names } = distinct(groups);
  const held = Math.ceil(share * names.length);
  if (!(share > 0 && share < 1) || held >= names.length)
    throw new SignalbookError("a share to hold back out of range", {
      found: `${share} of ${names.length} groups`,
      expected: "above 0 and below 1, with a group left to train on",
    });
  const drawn = new Generator(seed).permutation(names.length).subarray(0, held);
  return split(groups, new Set(Array.from(drawn, (g) => String(names[g]!))), seed);
}

function split(groups: readonly Label[], held: ReadonlySet<string>, seed: number | null): Split {
  const foldOf = groups.map((group) => (held.has(String(group)) ? 0 : -1));
  return makeSplit({ kind: "hold-out", folds: 1, seed, foldOf, groups: groups.map(String) });
}
