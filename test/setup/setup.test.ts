import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Clone, makeClone, makeWheel, packageOf, setUp, sha256 } from "./clone";

const engineFolder = (clone: Clone): string => join(clone.root, ".signalbook", "engine");

/** The engine is there whole, and nothing else is left beside it. */
function assertInstalled(clone: Clone): void {
  const folder = join(engineFolder(clone), "tensorflow-cpu-9.9.9");
  assert.deepEqual(readdirSync(engineFolder(clone)).sort(), ["active.json", "tensorflow-cpu-9.9.9"]);
  assert.deepEqual(readdirSync(folder).sort(), ["engine.json", ...Object.keys(clone.libraries)].sort());
  const record = JSON.parse(readFileSync(join(folder, "engine.json"), "utf8"));
  assert.equal(record.package, "tensorflow-cpu");
  assert.equal(record.version, "9.9.9");
  for (const [name, bytes] of Object.entries(clone.libraries)) {
    assert.deepEqual(readFileSync(join(folder, name)), bytes);
    assert.deepEqual(record.files[name], { sha256: sha256(bytes), bytes: bytes.length });
  }
  const active = JSON.parse(readFileSync(join(engineFolder(clone), "active.json"), "utf8"));
  assert.deepEqual(active, { folder: "tensorflow-cpu-9.9.9", variant: "cpu", version: "9.9.9" });
}

/** No library, no record of one, and no leftovers but the logs. */
function assertNothing(clone: Clone): void {
  const left = existsSync(engineFolder(clone)) ? readdirSync(engineFolder(clone), { recursive: true }).sort() : [];
  assert.ok(left.length === 0 || (left.length === 1 && left[0] === "downloads"), `left: ${left.join(", ")}`);
  assert.ok(!existsSync(join(clone.root, ".signalbook", "setup.lock")));
}

/** However far it came: what is there is whole. */
function assertNothingHalf(clone: Clone): void {
  const names = existsSync(engineFolder(clone))
    ? readdirSync(engineFolder(clone), { recursive: true }).map(String)
    : [];
  assert.deepEqual(
    names.filter((name) => name.includes(".partial")),
    [],
  );
  if (names.includes("tensorflow-cpu-9.9.9")) assertInstalled(clone);
}

test("a fresh clone in a folder with spaces is set up; then there is nothing to do, within a second", async (context) => {
  const clone = makeClone(context);
  const first = await setUp(clone);
  assert.equal(first.code, 0, first.output);
  assertInstalled(clone);
  assert.match(readFileSync(join(clone.root, "npm-was-called-with"), "utf8"), /^ci --ignore-scripts /);
  assert.equal(readlinkSync(join(clone.root, "node_modules", ".bin", "signalbook")), "../../scripts/signalbook.cjs");
  rmSync(join(clone.root, "npm-was-called-with"));

  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const again = await setUp(clone, { FAKE_PIP: "offline", FAKE_NPM: "ENOTFOUND" });
    assert.equal(again.code, 0, again.output);
    assert.match(again.output, /nothing to do/);
    times.push(again.milliseconds);
  }
  // The best of three: other tests run beside this one.
  assert.ok(Math.min(...times) < 1000, `took ${times.join(", ")} ms`);
  const quiet = await setUp(clone, {}, { args: ["--quiet"] });
  assert.deepEqual([quiet.code, quiet.output], [0, ""]);
});

test("interrupted in the middle of the download, it stops its helpers and leaves nothing half done", async (context) => {
  const clone = makeClone(context);
  const ended = await setUp(
    clone,
    { FAKE_PIP: "slow" },
    { onStart: (child) => whenStarted(clone, () => child.kill("SIGTERM")) },
  );
  assert.equal(ended.code, 143, ended.output);
  assert.match(ended.output, /stopped by SIGTERM\n {2}run the command again/);
  assertNothing(clone);
  assert.equal((await setUp(clone)).code, 0);
  assertInstalled(clone);
});

test("killed without warning, the next set-up ends its helpers, breaks its lock, sweeps up and installs", async (context) => {
  const clone = makeClone(context);
  await setUp(clone, { FAKE_PIP: "slow" }, { onStart: (child) => whenStarted(clone, () => child.kill("SIGKILL")) });
  assert.ok(existsSync(join(clone.root, ".signalbook", "setup.lock")));
  assert.ok(!existsSync(join(engineFolder(clone), "active.json")));
  const note = join(clone.root, ".signalbook", "pip.log.process.json");
  const left = JSON.parse(readFileSync(note, "utf8")) as { pid: number };
  assert.ok(existsSync(`/proc/${left.pid}`), "the stand-in for pip lives on");
  const next = await setUp(clone);
  assert.equal(next.code, 0, next.output);
  assert.ok(
    !existsSync(`/proc/${left.pid}`) || /\) Z /.test(readFileSync(`/proc/${left.pid}/stat`, "utf8")),
    "it was ended",
  );
  assert.ok(!existsSync(note));
  assertInstalled(clone);
});

test("two set-ups at once: one waits for the other, both end well", async (context) => {
  const clone = makeClone(context);
  const ended = await Promise.all([setUp(clone), setUp(clone)]);
  assert.deepEqual(
    ended.map(({ code }) => code),
    [0, 0],
    ended.map(({ output }) => output).join("\n"),
  );
  assertInstalled(clone);
});

test("a lock of a living process is waited for", async (context) => {
  const clone = makeClone(context);
  const holder = spawn("sleep", ["60"]);
  context.after(() => holder.kill());
  const stat = readFileSync(`/proc/${holder.pid}/stat`, "utf8");
  const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  mkdirSync(join(clone.root, ".signalbook"), { recursive: true });
  const { hostname } = await import("node:os");
  const lock = join(clone.root, ".signalbook", "setup.lock");
  writeFileSync(lock, JSON.stringify({ pid: holder.pid, started, host: hostname() }));
  let told = "";
  const ended = await setUp(
    clone,
    {},
    {
      onStart: (child) =>
        child.stderr!.on("data", (text: string) => {
          told += text;
          if (told.includes("waiting for it")) holder.kill();
        }),
    },
  );
  assert.equal(ended.code, 0, ended.output);
  assert.match(ended.output, new RegExp(`another set-up \\(process ${holder.pid}\\) is at work; waiting for it`));
  assertInstalled(clone);
});

const mistakes: [what: string, env: NodeJS.ProcessEnv, expected: RegExp][] = [
  ["no network for pip", { FAKE_PIP: "offline" }, /the package index could not be reached\n {2}check the network/],
  ["a full disk", { FAKE_PIP: "full" }, /the disk is full\n {2}free some space/],
  [
    "another file than was published",
    { FAKE_PIP: "other" },
    /has SHA-256 \w+, expected \w+: it is not the published package/,
  ],
  [
    "no network for npm",
    { FAKE_NPM: "ENOTFOUND" },
    /npm could not install the packages: the package registry could not be/,
  ],
  [
    "a damaged package of npm's",
    { FAKE_NPM: "EINTEGRITY" },
    /npm could not install the packages: npm error code EINTEGRITY/,
  ],
  ["no network at all", { FAKE_PIP: "offline", FAKE_NPM: "EAI_AGAIN" }, /could not be reached\n {2}check the network/],
  ["no Python", { PATH: "/nowhere" }, /Python 3 was not found; .*\n {2}install Python 3 with pip/],
  ["an unknown engine", { SIGNALBOOK_ENGINE: "tpu" }, /SIGNALBOOK_ENGINE is "tpu"\n {2}set it to cpu, cuda or none/],
];
for (const [what, env, expected] of mistakes) {
  test(`${what}: one clear message, exit code 1`, async (context) => {
    const clone = makeClone(context);
    const ended = await setUp(clone, env);
    assert.equal(ended.code, 1, ended.output);
    assert.match(ended.output, expected);
    assert.doesNotMatch(ended.output, /\n\s+at /, "no stack");
    assert.equal(ended.output.match(/\n {2}\S/g)!.length, 1, `one thing to do, not two:\n${ended.output}`);
    // What the other part could do, it did.
    if (env["FAKE_NPM"] === "EINTEGRITY") assertInstalled(clone);
    else if (env["FAKE_NPM"] === "ENOTFOUND") assertNothingHalf(clone);
    else assertNothing(clone);
  });
}

test("a library that differs from the package's own record is not installed", async (context) => {
  const wheel = makeWheel(`tensorflow/libtensorflow_framework.so.2,sha256=${"A".repeat(43)},10000\n`);
  const clone = makeClone(context, wheel);
  const ended = await setUp(clone);
  assert.equal(ended.code, 1);
  assert.match(ended.output, /libtensorflow_framework\.so\.2 .* its RECORD says A{43}/);
  assertNothing(clone);
});

test("a lost library and a package pinned anew are installed again; --verify finds a changed one", async (context) => {
  const clone = makeClone(context);
  await setUp(clone);
  const library = join(engineFolder(clone), "tensorflow-cpu-9.9.9", "libtensorflow_cc.so.2");
  rmSync(library);
  assert.equal((await setUp(clone)).code, 0);
  assertInstalled(clone);

  const bytes = readFileSync(library);
  bytes[7]! ^= 1;
  writeFileSync(library, bytes);
  const verified = await setUp(clone, {}, { args: ["--verify"] });
  assert.equal(verified.code, 1);
  assert.match(verified.output, /libtensorflow_cc\.so\.2 has SHA-256 \w+, but \w+ was installed/);

  // The same version, packed anew: other bytes, another hash.
  const repacked = Buffer.concat([makeWheel().subarray(0, -2), Buffer.from([3, 0]), Buffer.from("new")]);
  writeFileSync(clone.wheelFile, repacked);
  writeFileSync(join(clone.root, "packages.json"), JSON.stringify({ ...clone.packages, cpu: packageOf(repacked) }));
  assert.equal((await setUp(clone)).code, 0);
  assertInstalled(clone);
});

/** Calls back once the stand-in for pip has half of its file. */
function whenStarted(clone: Clone, then: () => void): void {
  const watch = setInterval(() => {
    if (!existsSync(clone.env["FAKE_STARTED"]!)) return;
    clearInterval(watch);
    then();
  }, 20);
}
