import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { executeNotebooksCommand, NotebookFailure, readNotebook, writeNotebook } from "../../lib/kernel";
import { progressReporter } from "../../lib/kernel/progress";
import { fixtures, scratch } from "./run";

const fixture = (name: string): string => join(fixtures, `${name}.ipynb`);

test("signalbook run: a line for each cell, the executed copy, and the failure of a notebook as its error", async () => {
  const lines: string[] = [];
  const log = (line: string): unknown => lines.push(line);
  const outputDir = scratch("copies");
  const [run] = await executeNotebooksCommand([fixture("expected-failure")], { outputDir, log });
  assert.equal(run?.cells.length, 2);
  assert.match(lines[0]!, /^test\/fixtures\/notebooks\/expected-failure\.ipynb: 2 cells$/);
  assert.match(lines[2]!, /cell 2 of 2 done in [\d.]+ s$/);
  const copy = readNotebook(join(outputDir, "expected-failure.ipynb"));
  assert.equal(copy.cells.at(-1)?.execution_count, 2);
  assert.deepEqual(Object.keys(copy.cells.at(-1)!.metadata), ["execution"]);

  const failing = executeNotebooksCommand([fixture("throws"), fixture("awaits")], { outputDir, log });
  await assert.rejects(failing, (error) => error instanceof NotebookFailure && /cell 1, line 2/.test(error.message));
  assert.ok(!lines.some((line) => line.includes("awaits.ipynb")), "the next notebook did not start");
});

test("signalbook run: wrong use is told before a kernel starts", async () => {
  const options = { outputDir: scratch("copies"), log: assert.fail };
  await assert.rejects(executeNotebooksCommand([], options), /no notebook named/);
  await assert.rejects(
    executeNotebooksCommand(["a/x.ipynb", "b/x.ipynb"], options),
    /b\/x\.ipynb: two notebooks of one/,
  );
  await assert.rejects(
    executeNotebooksCommand([fixture("throws")], { ...options, cellTimeoutSeconds: 0 }),
    /more than 0/,
  );
});

test("what is no notebook is refused with its name", () => {
  const wrong = (text: string, message: RegExp): void => {
    const path = scratch("wrong.ipynb");
    writeFileSync(path, text);
    assert.throws(
      () => readNotebook(path),
      (error) => error instanceof SignalbookError && error.message.startsWith(path) && message.test(error.message),
    );
  };
  wrong("{", /no JSON/);
  wrong("null", /nbformat missing/);
  wrong('{"nbformat": 3, "worksheets": []}', /found nbformat 3; expected nbformat 4/);
  wrong('{"nbformat": 4, "cells": [{"cell_type": "heading", "source": "x"}]}', /element 0 of cells.*type heading/);
  assert.throws(() => readNotebook(scratch("not-there.ipynb")), /cannot be read/);
});

test("a notebook that is read and written is the same file", () => {
  const path = scratch("same.ipynb");
  writeNotebook(path, readNotebook(fixture("awaits")));
  assert.deepEqual(JSON.parse(readFileSync(path, "utf8")), JSON.parse(readFileSync(fixture("awaits"), "utf8")));
});

test("on a terminal the progress of a cell is one line that is redrawn", () => {
  let written = "";
  const tell = progressReporter({ isTTY: true, columns: 40, write: (text) => (written += text) });
  const at = { notebook: "n.ipynb", cell: 1, cells: 2 };
  tell({ type: "cell-start", ...at, heading: "Training" });
  tell({ type: "progress", ...at, line: "epoch 1 of 20, loss 0.512, 3 min left" });
  tell({ type: "cell-end", ...at, seconds: 3, status: "ok" });
  assert.doesNotMatch(written, /\n/);
  const [, , drawn] = written.split("\r\u001b[2K");
  assert.equal(drawn, "n.ipynb cell 1 of 2: epoch 1 of 20, los".slice(0, 39));
});
