/** Which signal of a recording belongs in which row of a polysomnography image. */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { electrodeChannel, electrodeKey } from "./electrodes";
import type { PsgLayout, PsgRow } from "./psg-layout";

/**
 * A row's signal, named by hand: a label, a position among the signals (for labels that repeat), two of either to be
 * subtracted, or null for a row that is to stay empty.
 */
export type PsgChoice = string | number | readonly [plus: string | number, minus: string | number] | null;

/** Choices by the row's name; rows left out are found by their labels. */
export type PsgChoices = Readonly<Record<string, PsgChoice>>;

export interface PsgChannels {
  /** For each row of the layout: positions of its signal, or of two to be subtracted; null where there is none. */
  rows: ((readonly [signal: number] | readonly [plus: number, minus: number]) | null)[];
  /** Names of the rows that stay empty. */
  missing: string[];
  /** Labels of the signals that no row shows. */
  unused: string[];
}

/**
 * Finds the rows' signals by their labels.
 * @param options.ambiguous where several signals carry a row's label: an error, or the first of them.
 * @throws SignalbookError for a choice that names no row or no signal, and where several signals carry a row's label.
 */
export function psgChannels(
  signals: readonly Pick<Signal, "label">[],
  { rows }: PsgLayout,
  choices: PsgChoices = {},
  { ambiguous = "throw" }: { ambiguous?: "throw" | "first" } = {},
): PsgChannels {
  const unknown = Object.keys(choices).find((name) => !rows.some((row) => row.name === name));
  if (unknown !== undefined)
    throw new SignalbookError("a choice for a row that is not there", {
      found: `"${unknown}"`,
      expected: rows.map(({ name }) => name).join(", "),
    });
  const labels = signals.map(({ label }) => label);
  const one = (row: PsgRow, matches: readonly number[]): number | undefined => {
    if (matches.length > 1 && ambiguous === "throw") throw several(row, matches, labels);
    return matches[0];
  };
  const found = rows.map((row) => {
    const choice = choices[row.name];
    if (choice === undefined) return byElectrodes(row, labels, one) ?? byLabel(row, labels, one);
    if (choice === null) return null;
    if (typeof choice === "string" || typeof choice === "number") return [chosen(row, choice, labels)] as const;
    return [chosen(row, choice[0], labels), chosen(row, choice[1], labels)] as const;
  });
  const used = new Set(found.flatMap((positions) => positions ?? []));
  return {
    rows: found,
    missing: rows.filter((_, i) => found[i] === null).map(({ name }) => name),
    unused: labels.filter((_, i) => !used.has(i)),
  };
}

function chosen(row: PsgRow, choice: string | number, labels: readonly string[]): number {
  if (typeof choice === "string") {
    const matches = positionsOf(labels, (label) => label === choice);
    if (matches.length === 1) return matches[0]!;
    if (matches.length > 1) throw several(row, matches, labels);
  } else if (Number.isInteger(choice) && choice >= 0 && choice < labels.length) return choice;
  throw new SignalbookError("a signal that is not there", {
    place: `row ${row.name}`,
    found: typeof choice === "string" ? `"${choice}"` : String(choice),
    expected: `one of ${labels.join(", ")}, or a position from 0 to ${labels.length - 1}`,
  });
}

/** The electrodes that a label names, without the signal. */
export function labelledElectrodes(label: string): { electrode: string; reference: string } {
  return electrodeChannel({ label, unit: "", sampleRate: 0, samples: new Float32Array(0) });
}

/** The only position among those that match a row; none gives undefined. */
type One = (row: PsgRow, matches: readonly number[]) => number | undefined;

function byElectrodes(
  row: PsgRow,
  labels: readonly string[],
  one: One,
): readonly [number] | readonly [number, number] | null {
  if (row.electrodes === undefined) return null;
  const [plus, minus] = row.electrodes.map((name) => electrodeKey(name)) as [string, string];
  const channels = labels.map(labelledElectrodes);
  const at = (electrode: string, reference: string): number | undefined =>
    one(
      row,
      [...channels.keys()].filter((i) => channels[i]!.electrode === electrode && channels[i]!.reference === reference),
    );
  const recorded = at(plus, minus);
  if (recorded !== undefined) return [recorded];
  for (const { electrode, reference } of channels) {
    if (electrode !== plus) continue;
    const [first, second] = [at(plus, reference), at(minus, reference)];
    if (first !== undefined && second !== undefined) return [first, second];
  }
  return null;
}

function byLabel(row: PsgRow, labels: readonly string[], one: One): readonly [number] | null {
  for (const name of row.labels) {
    const match = one(
      row,
      positionsOf(labels, (label) => plain(label) === plain(name)),
    );
    if (match !== undefined) return [match];
  }
  return null;
}

/** Letters and digits only: "EMG Chin", "emg-chin" and "EMG(chin)" are one label. */
function plain(label: string): string {
  return label.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

function positionsOf(labels: readonly string[], matches: (label: string) => boolean): number[] {
  return [...labels.keys()].filter((i) => matches(labels[i]!));
}

function several(row: PsgRow, positions: readonly number[], labels: readonly string[]): SignalbookError {
  return new SignalbookError("several signals for one row", {
    place: `row ${row.name}`,
    found: positions.map((i) => `${labels[i]} (position ${i})`).join(", "),
    expected: "one signal",
    fix: "choose one by its position",
  });
}
