import assert from "node:assert/strict";
import { test } from "node:test";
import type { Output } from "../../lib/kernel";
import { execute } from "./run";

test("what cells show, print and return arrives as Jupyter has it", async (t) => {
  const lines: string[] = [];
  const { run, cells, text } = await execute("displays", {
    onEvent: (event) => event.type === "progress" && event.cell < 9 && lines.push(event.line),
  });
  assert.equal(run.failure, null, run.failure?.message);
  const outputs = (cell: number): Output[] => cells[cell - 1]!.outputs;
  const display = (data: object): object => ({ output_type: "display_data", data, metadata: {} });

  await t.test("tslab's display", () => {
    assert.deepEqual(outputs(1), [
      display({ "text/html": "<b>bold</b>" }),
      display({ "image/png": "AQID" }),
      display({ "application/vnd.vegalite.v5+json": { mark: "bar" } }),
    ]);
  });
  await t.test("a display is redrawn in place", () => {
    assert.deepEqual(outputs(2), [display({ "text/html": '<progress value="4" max="4"></progress>' })]);
  });
  await t.test("a line that is rewritten shows its last state, and each state was heard", () => {
    assert.ok(text(3).startsWith("epoch 3 of 3\n"));
    assert.deepEqual(
      lines.filter((line) => line.startsWith("epoch")),
      ["epoch 1 of 3", "epoch 2 of 3", "epoch 3 of 3", "epoch 3 of 3"],
    );
  });
  await t.test("a bundle goes whole, and a later cell redraws what an earlier one shows", () => {
    const chart = {
      "text/plain": "a chart",
      "image/svg+xml": "<svg/>",
      "application/vnd.vegalite.v5+json": { mark: "line" },
    };
    assert.deepEqual(outputs(4), [display(chart), display({ "text/plain": "row 2" })]);
    assert.deepEqual(outputs(5), []);
  });
  await t.test("a value describes itself", () => {
    const data = { "text/plain": "itself", "text/html": "<i>itself</i>" };
    assert.deepEqual(outputs(6), [{ output_type: "execute_result", data, metadata: {}, execution_count: 6 }]);
  });
  await t.test("streams: two of them, bytes cut inside a character, a callback", () => {
    assert.deepEqual(outputs(7), [
      { output_type: "stream", name: "stderr", text: "to stderr\n" },
      { output_type: "stream", name: "stdout", text: "µV in pieces\nµ called back\n" },
    ]);
  });
  await t.test("text is shown as it is", () => assert.equal(text(8), "texttext"));
  await t.test("a flood of lines arrives whole", () => {
    const expected = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join("");
    assert.equal(text(9), expected);
  });
});
