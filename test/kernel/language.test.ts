import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { execute } from "./run";

test("await works wherever it may stand", async () => {
  const { run, cells, text } = await execute("awaits");
  assert.equal(run.failure, null, run.failure?.message);
  const texts = cells.map((_, index) => text(index + 1));
  assert.deepEqual(texts, [
    "1",
    "two\n",
    "3\n",
    "4\n",
    "[ 5, 6 ]",
    "seven",
    "[ 8, 9 ]",
    "10",
    "await is only a word here",
  ]);
  assert.ok(cells.every(({ count }, index) => count === index + 1));
});

test("declarations of every kind live on in later cells", async () => {
  const { run, cells, text } = await execute("declarations");
  assert.equal(run.failure, null, run.failure?.message);
  assert.deepEqual(
    cells.map((_, index) => text(index + 1)),
    [
      ...["{ second: 2, third: 'x' }", "4", "[ 7 ]", "{ a: 'a', b: 'b' }", "1", "{}", ""],
      ...["[ 3, 's', 1, 4, 1 ]", "0", "1", "declared again, as text", "23", "", ""],
    ],
  );
});

test("names of earlier cells in literals and patterns, names of properties left alone", async () => {
  const { run, cells, text } = await execute("names");
  assert.equal(run.failure, null, run.failure?.message);
  assert.deepEqual(
    cells.map((_, index) => text(index + 1)),
    ["", "1", "[ [ 1, 2 ], 3 ]", "1", "5", "[ 1, 2 ]", "[ 1, 5, 8 ]"],
  );
});

test("cells are strict, and checked against what they import", async () => {
  const { run, cells } = await execute("strict");
  assert.equal(run.failure, null, run.failure?.message);
  const messages = cells.map(({ outputs: [output] }) => (output?.output_type === "error" ? output.evalue : "none"));
  const expected = [
    /^1:7 - Type 'null' is not assignable to type 'string'\. \(TS2322\)$/,
    /^1:18 - Parameter 'x' implicitly has an 'any' type\. \(TS7006\)$/,
    /^Cannot assign to read only property 'a' of object/,
    /^2:6 - Argument of type 'string' is not assignable to parameter of type 'readonly number\[\]'/,
    /^1:25 - Cannot find module '\.\/modules\/not-there'/,
    /^4:14 - Expression expected\./,
  ];
  assert.equal(messages.length, expected.length);
  for (const [index, pattern] of expected.entries()) assert.match(messages[index]!, pattern);
});

test("a cell imports the project, packages, Node, and modules other cells define", async () => {
  const { run, cells, text } = await execute("modules");
  assert.equal(run.failure, null, run.failure?.message);
  assert.deepEqual(
    cells.map((_, index) => text(index + 1)),
    ["0.5", "1.5", "true/", "function", "function", "[ 'Red', 'Green' ]", "", "hello", "function"],
  );
});

test("edited modules are loaded and checked anew, with those that import them; globalThis stays", async () => {
  const folder = join(projectRoot, ".signalbook", "tests", "hot-reload");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "inner.ts"), 'export const inner: string = "first";\n');
  writeFileSync(
    join(folder, "outer.ts"),
    `export { inner } from "./inner";
let loads = 0;
export const value: number = ++loads;
export function engine(): number {
  const shared = globalThis as { signalbookTestEngine?: number };
  shared.signalbookTestEngine = (shared.signalbookTestEngine ?? 0) + 1;
  return shared.signalbookTestEngine;
}
`,
  );
  const { run, cells, text } = await execute("hot-reload");
  assert.equal(run.failure, null, run.failure?.message);
  assert.equal(text(1), "[ 1, 'first', 1 ]");
  assert.equal(text(3), "first");
  assert.equal(text(4), "[ 1, 'edited', 2 ]");
  assert.equal(text(6), "4", "a module that was added while the kernel runs");
  const [last] = cells[7]!.outputs;
  assert.ok(last?.output_type === "error");
  assert.match(last.evalue, /Type 'number' is not assignable to type 'string'/);
  const [broken] = cells[9]!.outputs;
  assert.ok(broken?.output_type === "error");
  assert.match(broken.evalue, /^\.signalbook\/tests\/hot-reload\/broken\.ts:2:28: Expression expected/);
});
