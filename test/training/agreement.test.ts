import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { FIVE_CLASSES, readDreemHypnogram } from "../../lib/formats";
import { againstConsensus, consensusOf, overNights, scorerAgreement } from "../../lib/training/agreement";
import { readGolden } from "../support/golden";

interface Night {
  record: string;
  epochs: number;
  scorers: { scorer: string; soft_agreement: number; metrics: Record<string, number | null> }[];
  pairs: (number | null)[][];
  pair_agreement: number;
  fleiss: number;
  best_four: { scorers: string[]; consensus: string; share_sum: number };
}
const golden = readGolden<{ nights: Night[]; overall_mean_and_deviation: Record<string, [number, number]> }>(
  "stats/agreement",
);

const folder = join(projectRoot, "data", "sample", "dod-o");
const people = readdirSync(folder)
  .filter((name) => name.startsWith("scorer_"))
  .sort();
const scoring = (person: string, record: string): number[] =>
  readDreemHypnogram(join(folder, person, `${record}.json`)).stages.map((stage) => FIVE_CLASSES[stage]);
const nights = golden.nights.map(({ record }) => people.map((person) => scoring(person, record)));

function close(actual: number | null, expected: number | null | undefined, what: string): void {
  if (actual === null || expected === null) assert.equal(actual, expected, what);
  else assert.ok(Math.abs(actual - expected!) <= 1e-12, `${what}: ${actual}, expected ${expected}`);
}

golden.nights.forEach((expected, index) => {
  test(`night ${index}: five scorers as the published evaluation, scikit-learn and statsmodels have them`, () => {
    const found = scorerAgreement(nights[index]!, 5);
    assert.equal(found.epochs, expected.epochs);
    found.scorers.forEach((scores, s) => {
      const { soft_agreement, metrics } = expected.scorers[s]!;
      close(scores.softAgreement, soft_agreement, `soft agreement of scorer ${s}`);
      close(scores.accuracy, metrics.accuracy_score, `accuracy of scorer ${s}`);
      close(scores.kappa, metrics.cohen_kappa, `kappa of scorer ${s}`);
      close(scores.f1, metrics.f1_score, `F1 of scorer ${s}`);
      scores.classes.forEach((stage, k) => {
        close(stage.accuracy, metrics[`accuracy_score_${k}`], `accuracy of scorer ${s}, stage ${k}`);
        close(stage.kappa, metrics[`cohen_kappa_${k}`], `kappa of scorer ${s}, stage ${k}`);
        close(stage.f1, metrics[`f1_score_${k}`], `F1 of scorer ${s}, stage ${k}`);
      });
    });
    found.pairs.forEach((row, i) => {
      row.forEach((kappa, k) => {
        close(kappa, expected.pairs[i]![k], `pair ${i}, ${k}`);
      });
    });
    close(found.pairAgreement, expected.pair_agreement, "agreement of pairs");
    close(found.fleiss, expected.fleiss, "Fleiss");
  });
});

test("mean over nights and scorers, as published", () => {
  const all = nights.map((night) => scorerAgreement(night, 5));
  const [mean, deviation] = golden.overall_mean_and_deviation.cohen_kappa!;
  const found = overNights(all, ({ kappa }) => kappa);
  close(found.mean, mean, "mean");
  close(found.deviation, deviation, "deviation");
  assert.equal(found.n, 15);
  close(
    overNights(all, ({ classes }) => classes[1]!.f1).mean,
    golden.overall_mean_and_deviation.f1_score_1![0],
    "F1 of N1",
  );
});

test("ties go to the most reliable scorer who chose one of the tied classes", () => {
  // the third agrees most with the others, but in the last epoch stands alone
  const a = [0, 0, 1, 1, 2, 0];
  const b = [0, 0, 1, 0, 2, 0];
  const c = [0, 0, 1, 1, 2, 3];
  const d = [0, 1, 1, 1, 2, 4];
  const e = [0, 0, 1, 1, 2, 4];
  const { classes, share } = consensusOf([a, b, c, d, e], 5);
  assert.deepEqual([...classes], [0, 0, 1, 1, 2, 0]);
  assert.deepEqual([...share], [1, 0.8, 1, 0.8, 1, 0.4]);
});

test("an epoch that most did not score is left out; one that a scorer left out is his error", () => {
  const consensus = consensusOf(
    [
      [-1, 0, 1, 1],
      [-1, 0, 1, 1],
      [0, 0, 1, 0],
    ],
    2,
  );
  assert.deepEqual([...consensus.classes], [-1, 0, 1, 1]);
  const scores = againstConsensus([1, 0, -1, 1], consensus, 2, false);
  assert.equal(scores.accuracy, 2 / 3);
  assert.deepEqual(
    scores.classes.map(({ accuracy }) => accuracy),
    [1, 0.5],
  );
  // three epochs in all: class 1 is given once of twice, and nowhere wrongly
  assert.equal(scores.classes[1]!.f1, 2 / 3);
  assert.deepEqual(againstConsensus([1, 0, 1, 1], consensus, 2).kappa, 1);
});

test("scorings that do not fit each other throw", () => {
  assert.throws(() => scorerAgreement([[0], [0]], 2), /3 or more/);
  assert.throws(() => scorerAgreement([[0], [0, 1], [0]], 2), /different lengths/);
  assert.throws(() => scorerAgreement([[0], [2], [0]], 2), /epoch 1: a class out of range/);
  assert.throws(() => scorerAgreement([[0], [-1], [0]], 2), /scorer 2: a scoring without any class/);
  assert.throws(
    () =>
      scorerAgreement(
        [
          [0, -1],
          [-1, 0],
          [0, 0],
        ],
        2,
      ),
    /no epoch in common/,
  );
});
