/** Montages: which electrode is shown against which, as data, and their use on a recording's signals. */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { ELECTRODE_SYNONYMS, type ElectrodeChannel, electrodeChannel, electrodeKey } from "./electrodes";

/** One trace of a montage: the voltage of an electrode against another, or against the mean of several. */
export interface Derivation {
  label: string;
  /** Electrode. */
  plus: string;
  /** Electrode, or several whose mean is subtracted; left out: the channel as it was recorded. */
  minus?: string | readonly string[];
}

export type Montage = readonly Derivation[];

export interface MontageOptions {
  /** Groups of names of one electrode; [] takes labels by their own name only (in any case). */
  synonyms?: readonly (readonly string[])[];
}

/**
 * A montage's traces, in its order and under its labels.
 *
 * A derivation that was itself recorded ("EEG Fpz-Cz" for Fpz against Cz) is taken as it is. Any other is a difference
 * of channels recorded against one and the same reference: no reference in their labels, or the same name behind the
 * dash. Computed samples are Float64Array; NaN in any channel gives NaN. Without `minus`, samples are those recorded.
 * @throws SignalbookError naming every electrode that is missing and the labels that are there; where two channels
 * carry one name; where the electrodes have no reference in common; and where rates, units or lengths differ.
 */
export function applyMontage(
  signals: readonly Signal[],
  montage: Montage,
  { synonyms = ELECTRODE_SYNONYMS }: MontageOptions = {},
): Signal[] {
  const channels = signals.map((signal) => electrodeChannel(signal, synonyms));
  const keys = new Map<string, string>();
  const head = new Head(channels, (name) => {
    if (!keys.has(name)) keys.set(name, electrodeKey(name, synonyms));
    return keys.get(name)!;
  });
  head.checkPresent(montage);
  return montage.map((derivation) => head.derive(derivation));
}

/** A recording's channels, found by electrode. */
class Head {
  private readonly means = new Map<string, Float64Array>();

  constructor(
    private readonly channels: readonly ElectrodeChannel[],
    private readonly key: (name: string) => string,
  ) {}

  /** Every electrode that no channel shows is named at once: a reader mends a montage in one go. */
  checkPresent(montage: Montage): void {
    const missing = new Set<string>();
    for (const derivation of montage) {
      if (this.recorded(derivation) !== undefined) continue;
      for (const name of [derivation.plus, ...negatives(derivation)])
        if (!this.channels.some(({ electrode }) => electrode === this.key(name))) missing.add(name);
    }
    if (missing.size > 0)
      throw new SignalbookError(missing.size === 1 ? "an electrode is missing" : "electrodes are missing", {
        place: `electrode ${[...missing].join(", ")}`,
        found: this.channels.map(({ signal }) => signal.label).join(", ") || "no signals",
        expected: "a channel of each electrode of the montage",
        fix: "choose a montage of the electrodes that are there, or add the recording's names to the synonyms",
      });
  }

  derive(derivation: Derivation): Signal {
    const recorded = this.recorded(derivation);
    if (recorded !== undefined) return { ...recorded, label: derivation.label };
    const names = negatives(derivation);
    const [plus, ...minus] = this.common([derivation.plus, ...names], derivation.label) as [Signal, ...Signal[]];
    for (const signal of minus) checkAlike(plus, signal, derivation.label);
    const mean = this.mean(minus);
    const samples = new Float64Array(plus.samples.length);
    for (let i = 0; i < samples.length; i++) samples[i] = plus.samples[i]! - mean[i]!;
    return { ...plus, label: derivation.label, samples };
  }

  /** The channel that already is this derivation; without `minus`, the electrode's own channel. */
  private recorded(derivation: Derivation): Signal | undefined {
    const { plus, label } = derivation;
    const minus = negatives(derivation);
    if (minus.length > 1) return undefined;
    const own = this.channels.filter(({ electrode }) => electrode === this.key(plus));
    if (minus.length === 1) {
      const against = this.key(minus[0]!);
      return this.only(
        own.filter(({ reference }) => reference === against),
        label,
      );
    }
    const whole = this.channels.filter(({ signal }) => this.key(signal.label) === this.key(plus));
    return this.only(whole.length > 0 ? whole : own, label);
  }

  /** The electrodes' channels against the first reference, in the recording's order, that all of them share. */
  private common(names: readonly string[], label: string): Signal[] {
    const rows = names.map((name) => this.channels.filter(({ electrode }) => electrode === this.key(name)));
    const references = new Set(["", ...rows[0]!.map(({ reference }) => reference)]);
    for (const reference of references) {
      const found = rows.map((row) => row.filter((channel) => channel.reference === reference));
      if (found.every((row) => row.length > 0)) return found.map((row) => this.only(row, label)!);
    }
    throw new SignalbookError("electrodes without a common reference", {
      place: `derivation ${label}`,
      found: [...new Set(rows.flat())].map(({ signal }) => signal.label).join(", "),
      expected: `channels of ${names.join(", ")} against one reference`,
      fix: "only channels recorded against the same electrode may be subtracted",
    });
  }

  private only(found: readonly ElectrodeChannel[], label: string): Signal | undefined {
    if (found.length > 1)
      throw new SignalbookError("two channels for one electrode", {
        place: `derivation ${label}`,
        found: found.map(({ signal }) => signal.label).join(", "),
        expected: "one channel",
        fix: "leave out or rename the others before the montage is applied",
      });
    return found[0]?.signal;
  }

  /** Kept, for a common reference is asked for once a trace. */
  private mean(signals: readonly Signal[]): ArrayLike<number> {
    if (signals.length === 1) return signals[0]!.samples;
    const key = signals.map(({ label }) => label).join("\n");
    const known = this.means.get(key);
    if (known !== undefined) return known;
    const mean = new Float64Array(signals[0]!.samples.length);
    for (const { samples } of signals) for (let i = 0; i < mean.length; i++) mean[i]! += samples[i]!;
    for (let i = 0; i < mean.length; i++) mean[i]! /= signals.length;
    this.means.set(key, mean);
    return mean;
  }
}

function negatives({ label, minus }: Derivation): readonly string[] {
  if (minus === undefined) return [];
  const names = typeof minus === "string" ? [minus] : minus;
  if (names.length === 0)
    throw new SignalbookError("a reference of no electrodes", {
      place: `derivation ${label}`,
      expected: "one or more",
    });
  return names;
}

function checkAlike(plus: Signal, minus: Signal, label: string): void {
  const describe = ({ samples, sampleRate, unit }: Signal): string =>
    `${samples.length} samples at ${sampleRate} Hz in ${unit || "no unit"}`;
  if (describe(plus) === describe(minus)) return;
  throw new SignalbookError("channels that cannot be subtracted", {
    place: `derivation ${label}`,
    found: `${plus.label}: ${describe(plus)}; ${minus.label}: ${describe(minus)}`,
    expected: "one rate, one unit and one length",
    fix: "bring them together with resampleSignal or inUnit first",
  });
}
