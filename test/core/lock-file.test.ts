import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { takeLock } from "../../lib/core/lock-file";
import { scratchFolder, throwsProblem } from "../support/problems";

test("one process at a time; given back it is free; a killed one's lock is taken over, another machine's is not", async (t) => {
  const file = join(scratchFolder(t), "in", "running.lock");
  const giveBack = takeLock(file, "a training");
  assert.equal(readFileSync(file, "utf8"), `${process.pid} ${hostname()}\n`);
  throwsProblem(() => takeLock(file, "a training"), {
    what: /a training that another process is at/,
    found: `process ${process.pid} on ${hostname()}`,
  });
  giveBack();
  assert.ok(!existsSync(file));

  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  writeFileSync(file, `${child.pid} ${hostname()}\n`);
  throwsProblem(() => takeLock(file, "a training"), { found: new RegExp(`process ${child.pid} `) });
  child.kill("SIGKILL");
  await once(child, "exit");
  takeLock(file, "a training")();
  assert.ok(!existsSync(file));

  writeFileSync(file, `${process.pid} elsewhere.example\n`);
  throwsProblem(() => takeLock(file, "a training"), { found: /on elsewhere\.example/, fix: /remove this file/ });
});
