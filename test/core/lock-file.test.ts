/** The lock's two faces, refusing and waiting, behave alike: one implementation below both. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { startOf } from "../../lib/core/lock.cjs";
import { takeLock } from "../../lib/core/lock-file";
import { scratchFolder, throwsProblem } from "../support/problems";

interface Waiting {
  takeLock(path: string, onWait: (holder: { pid?: number }) => void): Promise<() => void>;
}
const waiting = require("../../scripts/lib/lock.mjs") as Waiting;

interface Holder {
  pid: number;
  host: string;
}
const readHolder = (file: string): Holder => JSON.parse(readFileSync(file, "utf8")) as Holder;

/** Takes the lock where it is free; else says that another has it. */
const faces = {
  refusing: async (file: string): Promise<(() => void) | "held"> => {
    try {
      return takeLock(file, "a training");
    } catch {
      return "held";
    }
  },
  waiting: (file: string): Promise<(() => void) | "held"> =>
    new Promise((resolve, reject) => {
      let held = false;
      const taken = waiting.takeLock(file, () => {
        held = true;
        resolve("held");
      });
      // One that waited is given back at once.
      taken.then((giveBack) => (held ? giveBack() : resolve(giveBack)), reject);
    }),
};

/** A process of its own that takes the lock and keeps it until it is killed. */
async function keeper(t: TestContext, file: string): Promise<() => Promise<void>> {
  const code = `require("ts-node").register({ transpileOnly: true });
    require("./lib/core/lock-file").takeLock(${JSON.stringify(file)}, "a test"); console.log("taken"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
}

for (const [face, take] of Object.entries(faces)) {
  test(`${face}: one at a time; given back it is free, and nothing is left behind`, async (t) => {
    const file = join(scratchFolder(t), "in", "running.lock");
    const giveBack = await take(file);
    assert.ok(giveBack !== "held");
    assert.deepEqual([readHolder(file).pid, readHolder(file).host], [process.pid, hostname()]);
    const second = await take(file);
    assert.equal(second, "held");
    giveBack();
    giveBack();
    if (face === "waiting") await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual(readdirSync(dirname(file)), []);
  });

  test(`${face}: held by a living process; taken over from a killed one`, async (t) => {
    const file = join(scratchFolder(t), "running.lock");
    const kill = await keeper(t, file);
    const { pid } = readHolder(file);
    if (face === "refusing") assert.equal(await take(file), "held");
    await kill();
    const giveBack = await take(file);
    assert.ok(giveBack !== "held");
    assert.notEqual(pid, process.pid);
    assert.equal(readHolder(file).pid, process.pid);
    giveBack();
    assert.deepEqual(readdirSync(dirname(file)), []);
  });

  test(`${face}: taken over where another process has the number now, and where a crash cut its name off`, async (t) => {
    const file = join(scratchFolder(t), "running.lock");
    writeFileSync(file, JSON.stringify({ pid: process.pid, started: `${startOf(process.pid)}0`, host: hostname() }));
    const first = await take(file);
    assert.ok(first !== "held");
    first();
    writeFileSync(file, '{"pid":');
    const longAgo = new Date(Date.now() - 10_000);
    utimesSync(file, longAgo, longAgo);
    const second = await take(file);
    assert.ok(second !== "held");
    second();
    assert.ok(!existsSync(file));
  });
}

test("who waits gets the lock as soon as its process is killed", async (t) => {
  const file = join(scratchFolder(t), "running.lock");
  const kill = await keeper(t, file);
  const told: (number | undefined)[] = [];
  const taken = waiting.takeLock(file, ({ pid }) => told.push(pid));
  const { pid } = readHolder(file);
  await kill();
  (await taken)();
  assert.deepEqual(told, [pid]);
});

test("refusing, it says who and where; another machine's lock is never taken over, however old", (t) => {
  const file = join(scratchFolder(t), "running.lock");
  const giveBack = takeLock(file, "a training");
  throwsProblem(() => takeLock(file, "a training"), {
    what: /a training that another process is at/,
    found: `process ${process.pid} on ${hostname()}`,
  });
  giveBack();
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: "1", host: "elsewhere.example" }));
  const longAgo = new Date(Date.now() - 86_400_000);
  utimesSync(file, longAgo, longAgo);
  throwsProblem(() => takeLock(file, "a training"), { found: /on elsewhere\.example/, fix: /remove this file/ });
  writeFileSync(file, "");
  throwsProblem(() => takeLock(file, "a training"), { found: "a lock that is being written" });
});
