/** What a channel's label says about electrodes: "EEG C3-A2" is C3 against A2, and A2 is another name of M2. */
import type { Signal } from "../formats";

/**
 * Names of one place on the head (the 10-10 system renamed four places of the 10-20 system) and labels that files use
 * for one another: the ear lobe A1 and the mastoid M1 lie side by side, and many files write one for the other.
 */
export const ELECTRODE_SYNONYMS: readonly (readonly string[])[] = [
  ["T7", "T3"],
  ["T8", "T4"],
  ["P7", "T5"],
  ["P8", "T6"],
  ["M1", "A1"],
  ["M2", "A2"],
  ["E1", "LOC", "EOG1"],
  ["E2", "ROC", "EOG2"],
  ["EKG", "ECG"],
];

/** A channel as its label names it. */
export interface ElectrodeChannel {
  /** The electrode, in the form that {@link electrodeKey} gives. */
  electrode: string;
  /** What it was recorded against, in the same form; "" where the label does not say. */
  reference: string;
  signal: Signal;
}

/** A leading kind of signal, as the EDF+ standard has it in labels: "EEG Fpz-Cz". */
const KIND = /^(?:EEG|EOG|ECG|EKG|EMG)\s+(?=\S)/i;

/** One spelling for every electrode name: no kind in front, capitals, the first of its synonyms. */
export function electrodeKey(label: string, synonyms = ELECTRODE_SYNONYMS): string {
  const name = label.trim().replace(KIND, "").replace(/\s+/g, " ").toUpperCase();
  const [first = name] = synonyms.find((group) => group.some((synonym) => synonym.toUpperCase() === name)) ?? [];
  return first.toUpperCase();
}

/** The electrode a channel shows and the one it was recorded against: "C3-A2", "Fp1-REF", "C3". */
export function electrodeChannel(signal: Signal, synonyms = ELECTRODE_SYNONYMS): ElectrodeChannel {
  const parts = signal.label.trim().replace(KIND, "").split("-");
  const [plus = "", minus = ""] = parts.length === 2 && parts.every((part) => part.trim() !== "") ? parts : [];
  if (plus === "") return { electrode: electrodeKey(signal.label, synonyms), reference: "", signal };
  return { electrode: electrodeKey(plus, synonyms), reference: electrodeKey(minus, synonyms), signal };
}
