import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { inventedPlaces, type PairRules, pairSampler, type WindowPlace } from "../../lib/training/relative-positioning";
import { readGolden } from "../support/golden";

interface PairCase {
  recordings: number[];
  onsets: number[];
  tau_pos: number;
  tau_neg: number;
  tau_max: number | null;
  same_recording: boolean;
  seed: number;
  pairs: [number, number, number][];
}

readGolden<{ cases: PairCase[] }>("stats/pairs").cases.forEach((c, index) => {
  test(`case ${index}: seed ${c.seed} draws braindecode's very pairs`, () => {
    const places = c.recordings.map((r, i): WindowPlace => ({ recording: `r${r}`, onsetSeconds: c.onsets[i]! }));
    const sampler = pairSampler(places, {
      tauPosSeconds: c.tau_pos,
      tauNegSeconds: c.tau_neg,
      tauMaxSeconds: c.tau_max ?? undefined,
      negatives: c.same_recording ? "same recording" : "another recording",
    });
    const pairs = sampler.sample(c.pairs.length, c.seed).map((p) => [p.first, p.second, Number(p.close)]);
    assert.deepEqual(pairs, c.pairs);
  });
});

const night = (recording: string, windows: number, from = 0): WindowPlace[] =>
  Array.from({ length: windows }, (_, i) => ({ recording, onsetSeconds: from + i * 30 }));
const published: PairRules = { tauPosSeconds: 60, tauNegSeconds: 900 };

test("whatever the times, every pair keeps the rules, and the same seed draws the same pairs", () => {
  const rules = fc.record({
    windows: fc.integer({ min: 12, max: 40 }),
    tauPosSeconds: fc.integer({ min: 30, max: 120 }),
    far: fc.integer({ min: 0, max: 60 }),
    reach: fc.option(fc.integer({ min: 60, max: 300 }), { nil: undefined }),
    positives: fc.constantFrom(0, 0.2, 0.5, 0.9, 1),
    negatives: fc.constantFrom("same recording" as const, "another recording" as const),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(rules, ({ windows, far, reach, seed, tauPosSeconds, positives, negatives }) => {
      const tauNegSeconds = tauPosSeconds + far;
      const tauMaxSeconds = reach === undefined ? undefined : tauNegSeconds + reach;
      const places = ["a", "b", "c"].flatMap((name, r) => night(name, windows + r, r * 7));
      const sampler = pairSampler(places, {
        ...{ tauPosSeconds, tauNegSeconds, tauMaxSeconds, positives, negatives },
        partnerless: "leave out",
      });
      const pairs = sampler.sample(60, seed);
      assert.deepEqual(sampler.sample(60, seed), pairs);
      for (const { first, second, close } of pairs) {
        const [a, b] = [places[first]!, places[second]!];
        const distance = Math.abs(a.onsetSeconds - b.onsetSeconds);
        assert.notEqual(first, second);
        if (close || negatives === "same recording") assert.equal(a.recording, b.recording);
        else assert.notEqual(a.recording, b.recording);
        if (close) assert.ok(distance <= tauPosSeconds && distance > 0);
        else if (negatives === "same recording")
          assert.ok(distance >= tauNegSeconds && distance <= (tauMaxSeconds ?? Number.POSITIVE_INFINITY));
      }
      if (positives === 0 || positives === 1) assert.ok(pairs.every(({ close }) => close === (positives === 1)));
    }),
    { seed: 3, numRuns: 60 },
  );
});

test("the share of close pairs is the chance asked for, and recordings are drawn alike, whatever their length", () => {
  const places = [...night("short", 70), ...night("long", 700)];
  for (const positives of [0.2, 0.5, 0.8]) {
    const pairs = pairSampler(places, { ...published, positives }).sample(4000, 1);
    const share = pairs.filter(({ close }) => close).length / pairs.length;
    assert.ok(Math.abs(share - positives) < 0.03, `${share} for ${positives}`);
    const short = pairs.filter(({ first }) => first < 70).length / pairs.length;
    assert.ok(Math.abs(short - 0.5) < 0.03, String(short));
  }
});

test("published times: a subject's windows in a row, so that two nights become one", () => {
  const places = inventedPlaces(["s0", "s0", "s1", "s0", "s1"]);
  assert.deepEqual(
    places.map(({ recording, onsetSeconds }) => `${recording} ${onsetSeconds}`),
    ["s0 0", "s0 30", "s1 0", "s0 60", "s1 30"],
  );
  // real times of two nights: windows 60 and 61 lie in different nights, and cannot be a pair; invented, they are close
  const real = [...night("s0 night 1", 61), ...night("s0 night 2", 61)];
  const across = (sampler: ReturnType<typeof pairSampler>): boolean =>
    sampler.sample(4000, 2).some(({ first, second, close }) => close && first < 61 !== second < 61);
  assert.equal(across(pairSampler(real, published)), false);
  assert.equal(across(pairSampler(inventedPlaces(real.map(() => "s0")), published)), true);
});

test("windows without partners, without times of their own, and constants that do not fit throw", () => {
  // in 40 windows (1,200 s) the middle 20 have nothing 900 s away
  assert.throws(() => pairSampler(night("a", 40), published), /recording a: .* found 20 of 40 windows/);
  const left = pairSampler(night("a", 40), { ...published, partnerless: "leave out" }).sample(500, 0);
  assert.ok(left.every(({ first }) => first < 10 || first >= 30));
  assert.throws(() => pairSampler(night("a", 20), { ...published, partnerless: "leave out" }), /20 of 20 windows/);
  assert.throws(() => pairSampler([...night("a", 70), ...night("a", 1)], published), /window 70: .* as window 0; name/);
  assert.throws(() => pairSampler([{ recording: "a", onsetSeconds: Number.NaN }], published), /no times of their own/);
  assert.throws(() => pairSampler([], published), /no windows/);
  assert.throws(() => pairSampler(night("a", 70), { tauPosSeconds: 60, tauNegSeconds: 30 }), /do not fit each other/);
  assert.throws(() => pairSampler(night("a", 70), { ...published, positives: 1.1 }), /chance out of range/);
  assert.throws(
    () => pairSampler(night("a", 70), { ...published, negatives: "another recording" }),
    /another recording need one/,
  );
});
