import assert from "node:assert/strict";
import { test } from "node:test";
import { bandPower, dpss, multitaper, taperedPower } from "../../lib/preprocessing";
import { type GoldenArray, readGolden } from "../support/golden";
import { maxDifference, throwsProblem } from "../support/problems";

const golden = readGolden<{
  input: { values: GoldenArray };
  fs: number;
  dpss: { n: number; nw: number; kmax: number; windows: GoldenArray; ratios: GoldenArray };
  multitaper_plain: { n: number; output: GoldenArray };
  multitaper_mne: { bandwidth: number; low_bias: boolean; f: GoldenArray; output: GoldenArray };
}>("signals/spectra");
const x = Float64Array.from(golden.input.values.data);
const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);
const slepian = (): ReturnType<typeof dpss> =>
  dpss({ length: golden.dpss.n, halfBandwidth: golden.dpss.nw, count: golden.dpss.kmax });

test("Slepian's tapers and their concentration as SciPy's", () => {
  const { n, windows, ratios } = golden.dpss;
  const found = slepian();
  found.tapers.forEach((values, k) => {
    assert.ok(maxDifference(values, windows.data.subarray(k * n, (k + 1) * n)) < 1e-12, `taper ${k}`);
  });
  assert.ok(maxDifference(found.ratios, ratios.data) < 1e-13);
});

test("Slepian's tapers are of norm 1 and orthogonal, in long signals too", () => {
  const { tapers, ratios } = dpss({ length: 3000, halfBandwidth: 2.5, count: 4 });
  tapers.forEach((a, i) => {
    tapers.forEach((b, j) => {
      const product = a.reduce((sum, value, n) => sum + value * b[n]!, 0);
      assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-10, `${i} and ${j}`);
    });
  });
  assert.ok(ratios[0]! > 0.9999 && ratios[0]! <= 1 + 1e-12);
  for (let k = 1; k < ratios.length; k++) assert.ok(ratios[k]! < ratios[k - 1]!);
  throwsProblem(() => dpss({ length: 8, halfBandwidth: 4, count: 2 }), { found: /half bandwidth 4/ });
  throwsProblem(() => dpss({ length: 8, halfBandwidth: 2, count: 9 }), { found: /9 of 8/ });
});

test("the plain average over tapers as NumPy's", () => {
  const { n, output } = golden.multitaper_plain;
  const power = taperedPower(x.subarray(0, n), slepian().tapers);
  assert.ok(maxDifference(power, output.data) < 1e-12 * largest(output.data));
  throwsProblem(() => taperedPower(x, slepian().tapers), { found: "a taper of 256 values", expected: "tapers of 800" });
});

test("multitaper density as MNE's", () => {
  const { bandwidth, low_bias: lowBias, f, output } = golden.multitaper_mne;
  const { frequencies, power } = multitaper(x, golden.fs, { bandwidth, lowBias });
  assert.ok(maxDifference(frequencies, f.data) < 1e-12);
  assert.ok(maxDifference(power, output.data) < 1e-12 * largest(output.data));
});

test("a sine's power is found whole, whatever the bandwidth; impossible bandwidths are refused", () => {
  const sine = Float64Array.from({ length: 997 }, (_, i) => 3 * Math.sin((2 * Math.PI * 10 * i) / 100));
  for (const bandwidth of [0.5, 2, 4])
    assert.ok(Math.abs(bandPower(multitaper(sine, 100, { bandwidth, lowBias: false }), 5, 15) - 4.5) < 0.05);
  throwsProblem(() => multitaper(sine, 100, { bandwidth: 0.05 }), { found: "0.05 Hz" });
  throwsProblem(() => multitaper(sine, 100, { bandwidth: 0.11 }), { fix: /wider band/ });
  throwsProblem(() => multitaper([], 100), { what: /no samples/ });
});
