/** Our counts beside the published ones: summary.csv, which is counted from the graphs, and the printed numbers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { summaryFile } from "../../lib/cli/models";
import { integerCell, readCsv } from "../../lib/formats";
import { listModels } from "../../lib/models";
import { departure, publishedModels } from "../../lib/models/published";
import { summarizeModel } from "../../lib/models/summary";

const table = readCsv(summaryFile, ["name", "parameters", "multiply_adds"]);
const counted = new Map(
  table.rows.map((row) => [
    row.cells["name"]!,
    { parameters: integerCell(table, row, "parameters"), multiplyAdds: integerCell(table, row, "multiply_adds") },
  ]),
);

test("every model has its parameters published, or is this project's own", () => {
  assert.deepEqual(Object.keys(publishedModels).sort(), listModels().map(({ name }) => name).sort()); // biome-ignore format: one line reads better
  for (const { name, source } of listModels()) {
    const { counts } = publishedModels[name];
    if (source.startsWith("this project")) assert.equal(counts.length, 0, name);
    else assert.ok(counts.some(({ parameters }) => parameters !== undefined), name); // biome-ignore format: one line reads better
  }
});

test("parameters equal the published ones to the last printed digit", () => {
  let compared = 0;
  for (const [name, { counts }] of Object.entries(publishedModels))
    for (const { parameters } of counts) {
      if (parameters === undefined) continue;
      assert.equal(departure(counted.get(name)!.parameters, parameters), 0, name);
      compared++;
    }
  assert.ok(compared > 20, String(compared));
});

test("multiply-adds lie within a tenth of the published ones; what lies further from its digits says why", () => {
  for (const [name, { counts }] of Object.entries(publishedModels))
    for (const { multiplyAdds, shapes, differs } of counts) {
      if (multiplyAdds === undefined) continue;
      const info = listModels().find((model) => model.name === name)!;
      const ours =
        shapes === undefined ? counted.get(name)!.multiplyAdds : summarizeModel({ ...info, shapes }).multiplyAdds;
      const away = Math.abs(departure(ours, multiplyAdds));
      assert.ok(away < 0.1, `${name}: ${away}`);
      assert.equal(differs !== undefined, away > 0.05, `${name}: ${away}`);
    }
});

test("a count within the rounding of the printed digits does not depart from it", () => {
  assert.equal(departure(25_028_904, { value: 25e6, unit: 1e5 }), 0);
  assert.equal(departure(25_051_000, { value: 25e6, unit: 1e5 }), 25_051_000 / 25e6 - 1);
  assert.equal(departure(101, { value: 100, unit: 1 }), 1.01 - 1);
});
