import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brierScore,
  filterByVotes,
  klFromVotes,
  klRows,
  logLoss,
  type VoteFilter,
  voteShares,
} from "../../lib/training/likelihood";
import { oneHot } from "../../lib/training/ranking";
import { type GoldenArray, readGolden } from "../support/golden";

interface Kl {
  votes: number[][];
  pred: GoldenArray;
  "clip_1e-15": number;
  "clip_1e-7": number;
  "per_row_clip_1e-15": GoldenArray;
  "torch_kl_div_batchmean_clip_1e-7": number;
}

const { kl, single_label } = readGolden<{
  kl: Kl;
  single_label: { true: number[]; probs: GoldenArray; classes: number }[];
}>("stats/metrics");
const votes = kl.votes.flat();

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${actual}, expected ${expected}`);

test("the challenge's KL metric with both clips, and PyTorch's", () => {
  close(klFromVotes(votes, kl.pred.data, 6), kl["clip_1e-15"]);
  close(klFromVotes(votes, kl.pred.data, 6, { clip: 1e-7 }), kl["clip_1e-7"]);
  close(klFromVotes(votes, kl.pred.data, 6, { clip: 1e-7 }), kl["torch_kl_div_batchmean_clip_1e-7"]);
  const rows = klRows(voteShares(votes, 6).shares, kl.pred.data, 6, 1e-15);
  rows.forEach((row, i) => {
    close(row, kl["per_row_clip_1e-15"].data[i]!);
  });
});

test("the vote filter: more than 7 votes are high, 7 are low; the parts make the whole", () => {
  assert.deepEqual([...filterByVotes([7, 8, 1, 20], "high")], [1, 3]);
  assert.deepEqual([...filterByVotes([7, 8, 1, 20], "low")], [0, 2]);
  const { voters } = voteShares(votes, 6);
  const part = (filter: VoteFilter): number =>
    klFromVotes(votes, kl.pred.data, 6, { filter }) * filterByVotes(voters, filter).length;
  assert.ok(part("high") > 0 && part("low") > 0);
  close((part("high") + part("low")) / voters.length, kl["clip_1e-15"]);
  assert.throws(() => klFromVotes([1, 0], [0.5, 0.5], 2, { filter: "high" }), /no example to score; found 1/);
});

test("Brier score of all classes and of one, as scikit-learn's", () => {
  const { cases } = readGolden<{
    cases: { brier_peer_multiclass: number; brier_peer_per_class: (number | null)[] }[];
  }>("stats/calibration");
  single_label.forEach(({ true: truth, probs, classes }, i) => {
    const marks = oneHot(truth, classes);
    close(brierScore(marks, probs.data, classes), cases[i]!.brier_peer_multiclass);
    cases[i]!.brier_peer_per_class.forEach((expected, k) => {
      if (expected === null) return;
      const column = (values: ArrayLike<number>): number[] => truth.map((_, row) => values[row * classes + k]!);
      close(brierScore(column(marks), column(probs.data), 1), expected);
    });
  });
});

test("a certain and wrong prediction costs the most that the clip allows, not infinity", () => {
  close(logLoss([1], [1, 0], 2), -Math.log(2 ** -52));
  close(klRows([0, 1], [1, 0], 2, 1e-7)[0]!, -Math.log(1e-7));
});

test("what is no share or no probability throws", () => {
  assert.throws(() => voteShares([0, 0, 1, 0], 2), /example 0: votes that give no shares/);
  assert.throws(() => voteShares([2, -1], 2), /votes that give no shares/);
  assert.throws(() => klRows([3, 1], [0.5, 0.5], 2, 1e-15), /do not sum to 1; found 4; turn votes/);
  assert.throws(() => klRows([1, 0], [1.5, -0.5], 2, 1e-15), /no probability/);
  assert.throws(() => klRows([1, 0], [0.5, 0.5], 2, 0), /clip out of range/);
  assert.throws(() => logLoss([0, 1], [0.5, 0.5], 2), /differ in number/);
  assert.throws(() => logLoss([2], [0.5, 0.5], 2), /class index/);
  assert.throws(() => brierScore([], [], 2), /no example/);
});
