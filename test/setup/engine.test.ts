import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { type Engine, makeClone, script, setUp } from "./clone";

const { chooseVariant, checkPlatform, checkDisk, matches, parseRecord } = script<{
  chooseVariant(env: NodeJS.ProcessEnv, driver: () => string | undefined): string;
  checkPlatform(platform: string, arch: string, glibc: () => string | undefined): void;
  checkDisk(root: string, bytes: number, what: string, available: number): void;
  matches(pattern: string, name: string): boolean;
  parseRecord(text: string): Map<string, string>;
}>("lib/engine.mjs");
const { explainPip } = script<{ explainPip(output: string, wheel: object, log: string): Error }>("lib/pip.mjs");
const { explainNpm } = script<{ explainNpm(output: string, log: string): Error }>("lib/npm.mjs");

test("the engine is what was asked for, else cuda where a driver is visible", () => {
  assert.equal(
    chooseVariant({}, () => undefined),
    "cpu",
  );
  assert.equal(
    chooseVariant({}, () => "570.124.06"),
    "cuda",
  );
  assert.equal(
    chooseVariant({}, () => "unknown"),
    "cuda",
  );
  assert.equal(
    chooseVariant({ SIGNALBOOK_ENGINE: "cpu" }, () => "570.124.06"),
    "cpu",
  );
  assert.equal(
    chooseVariant({ SIGNALBOOK_ENGINE: "cuda" }, () => undefined),
    "cuda",
  );
  assert.equal(
    chooseVariant({ SIGNALBOOK_ENGINE: "none" }, () => undefined),
    "none",
  );
  assert.throws(
    () => chooseVariant({}, () => "470.82.01"),
    /driver is 470\.82\.01; CUDA 12 needs 525 or newer\n.*SIGNALBOOK_ENGINE=cpu/,
  );
});

test("systems without a library are told what to do instead", () => {
  assert.doesNotThrow(() => checkPlatform("linux", "x64", () => "2.36"));
  for (const [platform, arch] of [
    ["darwin", "arm64"],
    ["win32", "x64"],
    ["linux", "arm64"],
  ] as const)
    assert.throws(
      () => checkPlatform(platform, arch, () => "2.36"),
      new RegExp(`made for Linux x86-64; this is ${platform} ${arch}\\n {2}run it on Linux`),
    );
  assert.throws(
    () => checkPlatform("linux", "x64", () => undefined),
    /needs glibc 2\.27 or newer; this system has another libc/,
  );
  assert.throws(() => checkPlatform("linux", "x64", () => "2.17"), /this system has 2\.17/);
});

test("too little disk is told before anything is downloaded", () => {
  assert.throws(
    () => checkDisk("/somewhere", 1.2e9, "set-up", 3e8),
    /set-up takes 1\.2 GB of disk, but only 300 MB are free in \/somewhere/,
  );
  assert.doesNotThrow(() => checkDisk("/somewhere", 1e9, "set-up", 1e9));
});

test("patterns of files stop at slashes; RECORD's quotes and lines without a hash are read", () => {
  assert.ok(matches("nvidia/*/lib/lib*.so*", "nvidia/cudnn/lib/libcudnn.so.9"));
  assert.ok(!matches("nvidia/*/lib/lib*.so*", "nvidia/cudnn/lib/deeper/libcudnn.so.9"));
  assert.ok(!matches("nvidia/*/lib/lib*.so*", "nvidia/cudnn/libXso"));
  const record = parseRecord('a/b.so,sha256=ab-_,12\r\n"with, comma",sha256=cd,3\npkg/RECORD,,\n');
  assert.deepEqual(
    [...record],
    [
      ["a/b.so", "ab-_"],
      ["with, comma", "cd"],
    ],
  );
});

test("what pip and npm say becomes one message with what to do", () => {
  const wheel = { name: "tensorflow-cpu", version: "9", wheel: "a.whl" };
  const pip = (output: string): string => explainPip(output, wheel, "LOG").message;
  assert.match(pip("ProxyError('Cannot connect to proxy.')"), /could not be reached\n.*proxy.*LOG/);
  assert.match(pip("ERROR: No matching distribution found for x"), /does not offer a\.whl\n/);
  assert.match(pip("ERROR: something new"), /ERROR: something new\n {2}all that pip said is in LOG/);
  assert.match(explainNpm("npm error code EACCES", "LOG").message, /no permission to write/);
  assert.match(explainNpm("npm error code ENOSPC", "LOG").message, /the disk is full/);
  assert.match(explainNpm("npm error code EINTEGRITY\nnpm error sha512", "LOG").message, /EINTEGRITY/);
});

test("the CUDA engine keeps the packages' layout, which the libraries' search paths rely on", async (context) => {
  const clone = makeClone(context);
  const ended = await setUp(clone, { SIGNALBOOK_ENGINE: "cuda" });
  assert.equal(ended.code, 0, ended.output);
  const store = join(clone.root, ".signalbook", "engine");
  assert.ok(existsSync(join(store, "tensorflow-cuda-9.9.9", "tensorflow", "libtensorflow_cc.so.2")));
  const active = (): unknown => JSON.parse(readFileSync(join(store, "active.json"), "utf8"));
  const cuda = { folder: "tensorflow-cuda-9.9.9/tensorflow", variant: "cuda", version: "9.9.9" };
  assert.deepEqual(active(), cuda);

  assert.equal((await setUp(clone, { SIGNALBOOK_ENGINE: "cpu" })).code, 0);
  assert.deepEqual(active(), { folder: "tensorflow-cpu-9.9.9", variant: "cpu", version: "9.9.9" });
  // Installed already: it is put to use again without pip.
  assert.equal((await setUp(clone, { SIGNALBOOK_ENGINE: "cuda", FAKE_PIP: "offline" })).code, 0);
  assert.deepEqual(active(), cuda);
});

test("the table of packages is whole: every wheel pinned by hash, one version, folders apart", () => {
  const table = JSON.parse(readFileSync(join(projectRoot, "scripts", "engine-packages.json"), "utf8")) as Record<
    string,
    Engine
  >;
  assert.deepEqual(Object.keys(table), ["cpu", "cuda"]);
  const { cpu, cuda } = table as { cpu: Engine; cuda: Engine };
  assert.equal(cpu.version, cuda.version);
  assert.notEqual(cpu.folder, cuda.folder);
  for (const engine of [cpu, cuda]) {
    assert.equal(engine.wheels[0]!.version, engine.version);
    for (const wheel of engine.wheels) {
      assert.match(wheel.sha256, /^[0-9a-f]{64}$/);
      assert.ok(wheel.wheel.startsWith(`${wheel.name.replaceAll("-", "_")}-${wheel.version}-`), wheel.wheel);
      assert.ok(wheel.wheel.includes(`-${wheel.platform}`) && wheel.bytes > 0 && wheel.keptBytes > 0);
    }
  }
});
