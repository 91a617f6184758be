import assert from "node:assert/strict";
import { test } from "node:test";
import { EEG_BAND_EDGES, logBandPowers } from "../../lib/preprocessing";

test("a wave is in its band; twice the amplitude is four times the power", () => {
  const rate = 64;
  const wave = (amplitude: number): Float64Array =>
    Float64Array.from({ length: 30 * rate }, (_, t) => {
      const noise = Math.sin(t * t * 0.37) * 1e-3; // no band is empty
      return amplitude * Math.sin((2 * Math.PI * 9 * t) / rate) + noise;
    });
  const [one, two] = [logBandPowers(wave(1), rate), logBandPowers(wave(2), rate)];
  assert.equal(one.length, EEG_BAND_EDGES.length - 1);
  const strongest = one.indexOf(Math.max(...one));
  assert.deepEqual([EEG_BAND_EDGES[strongest], EEG_BAND_EDGES[strongest + 1]], [8, 10]);
  assert.ok(Math.abs(two[strongest]! - one[strongest]! - Math.log(4)) < 1e-3);
  assert.ok(Math.abs(one[strongest]! - Math.log(0.5)) < 0.05, "a sine of amplitude 1 has power 1/2");
});
