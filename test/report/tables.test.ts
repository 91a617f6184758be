import assert from "node:assert/strict";
import { test } from "node:test";
import { DataFrame } from "danfojs-node";
import { SignalbookError } from "../../lib/core/errors";
import { jupyterDisplay } from "../../lib/report/display";
import { formatInterval, formatNumber } from "../../lib/report/format";
import { table } from "../../lib/report/tables";
import { elementsOf } from "./markup";

test("numbers have their decimal places, a minus sign, and a dash where there is none", () => {
  assert.equal(formatNumber(0.825, 2), "0.82");
  assert.equal(formatNumber(-1.5, 1), "−1.5");
  assert.equal(formatNumber(-0.001, 2), "0.00");
  assert.equal(formatNumber(Number.NaN, 2), "–");
  assert.equal(formatNumber(Number.NEGATIVE_INFINITY, 2), "−∞");
  assert.equal(formatInterval(0.82, [0.78, 0.86], 2), "0.82 (0.78–0.86)");
  assert.equal(formatInterval(0.1, [-0.2, 0.4], 1), "0.1 (−0.2 to 0.4)");
  assert.throws(() => formatNumber(1, -1), SignalbookError);
});

test("a table of rows: headings, digits, intervals, kinds of cells", () => {
  const { "text/html": html, "text/plain": plain } = table(
    [
      { class: "NORM", n: 12, auc: { value: 0.9, interval: [0.85, 0.94] }, share: 0.5, ok: true },
      { class: "<MI> & co", n: 3, auc: { value: 0.8 }, share: null, ok: false },
    ],
    { caption: "Test fold", headings: { auc: "AUC" }, digits: { share: 1 } },
  ).bundle();
  assert.equal(
    plain,
    [
      "Test fold",
      "class       n               AUC  share  ok",
      "─────────  ──  ────────────────  ─────  ───",
      "NORM       12  0.90 (0.85–0.94)    0.5  yes",
      "<MI> & co   3              0.80      –  no",
    ].join("\n"),
  );
  const elements = elementsOf(String(html));
  assert.equal(elements[0]!.attributes["class"], "signalbook-table");
  assert.equal(elements.filter((element) => element.name === "th").length, 5);
  assert.equal(elements.filter((e) => e.name === "td" && e.attributes["class"] === "number").length, 2 * 3);
  assert.ok(String(html).includes("&lt;MI&gt; &amp; co"));
});

test("a table of a danfojs DataFrame", () => {
  const frame = new DataFrame([
    { label: "房性早搏", count: 3 },
    { label: "QS", count: 12 },
  ]);
  const { "text/plain": plain } = table(frame)[jupyterDisplay]() as { "text/plain": string };
  assert.deepEqual(plain.split("\n"), ["label     count", "────────  ─────", "房性早搏      3", "QS           12"]);
});

test("a long table says how many rows it leaves out; a column that is nowhere is an error", () => {
  const rows = Array.from({ length: 60 }, (_, i) => ({ i }));
  assert.match(table(rows).bundle()["text/plain"], /\n10 more rows$/);
  assert.throws(() => table(rows, { columns: ["j"] }).bundle(), /no column "j" in the table; found i/);
  assert.throws(() => table([]).bundle(), /a table without columns/);
});
