import assert from "node:assert/strict";
import { test } from "node:test";
import type { Result } from "../../lib/report/results";
import { systemTable, systemTableOptions } from "../../lib/report/system-table";
import { table } from "../../lib/report/tables";
import { SYSTEMS } from "../../lib/systems/systems";

const ours: Result = {
  id: "yai.bilstm.macro-f1",
  notebook: "44_bilstm",
  value: 0.41,
  interval: [0.3, 0.5],
  n: 240,
  real: "simulated",
  sample: "4 simulated exams",
  tolerance: 0.1,
  system: "001",
  who: "small BiLSTM",
  measure: "macro F1",
  protocol: "4 simulated exams held back of 16",
};

test("published scores first, then our results of that system; no row has both", () => {
  const yai = SYSTEMS.find(({ number }) => number === "001")!;
  const { system: _system, who: _who, measure: _measure, protocol: _protocol, ...plain } = ours;
  const rows = systemTable(yai, [ours, { ...ours, id: "other", system: "000" }, { ...plain, id: "none" }]);
  assert.equal(rows.length, yai.scores.length + 1);
  for (const row of rows) assert.ok((row.published === undefined) !== (row.ours === undefined));
  const submitted = rows.find((row) => row.published === 0.669)!;
  assert.equal(submitted.measure, "macro F1");
  assert.match(submitted.protocol, /hidden exams/);
  assert.deepEqual(rows.at(-1), {
    what: "small BiLSTM",
    measure: "macro F1",
    published: undefined,
    ours: { value: 0.41, interval: [0.3, 0.5] },
    n: 240,
    protocol: "4 simulated exams held back of 16",
    data: "simulated",
  });
  const text = table(rows, systemTableOptions(yai)).bundle()["text/plain"];
  assert.match(text, /^System 001, YAI, MAIC 2021: published scores \(the BiLSTM.*not comparable\n/);
  assert.match(text, /small BiLSTM +macro F1 +– +0\.410 \(0\.300–0\.500\) +240 +4 simulated exams held back/);
});

test("what a result leaves out is filled from its label and sample", () => {
  const { who: _who, measure: _measure, protocol: _protocol, interval: _interval, ...short } = ours;
  const [row] = systemTable({ number: "001", title: "YAI", scores: [] }, [{ ...short, label: "F1 of the BiLSTM" }]);
  assert.deepEqual([row!.what, row!.measure, row!.protocol], ["F1 of the BiLSTM", "F1 of the BiLSTM", short.sample]);
  assert.deepEqual(row!.ours, { value: 0.41 });
});

test("every system is there once, its scores are shares with measure, protocol and source, or it says why it has none", () => {
  assert.deepEqual(
    SYSTEMS.map(({ number }) => number),
    ["000", "001", "002", "003", "004"],
  );
  for (const { title, scores, scoresRemark } of SYSTEMS) {
    assert.ok(scores.length > 0 || scoresRemark !== undefined, title);
    const rows = scores.map((score) => `${score.what}, ${score.measure}, ${score.protocol}`);
    assert.equal(new Set(rows).size, rows.length, `${title}: no row twice`);
    for (const score of scores) {
      assert.ok(score.score > 0 && score.score < 1, `${title}: ${score.what}`);
      for (const text of [score.what, score.measure, score.protocol, score.source]) assert.ok(text.length > 3, title);
    }
  }
});
