import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  flipHms,
  flipPermutation,
  flipSignals,
  HMS_BLOCK_FLIP,
  mirroredLabel,
  permuteBlocks,
} from "../../lib/augmentation";
import type { Signal } from "../../lib/formats";
import { applyMontage, bipolarMontage, HMS_CHAINS, MAIC_SLEEP_MONTAGE } from "../../lib/preprocessing";
import { readGolden } from "../support/golden";
import { picture } from "../support/pictures";
import { throwsProblem } from "../support/problems";

const { eeg_flip: golden } = readGolden<{
  eeg_flip: {
    channels: string[];
    permutation: number[];
    spectrogram_groups_LL_LP_RL_RP: number[];
    chains: number[];
  };
}>("rules");

const head = fc
  .array(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 3, maxLength: 3 }), { minLength: 20, maxLength: 20 })
  .map((rows) =>
    golden.channels.map(
      (label, i): Signal => ({ label, unit: "uV", sampleRate: 200, samples: Float32Array.from(rows[i]!) }),
    ),
  );

test("the published permutations of channels, regions and chains", () => {
  assert.deepEqual(flipPermutation(golden.channels), golden.permutation);
  assert.deepEqual(HMS_BLOCK_FLIP, golden.spectrogram_groups_LL_LP_RL_RP);
  assert.deepEqual(HMS_BLOCK_FLIP, golden.chains);
});

test("twice mirrored is the head itself; once, the chains have changed sides", () => {
  fc.assert(
    fc.property(head, (signals) => {
      const before = structuredClone(signals);
      const flipped = flipSignals(signals);
      assert.deepEqual(signals, before);
      assert.deepEqual(
        flipped.map(({ label }) => label),
        golden.channels,
      );
      assert.deepEqual(flipSignals(flipped), signals);
      const { LL, LP, RP, RR } = HMS_CHAINS;
      const traces = (of: readonly Signal[], ...chains: (readonly string[])[]) =>
        applyMontage(of, bipolarMontage(Object.fromEntries(chains.map((chain, i) => [i, chain])))).map(
          ({ samples }) => samples,
        );
      assert.deepEqual(traces(flipped, LL!, LP!), traces(signals, RP!, RR!));
    }),
    { seed: 14, numRuns: 40 },
  );
});

test("sleep derivations change sides with their mastoids; what has no side stays", () => {
  const labels = [...MAIC_SLEEP_MONTAGE.map(({ label }) => label), "Cz", "EKG", "chin", "V1"];
  assert.deepEqual(flipPermutation(labels), [1, 0, 3, 2, 5, 4, 6, 7, 8, 9]);
  assert.equal(mirroredLabel("EEG Fp1-A2"), "FP2-M1");
  assert.equal(mirroredLabel("T3"), mirroredLabel("T7"));
  throwsProblem(() => flipPermutation(["C3", "Cz"]), { place: "channel C3", expected: "C4 once" });
  throwsProblem(() => flipPermutation(["T3", "T4", "T8"]), { expected: "T8 once" });
});

test("blocks of columns: both HMS spectrograms, twice is identity", () => {
  const shapes = fc.record({
    height: fc.integer({ min: 1, max: 4 }),
    block: fc.integer({ min: 1, max: 5 }),
    channels: fc.constantFrom(1, 2),
  });
  fc.assert(
    fc.property(shapes, ({ height, block, channels }) => {
      const width = 4 * block;
      const image = picture(
        [height, width, channels],
        Float32Array.from({ length: height * width * channels }, (_, i) => i),
      );
      const flipped = permuteBlocks(image);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          assert.equal(
            flipped.pixels[(y * width + x) * channels],
            image.pixels[(y * width + ((x + width / 2) % width)) * channels],
          );
      assert.deepEqual(permuteBlocks(flipped), image);
    }),
    { seed: 15, numRuns: 40 },
  );
  throwsProblem(() => permuteBlocks(picture([1, 6], new Float32Array(6))), { found: /6 columns/ });
  throwsProblem(() => permuteBlocks(picture([1, 4], new Float32Array(4)), [0, 0, 1, 2]), { expected: /each block/ });
});

test("all parts of an HMS example are mirrored together", () => {
  const signals = golden.channels.map(
    (label, i): Signal => ({ label, unit: "uV", sampleRate: 200, samples: Float32Array.of(i) }),
  );
  const parts = {
    signals,
    minutes: picture([1, 4], Float32Array.of(0, 1, 2, 3)),
    seconds: picture([1, 8], Float32Array.of(0, 0, 1, 1, 2, 2, 3, 3)),
  };
  const flipped = flipHms(parts);
  assert.deepEqual(
    flipped.signals.map(({ samples }) => samples[0]),
    golden.permutation,
  );
  assert.deepEqual(flipped.minutes.pixels, Float32Array.of(2, 3, 0, 1));
  assert.deepEqual(flipped.seconds.pixels, Float32Array.of(2, 2, 3, 3, 0, 0, 1, 1));
  assert.deepEqual(flipHms(flipped), parts);
});
