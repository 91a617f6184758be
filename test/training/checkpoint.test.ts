import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { SafeTensor } from "../../lib/formats/safetensors";
import { type Checkpoint, newRunState, readCheckpoint, writeCheckpoint } from "../../lib/training/checkpoint";
import { scratchFolder, throwsProblem } from "../support/problems";

/** A checkpoint whose weights and best weights are all `value`. */
function checkpointOf(value: number, size = 100): Checkpoint {
  const weights = (): Map<string, SafeTensor> =>
    new Map([
      ["w", { dtype: "F32", shape: [size], data: new Float32Array(size).fill(value) }],
      ["step/n", { dtype: "I32", shape: [1], data: Int32Array.of(value) }],
    ]);
  return { run: { seed: 1 }, state: { ...newRunState(1), step: value }, weights: weights(), best: weights() };
}

function stepOf(folder: string): number {
  const { state, weights, best } = readCheckpoint(folder);
  const values = [weights, best!].flatMap((map) => [map.get("w")!.data[0], map.get("step/n")!.data[0]]);
  assert.deepEqual(values, Array(4).fill(state.step));
  return state.step;
}

test("a process may die behind any step of writing: the old checkpoint or the new one is there, and the rest is cleared", (t) => {
  const [before, after] = [scratchFolder(t), scratchFolder(t)];
  writeCheckpoint(before, checkpointOf(1));
  writeCheckpoint(after, checkpointOf(2));
  const oldFiles = readdirSync(before);
  const [best, weights] = ["best-", "weights-"].map((start) => readdirSync(after).find((n) => n.startsWith(start))!);
  const put = (folder: string, name: string, as = name, share = 1): void => {
    const bytes = readFileSync(join(after, name));
    writeFileSync(join(folder, as), bytes.subarray(0, Math.floor(bytes.length * share)));
  };
  const tmp = ".0123abcd.tmp";
  // In the order in which the files are written.
  const actions: ((folder: string) => void)[] = [
    (folder) => put(folder, weights!, weights! + tmp, 0.5),
    (folder) => renameAfterWrite(folder, weights!),
    (folder) => put(folder, best!, best! + tmp, 0.9),
    (folder) => renameAfterWrite(folder, best!),
    (folder) => put(folder, "checkpoint.json", `checkpoint.json${tmp}`, 0.3),
    (folder) => renameAfterWrite(folder, "checkpoint.json"),
  ];
  const renameAfterWrite = (folder: string, name: string): void => {
    put(folder, name, name + tmp);
    renameSync(join(folder, name + tmp), join(folder, name));
  };
  for (let died = 0; died <= actions.length; died++) {
    const folder = join(scratchFolder(t), "run");
    mkdirSync(folder);
    for (const name of oldFiles) copyFileSync(join(before, name), join(folder, name));
    for (const action of actions.slice(0, died)) action(folder);
    assert.equal(stepOf(folder), died === actions.length ? 2 : 1, `after ${died} steps`);
    writeCheckpoint(folder, checkpointOf(3));
    assert.equal(stepOf(folder), 3);
    assert.equal(readdirSync(folder).length, 3, `${readdirSync(folder)}`);
  }
});

test("the best epoch's weights are written once, and kept for as long as they are the best", (t) => {
  const folder = scratchFolder(t);
  const bestOf = (): string => readdirSync(folder).find((name) => name.startsWith("best-"))!;
  const first = checkpointOf(1);
  writeCheckpoint(folder, first);
  const { ino } = statSync(join(folder, bestOf()));
  writeCheckpoint(folder, { ...checkpointOf(2), best: first.best });
  assert.equal(statSync(join(folder, bestOf())).ino, ino);
  const read = readCheckpoint(folder);
  writeCheckpoint(folder, { ...checkpointOf(3), best: read.best });
  assert.equal(statSync(join(folder, bestOf())).ino, ino, "also by a run that goes on");
  assert.equal(readCheckpoint(folder).best!.get("w")!.data[0], 1);
  writeCheckpoint(folder, checkpointOf(4));
  assert.notEqual(statSync(join(folder, bestOf())).ino, ino);
  assert.equal(stepOf(folder), 4);
});

test("a bit that was flipped in the weights is noticed", (t) => {
  const folder = scratchFolder(t);
  writeCheckpoint(folder, checkpointOf(1));
  const file = join(folder, readdirSync(folder).find((name) => name.startsWith("weights-"))!);
  const bytes = readFileSync(file);
  bytes[bytes.length - 9]! ^= 4;
  writeFileSync(file, bytes);
  throwsProblem(() => readCheckpoint(folder), { what: /not the checkpoint's/, file, found: /^check sum \d+$/ });
});

test("a checkpoint of another version is refused", (t) => {
  const folder = scratchFolder(t);
  writeCheckpoint(folder, checkpointOf(1));
  const file = join(folder, "checkpoint.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"version": 3', '"version": 2'));
  throwsProblem(() => readCheckpoint(folder), {
    what: /another format/,
    found: "signalbook-checkpoint, version 2",
    fix: /train anew/,
  });
});

/** Writes checkpoint 1, then 2 with a hundred times as many numbers, in a process of its own; prints what it was told. */
const writer = `
  const { writeCheckpoint, newRunState } = require(${JSON.stringify(join(__dirname, "../../lib/training/checkpoint"))});
  process.on("SIGXFSZ", () => {}); // a file beyond the limit is then an error, not the end of the process
  for (const [step, size] of [[1, 1000], [2, 100000]]) {
    const weights = new Map([["w", { dtype: "F32", shape: [size], data: new Float32Array(size).fill(step) }],
      ["step/n", { dtype: "I32", shape: [1], data: Int32Array.of(step) }]]);
    try {
      writeCheckpoint(process.argv[1], { run: {}, state: { ...newRunState(1), step }, weights, best: weights });
    } catch (error) {
      console.log(JSON.stringify({ step, message: error.message, details: error.details }));
    }
  }
`;

function checkFull(folder: string, output: string, code: string): void {
  const { step, message, details } = JSON.parse(output) as Record<string, never> & { details: Record<string, string> };
  assert.equal(step, 2);
  assert.match(message, /no room for a checkpoint; found \d+ bytes free \(E/);
  assert.equal(details["file"], folder);
  assert.ok(details["found"]!.endsWith(`(${code})`), details["found"]);
  assert.match(details["expected"]!, /^4\d{5} bytes for weights-[0-9a-f]{16}\.safetensors$/);
  assert.equal(stepOf(folder), 1, "the checkpoint before is whole");
  assert.equal(readdirSync(folder).length, 3, "and nothing half written lies beside it");
}

test("a file that may not grow so far: folder, needed and free bytes are told, the checkpoint before stays", (t) => {
  if (process.platform === "win32") return t.skip("no limits on files there");
  const folder = join(scratchFolder(t), "run");
  const limited = `ulimit -f 200; exec "$0" -r ts-node/register -e "$1" "$2"`; // blocks of 512 or 1024 bytes
  const { stdout, stderr } = spawnSync("sh", ["-c", limited, process.execPath, writer, folder], { encoding: "utf8" });
  assert.equal(stderr, "");
  checkFull(folder, stdout, "EFBIG");
});

test("a full disk: the same", (t) => {
  const disk = scratchFolder(t);
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=300k", "none", disk]);
  if (mounted.status !== 0) return t.skip("no file system can be mounted here: the limit on files is tested above");
  try {
    const folder = join(disk, "run");
    const args = ["-r", "ts-node/register", "-e", writer, folder];
    checkFull(folder, execFileSync(process.execPath, args, { encoding: "utf8" }), "ENOSPC");
  } finally {
    spawnSync("umount", [disk]);
  }
  assert.ok(existsSync(disk));
});
