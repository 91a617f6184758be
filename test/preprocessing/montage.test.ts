import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import { readEdf, type Signal } from "../../lib/formats";
import {
  AASM_BACKUP_MONTAGE,
  AASM_CHIN_MONTAGE,
  AASM_SLEEP_MONTAGE,
  applyMontage,
  averageReference,
  bipolarMontage,
  derivation,
  ELECTRODES_10_20,
  electrodeChannel,
  electrodeKey,
  HMS_CHAINS,
  LONGITUDINAL_CHAINS,
  linkedMastoids,
  MAIC_SLEEP_MONTAGE,
  TRANSVERSE_CHAINS,
} from "../../lib/preprocessing";
import { maxDifference, throwsProblem } from "../support/problems";

const SAMPLES = 7;
const channel = (label: string, samples: ArrayLike<number> = [1, 2], more: Partial<Signal> = {}): Signal => ({
  label,
  unit: "uV",
  sampleRate: 200,
  samples: Float64Array.from(samples),
  ...more,
});
const labels = (signals: readonly { label: string }[]): string[] => signals.map(({ label }) => label);

/** A head with every electrode of the 10-20 system and both ears, whole numbers in microvolts. */
const head = fc
  .array(fc.array(fc.integer({ min: -500, max: 500 }), { minLength: SAMPLES, maxLength: SAMPLES }), {
    minLength: 21,
    maxLength: 21,
  })
  .map((rows) => [...ELECTRODES_10_20, "A1", "A2"].map((label, i) => channel(label, rows[i]!)));
const of = (signals: readonly Signal[], label: string): ArrayLike<number> =>
  signals.find((signal) => signal.label === label)!.samples;
const property = <T>(values: fc.Arbitrary<T>, check: (value: T) => void): void =>
  fc.assert(fc.property(values, check), { seed: 25, numRuns: 60 });

test("a chain's differences add up to its first electrode against its last", () => {
  property(head, (signals) => {
    for (const chains of [LONGITUDINAL_CHAINS, TRANSVERSE_CHAINS, HMS_CHAINS]) {
      for (const [name, chain] of Object.entries(chains)) {
        const traces = applyMontage(signals, bipolarMontage({ [name]: chain }));
        assert.equal(traces.length, chain.length - 1);
        const sum = Float64Array.from({ length: SAMPLES }, (_, i) =>
          traces.reduce((total, { samples }) => total + samples[i]!, 0),
        );
        const [first, last] = [of(signals, chain[0]!), of(signals, chain.at(-1)!)];
        assert.deepEqual(
          [...sum],
          [...sum.keys()].map((i) => first[i]! - last[i]!),
          name,
        );
      }
    }
  });
});

test("the average reference sums to zero at every sample, and knows nothing of what all electrodes share", () => {
  property(head, (signals) => {
    const traces = applyMontage(signals, averageReference());
    assert.deepEqual(
      labels(traces),
      ELECTRODES_10_20.map((name) => `${name}-Avg`),
    );
    for (let i = 0; i < SAMPLES; i++)
      assert.ok(Math.abs(traces.reduce((total, { samples }) => total + samples[i]!, 0)) < 1e-9);
    const moved = signals.map((signal) => ({ ...signal, samples: Float64Array.from(signal.samples, (v) => v + 64) }));
    applyMontage(moved, averageReference()).forEach(({ samples }, i) => {
      assert.ok(maxDifference(samples, traces[i]!.samples) < 1e-9);
    });
  });
});

test("linked mastoids: the mean of both, by either of their names", () => {
  property(head, (signals) => {
    const [trace] = applyMontage(signals, linkedMastoids(["Pz"]));
    const [left, right, pz] = [of(signals, "A1"), of(signals, "A2"), of(signals, "Pz")];
    assert.deepEqual(
      [...trace!.samples],
      Array.from(pz, (value, i) => value - (left[i]! + right[i]!) / 2),
    );
  });
});

test("the montages' electrodes and their order", () => {
  assert.equal(bipolarMontage(LONGITUDINAL_CHAINS).length, 18);
  assert.equal(bipolarMontage(TRANSVERSE_CHAINS).length, 18);
  assert.deepEqual(labels(bipolarMontage(HMS_CHAINS)), [
    ...["Fp1-F7", "F7-T3", "T3-T5", "T5-O1"],
    ...["Fp1-F3", "F3-C3", "C3-P3", "P3-O1"],
    ...["Fp2-F8", "F8-T4", "T4-T6", "T6-O2"],
    ...["Fp2-F4", "F4-C4", "C4-P4", "P4-O2"],
  ]);
  assert.deepEqual(labels(MAIC_SLEEP_MONTAGE), ["C3-M2", "C4-M1", "O1-M2", "O2-M1", "E1-M2", "E2-M1"]);
  assert.deepEqual(AASM_SLEEP_MONTAGE.at(-1), { label: "E2-M2", plus: "E2", minus: "M2" });
  assert.deepEqual(derivation("EKG"), { label: "EKG", plus: "EKG" });
  // Contralateral mastoids: an even electrode goes with M1, an odd one with M2.
  for (const { plus, minus } of [...AASM_SLEEP_MONTAGE.slice(0, 3), ...AASM_BACKUP_MONTAGE])
    assert.equal(minus, Number(plus.at(-1)) % 2 === 0 ? "M1" : "M2");
  assert.equal(
    AASM_CHIN_MONTAGE.every(({ minus }) => minus === "ChinZ"),
    true,
  );
});

test("labels: the kind in front, capitals, old and new names", () => {
  assert.equal(electrodeKey("EEG FP1"), electrodeKey("Fp1"));
  for (const [old, now] of ["T3 T7", "T4 T8", "T5 P7", "T6 P8", "A1 M1", "A2 M2", "EKG ECG"].map((s) => s.split(" ")))
    assert.equal(electrodeKey(old!), electrodeKey(now!), `${old} ${now}`);
  assert.notEqual(electrodeKey("T3", []), electrodeKey("T7", []));
  const signal = channel("EEG C3-A2");
  assert.deepEqual(electrodeChannel(signal), { electrode: "C3", reference: "M2", signal });
  assert.equal(electrodeChannel(channel("EKG")).reference, "");
  assert.equal(electrodeChannel(channel("EEG Fp1 - Ref")).reference, "REF");
});

test("what was recorded as a derivation is taken as it is; nothing else is made of it", () => {
  const sleep = [channel("EEG Fpz-Cz", [1, 2]), channel("EEG Pz-Oz", [3, 5]), channel("EOG horizontal", [7, 7])];
  const [trace, eog] = applyMontage(sleep, [derivation("Fpz-Cz"), derivation("EOG horizontal")]);
  assert.equal(trace!.samples, sleep[0]!.samples);
  assert.equal(trace!.label, "Fpz-Cz");
  assert.equal(eog!.samples, sleep[2]!.samples);
  throwsProblem(() => applyMontage(sleep, [derivation("Cz-Fpz")]), { place: "electrode Cz", found: /Fpz-Cz.*Pz-Oz/ });
  throwsProblem(() => applyMontage(sleep, [derivation("Fpz-Pz")]), { what: /without a common reference/ });
  // Against one reference, named or not, channels may be subtracted.
  const named = [channel("EEG FP1-REF", [5, 5]), channel("EEG F7-REF", [2, 1]), channel("EEG T3-LE", [0, 0])];
  assert.deepEqual([...applyMontage(named, [derivation("Fp1-F7")])[0]!.samples], [3, 4]);
  throwsProblem(() => applyMontage(named, [derivation("F7-T3")]), { place: "derivation F7-T3", found: /T3-LE/ });
  // An electrode that was recorded both ways: its own channel counts.
  const both = [channel("C3-M2", [9, 9]), channel("C3", [4, 4]), channel("O1", [1, 2])];
  assert.deepEqual([...applyMontage(both, [derivation("C3-O1")])[0]!.samples], [3, 2]);
  assert.equal(applyMontage(both, [derivation("C3")])[0]!.samples, both[1]!.samples);
  assert.equal(applyMontage(both, [derivation("C3-M2")])[0]!.samples, both[0]!.samples);
});

test("a real polysomnography: C3-M2 from C3 and M2 is the C3-M2 that its software wrote", () => {
  const { signals } = readEdf(join(projectRoot, "data", "sample", "psg", "subject1.edf"));
  const recorded = applyMontage(signals, MAIC_SLEEP_MONTAGE);
  const electrodes = signals.filter(({ label }) => /^[CEMO][1-4]$/.test(label));
  assert.equal(electrodes.length, 8);
  const computed = applyMontage(electrodes, MAIC_SLEEP_MONTAGE);
  MAIC_SLEEP_MONTAGE.forEach(({ label }, i) => {
    assert.equal(recorded[i]!.samples, of(signals, label));
    // The header's eight characters cut -0.003276 V to -0.00327 V: 3 uV too much in every channel, none in a difference.
    const shifted = computed[i]!.samples.map((value) => value + 3e-6);
    assert.ok(maxDifference(shifted, recorded[i]!.samples) < 1e-12, `${label}, in V`);
  });
});

test("missing electrodes are all named, beside what is there", () => {
  const signals = ["Fp1", "F7", "EEG T3", "O1"].map((label) => channel(label));
  throwsProblem(() => applyMontage(signals, bipolarMontage(HMS_CHAINS)), {
    what: /electrodes are missing/,
    place: /^electrode T5, F3, C3, P3, Fp2,/,
    found: "Fp1, F7, EEG T3, O1",
  });
  throwsProblem(() => applyMontage(signals, [derivation("T7-F7")], { synonyms: [] }), { place: "electrode T7" });
  assert.equal(applyMontage(signals, [derivation("T7-F7")]).length, 1);
  throwsProblem(() => applyMontage([], [derivation("C3")]), { found: "no signals" });
});

test("double channels, and channels that do not fit together, are refused", () => {
  throwsProblem(() => applyMontage([channel("T3"), channel("T7"), channel("O1")], [derivation("T3-O1")]), {
    what: /two channels/,
    found: "T3, T7",
  });
  const odd = (more: Partial<Signal>): (() => unknown) => {
    const signals = [channel("C3"), channel("M2", [1, 2], more)];
    return () => applyMontage(signals, [derivation("C3-M2")]);
  };
  throwsProblem(odd({ sampleRate: 100 }), { place: "derivation C3-M2", found: /200 Hz.*100 Hz/ });
  throwsProblem(odd({ unit: "mV" }), { found: /uV.*mV/ });
  throwsProblem(odd({ samples: new Float64Array(3) }), { found: /2 samples.*3 samples/ });
  throwsProblem(() => applyMontage([channel("C3")], [{ label: "x", plus: "C3", minus: [] }]), {
    what: /no electrodes/,
  });
});

test("a sample missing in one channel is missing in the difference", () => {
  const [trace] = applyMontage([channel("C3", [1, Number.NaN]), channel("M2", [3, 4])], [derivation("C3-M2")]);
  assert.deepEqual([...trace!.samples], [-2, Number.NaN]);
});
