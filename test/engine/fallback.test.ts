/** Without TensorFlow's library: tfjs' plain backend, chosen with a warning; never silently, never when asked otherwise. */
import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { projectRoot } from "../../lib/core/files";

const program = `
const { compile, startEngine, tf, batchNormTraining } = require("./lib/engine");
const w = tf.variable(tf.scalar(2));
const step = compile((x) => { w.assign(tf.add(w, 1)); return tf.mul(x, w); });
(async () => {
  const results = [step(tf.scalar(10)), await step.async(tf.scalar(10))].map((t) => t.dataSync()[0]);
  const { variance } = batchNormTraining(tf.tensor2d([[1], [2], [4]]), tf.ones([1]), tf.zeros([1]), 0);
  console.log(JSON.stringify({ info: startEngine(), results, variance: variance.dataSync()[0] }));
})();`;

describe("a project without the engine's library", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "signalbook fallback "));
    for (const part of ["core", "engine"])
      cpSync(join(projectRoot, "lib", part), join(folder, "lib", part), { recursive: true });
    cpSync(join(projectRoot, "tsconfig.json"), join(folder, "tsconfig.json"));
    symlinkSync(join(projectRoot, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "main.js"), program);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (environment: Record<string, string> = {}): SpawnSyncReturns<string> => {
    const { SIGNALBOOK_BACKEND: _backend, SIGNALBOOK_ENGINE_FOLDER: _folder, ...rest } = process.env;
    const env = { ...rest, ...environment };
    return spawnSync(process.execPath, ["-r", "ts-node/register", "main.js"], { cwd: folder, env, encoding: "utf8" });
  };

  test("runs on plain JavaScript, warns, and says so", () => {
    const { stdout, stderr, status } = run();
    assert.equal(status, 0, stderr);
    assert.match(stderr, /no TensorFlow library.*slow.*npm run setup/);
    const { info, results, variance } = JSON.parse(stdout);
    assert.equal(info.backend, "cpu");
    assert.match(info.fallbackReason, /not installed/);
    assert.deepEqual(results, [30, 40]);
    assert.ok(Math.abs(variance - 7 / 3) < 1e-6);
  });

  test("asking for TensorFlow is an error then", () => {
    const { stderr, status } = run({ SIGNALBOOK_BACKEND: "tensorflow" });
    assert.notEqual(status, 0);
    assert.match(stderr, /the TensorFlow engine is not installed; run `npm run setup`/);
  });

  test("a broken installation is an error, not a reason to be slow", () => {
    mkdirSync(join(folder, ".signalbook", "engine", "broken"), { recursive: true });
    writeFileSync(
      join(folder, ".signalbook", "engine", "active.json"),
      JSON.stringify({ folder: "broken", variant: "cpu", version: "0" }),
    );
    for (const name of ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"])
      writeFileSync(join(folder, ".signalbook", "engine", "broken", name), "no library");
    const { stderr, status } = run();
    assert.notEqual(status, 0);
    assert.match(stderr, /libtensorflow_framework\.so\.2: the engine's library does not load; found .*file too short/);
  });

  test("an unknown backend is refused", () => {
    assert.match(run({ SIGNALBOOK_BACKEND: "webgl" }).stderr, /SIGNALBOOK_BACKEND: an unknown backend; found webgl/);
  });
});
