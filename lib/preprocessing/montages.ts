/** Montages in use, as data. Electrodes by their names in the 10-20 system; synonyms are the electrodes' business. */
import type { Derivation, Montage } from "./montage";

/** Chains of electrodes by name; neighbours along a chain are subtracted from each other. */
export type Chains = Readonly<Record<string, readonly string[]>>;

const electrodes = (names: string): readonly string[] => names.split(" ");

/** Front to back over each side and the midline: the "double banana". */
export const LONGITUDINAL_CHAINS: Chains = {
  "left temporal": electrodes("Fp1 F7 T3 T5 O1"),
  "left parasagittal": electrodes("Fp1 F3 C3 P3 O1"),
  midline: electrodes("Fz Cz Pz"),
  "right parasagittal": electrodes("Fp2 F4 C4 P4 O2"),
  "right temporal": electrodes("Fp2 F8 T4 T6 O2"),
};

/** From the left ear's side to the right's, row by row. */
export const TRANSVERSE_CHAINS: Chains = {
  frontopolar: electrodes("F7 Fp1 Fp2 F8"),
  frontal: electrodes("F7 F3 Fz F4 F8"),
  central: electrodes("T3 C3 Cz C4 T4"),
  parietal: electrodes("T5 P3 Pz P4 T6"),
  occipital: electrodes("T5 O1 O2 T6"),
};

/** The four chains of system 002's 50-second spectrograms, in its order and under its code's names. */
export const HMS_CHAINS: Chains = {
  LL: electrodes("Fp1 F7 T3 T5 O1"),
  LP: electrodes("Fp1 F3 C3 P3 O1"),
  RP: electrodes("Fp2 F8 T4 T6 O2"),
  RR: electrodes("Fp2 F4 C4 P4 O2"),
};

/** The differences of neighbours along each chain, chain after chain: Fp1-F7, F7-T3 ... */
export function bipolarMontage(chains: Chains): Montage {
  return Object.values(chains).flatMap((chain) =>
    chain.slice(1).map((minus, i) => ({ label: `${chain[i]}-${minus}`, plus: chain[i]!, minus })),
  );
}

/** The 19 electrodes of the 10-20 system, ears left out. */
export const ELECTRODES_10_20: readonly string[] = electrodes(
  "Fp1 Fp2 F7 F3 Fz F4 F8 T3 C3 Cz C4 T4 T5 P3 Pz P4 T6 O1 O2",
);

/** Each electrode against the mean of all of them. */
export function averageReference(names: readonly string[] = ELECTRODES_10_20): Montage {
  return names.map((plus) => ({ label: `${plus}-Avg`, plus, minus: names }));
}

/** Each electrode against the mean of both mastoids (or ear lobes, where those were recorded). */
export function linkedMastoids(names: readonly string[] = ELECTRODES_10_20): Montage {
  return names.map((plus) => ({ label: `${plus}-M1M2`, plus, minus: ["M1", "M2"] }));
}

/** "C3-M2" as a derivation, and "ECG" as a channel as it was recorded. */
export function derivation(label: string): Derivation {
  const [plus, minus] = label.split("-") as [string, string?];
  return minus === undefined ? { label, plus } : { label, plus, minus };
}

/** The AASM manual's recommended EEG and EOG derivations: each side against the other side's mastoid. */
export const AASM_SLEEP_MONTAGE: Montage = ["F4-M1", "C4-M1", "O2-M1", "E1-M2", "E2-M2"].map(derivation);

/** The manual's backup derivations, for a night with a faulty electrode among the recommended ones. */
export const AASM_BACKUP_MONTAGE: Montage = ["F3-M2", "C3-M2", "O1-M2"].map(derivation);

/** The manual's chin EMG: either electrode below the chin against the one above it. */
export const AASM_CHIN_MONTAGE: Montage = ["Chin1-ChinZ", "Chin2-ChinZ"].map(derivation);

/** EEG and EOG rows of the images of systems 000 and 001, in their order from top to bottom. */
export const MAIC_SLEEP_MONTAGE: Montage = ["C3-M2", "C4-M1", "O1-M2", "O2-M1", "E1-M2", "E2-M1"].map(derivation);
