import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { collectResults } from "../../lib/report/results";
import { recordSlips, type SlipCost, slipChart, slipOverview, slipTable, slipVerdict } from "../../lib/report/slips";
import { throwsProblem } from "../support/problems";

const root = mkdtempSync(join(tmpdir(), "slips-"));
after(() => rmSync(root, { recursive: true }));

const slip = (changes: Partial<SlipCost>): SlipCost => ({
  system: "000",
  id: "mixed-labels",
  slip: "labels of mixed images",
  published: "class numbers",
  here: "shares",
  measure: "macro F1",
  cost: { estimate: 0.05, low: 0.01, high: 0.09 },
  pairs: 2,
  people: 4,
  real: "simulated",
  sample: "4 exams",
  ...changes,
});

test("a verdict needs an interval on one side of 0, and more than another seed does", () => {
  const helps = { estimate: -0.05, low: -0.09, high: -0.01 };
  assert.equal(slipVerdict(slip({})), "costs");
  assert.equal(slipVerdict(slip({ cost: helps, chance: 0.02 })), "helps");
  assert.equal(slipVerdict(slip({ chance: 0.06 })), "costs, but no more than another seed");
  assert.equal(slipVerdict(slip({ cost: { estimate: 0.05, low: -0.01, high: 0.1 }, chance: 0.2 })), "not settled");
  assert.equal(slipVerdict(slip({ cost: { estimate: 0, low: 0, high: 0 } })), "no difference");
  assert.equal(slipVerdict(slip({ touches: "report" })), "flatters");
  assert.equal(slipVerdict(slip({ touches: "report", cost: helps })), "understates");
});

test("the chart has a row a slip in hundredths, coloured by measure, and a line at no cost", () => {
  const spec = slipChart([slip({}), slip({ system: "002", slip: "averages", measure: "KL divergence" })], {
    title: "Slips",
  });
  const { data } = spec as unknown as {
    data: { values: { label: string; value: number; low: number; group: string }[] };
  };
  assert.deepEqual(
    data.values.map(({ label, value, low, group }) => [label, value, low, group]),
    [
      ["000  labels of mixed images", 5, 1, "macro F1"],
      ["002  averages", 5, 1, "KL divergence"],
    ],
  );
  assert.match(JSON.stringify(spec), /no cost/);
  throwsProblem(() => slipChart([], { title: "Slips" }), { found: "0 slips, 1 kinds" });
  throwsProblem(() => slipChart([slip({}), slip({ touches: "report" })], { title: "Slips" }), { found: /2 kinds/ });
  assert.match(
    JSON.stringify(slipChart([slip({ touches: "report" })], { title: "Slips" })),
    /Reported minus true.*honest/,
  );
});

test("the table says what was compared, on what, and what another seed does", () => {
  const text = slipTable([slip({ chance: 0.06, compared: "soft with truncated" })], "Slips").bundle()["text/plain"];
  for (const wanted of [
    "soft with truncated",
    "0.0500 (0.0100–0.0900)",
    "0.0600",
    "no more than another seed",
    "simulated: 4 exams",
  ])
    assert.ok(String(text).includes(wanted), `${wanted} in\n${text}`);
});

test("results are recorded under the system, each with its slip for who", () => {
  const before = process.env["SIGNALBOOK_OUTPUTS"];
  process.env["SIGNALBOOK_OUTPUTS"] = root;
  try {
    recordSlips("70_slips_training", [slip({}), slip({ system: "001", id: "strips", slip: "context" })], 0.1);
    const { results } = collectResults(join(root, "results"));
    assert.deepEqual(
      results.map(({ id, system, measure, who, n, tolerance }) => [id, system, measure, who, n, tolerance]),
      [
        [
          "slips.000.mixed-labels",
          "000",
          "difference in macro F1",
          "intended minus published: labels of mixed images",
          4,
          0.1,
        ],
        ["slips.001.strips", "001", "difference in macro F1", "intended minus published: context", 4, 0.1],
      ],
    );
    recordSlips(
      "72_slips_evaluation",
      [
        slip({ id: "seeds", cost: { estimate: 0.3, low: 0.2, high: 0.4 }, real: "real" }),
        slip({ id: "epoch", touches: "report" }),
      ],
      0.1,
    );
    const { data } = slipOverview(collectResults(join(root, "results")).results, { title: "All" }) as unknown as {
      data: { values: { label: string; value: number; group: string }[] };
    };
    assert.deepEqual(
      data.values.map(({ label, value, group }) => [label, Math.round(value), group]),
      [
        ["000  labels of mixed images (macro F1)", 30, "real data"],
        ["000  labels of mixed images (macro F1)", 5, "simulated data"],
        ["001  context (macro F1)", 5, "simulated data"],
      ],
    );
    throwsProblem(() => slipOverview([], { title: "All" }), { what: /no recorded slips/ });
  } finally {
    if (before === undefined) delete process.env["SIGNALBOOK_OUTPUTS"];
    else process.env["SIGNALBOOK_OUTPUTS"] = before;
  }
});
