import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureKind } from "../../lib/kernel";
import { execute } from "./run";

interface Expected {
  notebook: string;
  kind: FailureKind;
  cell: number;
  line: number | null;
  message: RegExp;
  /** Code cells that ran, the failing one included. */
  ran: number;
}

const cases: Expected[] = [
  { notebook: "throws", kind: "cell", cell: 1, line: 2, message: /Error: boom$/, ran: 1 },
  { notebook: "throws-in-module", kind: "cell", cell: 2, line: 2, message: /Error: deep inside 1 true$/, ran: 2 },
  {
    notebook: "type-error",
    kind: "cell",
    cell: 2,
    line: 2,
    message: /'string' is not assignable to type 'number'/,
    ran: 2,
  },
  { notebook: "rejects", kind: "cell", cell: 1, line: 1, message: /Error: awaited rejection$/, ran: 1 },
  { notebook: "floating-rejection", kind: "cell", cell: 1, line: 1, message: /Error: floating rejection$/, ran: 1 },
  { notebook: "timer-throw", kind: "cell", cell: 1, line: 2, message: /Error: timer throw$/, ran: 1 },
  { notebook: "waits-for-the-dead", kind: "cell", cell: 1, line: 3, message: /Error: never resolved$/, ran: 1 },
  { notebook: "last-word", kind: "cell", cell: 1, line: 2, message: /Error: left behind$/, ran: 1 },
  // seen in cell 3, though the line at fault is in cell 1
  { notebook: "late-rejection", kind: "cell", cell: 3, line: null, message: /Error: late$/, ran: 3 },
  { notebook: "exits", kind: "kernel", cell: 2, line: null, message: /the kernel ended \(exit code 3\)$/, ran: 2 },
];

for (const { notebook, kind, cell, line, message, ran } of cases)
  test(`${notebook}: fails in cell ${cell}`, async () => {
    const { run, cells } = await execute(notebook);
    const { failure } = run;
    assert.ok(failure, "the run must fail");
    assert.equal(failure.kind, kind);
    assert.deepEqual(failure.place, { notebook: `test/fixtures/notebooks/${notebook}.ipynb`, cell, line });
    assert.match(failure.message, message);
    assert.ok(failure.message.startsWith(`test/fixtures/notebooks/${notebook}.ipynb, cell ${cell}`));
    assert.doesNotMatch(failure.message, /\n/);
    assert.equal(run.cells.length, ran);
    assert.equal(run.cells.at(-1)!.status, ran === cell && notebook !== "last-word" ? "error" : "ok");
    // the copy shows it, and what came after did not run
    const shown = cells[cell - 1]!.outputs.at(-1)!;
    assert.equal(shown.output_type, "error");
    for (const later of cells.slice(cell)) assert.deepEqual(later, { count: null, outputs: [] });
  });

test("a failed cell shows the place in its code, and the way there in the project's own files", async () => {
  const { cells, run } = await execute("throws-in-module");
  const [output] = cells[1]!.outputs;
  assert.ok(output?.output_type === "error");
  const text = output.traceback.join("\n");
  assert.match(text, /^Error: deep inside 1 true\nin this cell, line 2:\n {2}1 \| .*\n> 2 \| failing\(start\);\n/);
  assert.match(text, /failing \(test\/fixtures\/notebooks\/modules\/failing\.ts:8:9\)/);
  assert.doesNotMatch(text, /node_modules|node:|lib\/kernel|evalmachine/);
  assert.deepEqual(run.failure?.traceback, output.traceback);
});

test("failures that are let pass do not stop what comes after", async () => {
  const { run, cells, text } = await execute("goes-on", { allowErrors: true });
  assert.equal(run.failure, null);
  assert.deepEqual(
    run.cells.map(({ status }) => status),
    ["ok", "error", "error", "ok", "error", "error", "ok"],
  );
  assert.deepEqual(
    cells.map(({ count }) => count),
    [1, 2, 3, 4, 5, 6, 7],
  );
  const names = cells.map(({ outputs }) => outputs.map((output) => output.output_type === "error" && output.ename));
  assert.deepEqual(names, [[false], ["Error"], ["TypeCheckError"], [false], ["Error"], ["Thrown"], [false]]);
  assert.equal(text(7), "seven\n");
});

test("a cell tagged raises-exception may fail, as in nbclient", async () => {
  const { run, text } = await execute("expected-failure");
  assert.equal(run.failure, null);
  assert.equal(text(2), "after\n");
});
