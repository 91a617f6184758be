import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { canonicalJson } from "../../lib/core/canonical-json";
import { type CacheOptions, cacheSetup, cacheStats, ExampleCache } from "../../lib/training/cache";
import { decodeEntry, encodeEntry } from "../../lib/training/cache-entry";
import { removeOldest } from "../../lib/training/cache-size";
import { scratchFile, scratchFolder, throwsProblem } from "../support/problems";

/** All files of a cache, with their folders. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** What is told while `action` runs. */
async function warnings(action: () => void): Promise<string[]> {
  const told: string[] = [];
  const listen = ({ name, message }: Error): void => {
    if (name === "SignalbookCache") told.push(message);
  };
  process.on("warning", listen);
  action();
  await new Promise((done) => setTimeout(done, 10));
  process.off("warning", listen);
  return told;
}

function opened(folder: string, options: Partial<CacheOptions> = {}): { cache: ExampleCache; stats: () => object } {
  const setup = cacheSetup({ folder, parameters: { rate: 100 }, version: 1, ...options });
  return { cache: new ExampleCache(setup), stats: () => cacheStats(setup) };
}

const arrays = (seed: number) => ({
  signal: Float32Array.of(seed, Math.PI, -0),
  bytes: Uint8Array.of(1, 2, 255),
  wide: Float64Array.of(seed, Number.NaN),
  empty: new Int16Array(0),
});
const never = (): never => {
  throw new Error("made again");
};

test("an example comes back as it was put in, for the same files, parameters, version and part only", (t) => {
  const folder = scratchFolder(t);
  const file = scratchFile(t, "a.dat", "first");
  const { cache, stats } = opened(folder);
  assert.deepEqual(
    cache.arrays([file], 3, () => arrays(1)),
    arrays(1),
  );
  assert.deepEqual(cache.arrays([file], 3, never), arrays(1));
  assert.deepEqual(opened(folder, { parameters: { rate: 100 } }).cache.arrays([file], 3, never), arrays(1));
  const others = [
    () => cache.arrays([file], 4, never),
    () => cache.arrays([file, file], 3, never),
    () => opened(folder, { version: 2 }).cache.arrays([file], 3, never),
    () => opened(folder, { parameters: { rate: 50 } }).cache.arrays([file], 3, never),
    () => opened(folder, { identity: "modified" }).cache.arrays([file], 3, never),
  ];
  for (const other of others) assert.throws(other, /made again/);
  writeFileSync(file, "other");
  assert.throws(() => cache.arrays([file], 3, never), /made again/);
  writeFileSync(file, "first");
  assert.deepEqual(cache.arrays([file], 3, never), arrays(1));
  assert.deepEqual(stats(), { hits: 2, misses: 4, damaged: 0, off: false });
  throwsProblem(() => cache.arrays([`${file}.gone`], 3, never), { found: "nothing there" });
});

test("told by size and time of change, a file's bytes are not looked at", (t) => {
  const file = scratchFile(t, "a.dat", "first");
  const { cache } = opened(scratchFolder(t), { identity: "modified" });
  const { atime, mtime } = statSync(file);
  cache.arrays([file], 0, () => arrays(1));
  writeFileSync(file, "other");
  utimesSync(file, atime, new Date(mtime.getTime() + 2000));
  assert.throws(() => cache.arrays([file], 0, never), /made again/);
});

test("a damaged entry is told, made again and mended", async (t) => {
  const folder = scratchFolder(t);
  const file = scratchFile(t, "a.dat", "first");
  const damages: ((path: string) => void)[] = [
    (path) => truncateSync(path, 40),
    (path) => truncateSync(path, 0),
    (path) => {
      const bytes = readFileSync(path);
      bytes[bytes.length - 9]! ^= 1;
      writeFileSync(path, bytes);
    },
  ];
  for (const damage of damages) {
    const { cache, stats } = opened(folder);
    cache.arrays([file], 0, () => arrays(1));
    const [entry] = filesOf(folder);
    damage(entry!);
    const told = await warnings(() =>
      assert.deepEqual(
        cache.arrays([file], 0, () => arrays(1)),
        arrays(1),
      ),
    );
    assert.equal(told.length, 1);
    assert.ok(told[0]!.includes(entry!) && /damaged entry.*made again/.test(told[0]!), told[0]);
    assert.equal((stats() as { damaged: number }).damaged, 1);
    assert.deepEqual(cache.arrays([file], 0, never), arrays(1));
  }
  assert.match(decodeEntry("b", encodeEntry("a", arrays(1))) as string, /another key, a/);
  const shifted = new Uint8Array(encodeEntry("a", arrays(2)).length + 3);
  shifted.set(encodeEntry("a", arrays(2)), 3);
  assert.deepEqual(decodeEntry("a", shifted.subarray(3)), arrays(2));
});

const child = join(__dirname, "cache-child.ts");
const command = ["-r", "ts-node/register", child];

test("processes that fill one folder at once get the right examples and leave whole entries", async (t) => {
  const folder = scratchFolder(t);
  const file = scratchFile(t, "a.dat", "first");
  const results = await Promise.all(
    [0, 0, 20].map(async (from) => {
      const run = spawn(process.execPath, [...command, folder, file, String(from)]);
      let text = "";
      run.stdout.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      run.stderr.pipe(process.stderr);
      await once(run, "close");
      return JSON.parse(text) as { sum: number; hits: number; misses: number; damaged: number; off: boolean };
    }),
  );
  for (const { sum, hits, misses, damaged, off } of results) {
    assert.equal(sum, 780);
    assert.equal(hits + misses, 40);
    assert.deepEqual([damaged, off], [0, false]);
  }
  assert.equal(filesOf(folder).length, 40);
  const { cache } = opened(folder, { parameters: { gain: 2 } });
  for (let i = 0; i < 40; i++) assert.equal(cache.arrays([file], i, never)["samples"]![3999], i);
});

/** A folder of 200 KiB, where the system lets a process have its own mounts. */
function onSmallDisk(t: TestContext, run: string[]): { status: number | null; stdout: string; stderr: string } | null {
  const disk = scratchFolder(t);
  const script =
    'mount -t tmpfs -o size=200k none "$0" || exit 77; "$@"; status=$?; find "$0" -name "*.tmp"; exit $status';
  const args = ["-rm", "sh", "-c", script, disk, ...run.map((word) => (word === "DISK" ? disk : word))];
  const result = spawnSync("unshare", args, { encoding: "utf8", timeout: 60_000 });
  return result.error !== undefined || result.status === 77 || /unshare/.test(result.stderr) ? null : result;
}

test("a full disk is told once, with the folder and what is free; the run goes on, nothing half-written stays", (t) => {
  const file = scratchFile(t, "a.dat", "first");
  const result = onSmallDisk(t, [process.execPath, ...command, "DISK", file, "0"]);
  if (result === null) return t.skip("no mounts of its own for a process here");
  assert.equal(result.status, 0, result.stderr);
  const { sum, hits, off } = JSON.parse(result.stdout) as { sum: number; hits: number; off: boolean };
  assert.deepEqual([sum, hits, off], [780, 0, true]);
  assert.equal(result.stderr.match(/SignalbookCache/g)!.length, 1, result.stderr);
  assert.match(
    result.stderr,
    /signalbook-\w+: examples cannot be cached \(ENOSPC.*; \d+ bytes free\); the run goes on/,
  );
});

test("a folder in which nothing can be written any more is told once", async (t) => {
  const folder = join(scratchFolder(t), "cache");
  const file = scratchFile(t, "a.dat", "first");
  const { cache, stats } = opened(folder);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, "a file in its place");
  const told = await warnings(() => {
    for (let i = 0; i < 3; i++)
      assert.deepEqual(
        cache.arrays([file], i, () => arrays(i)),
        arrays(i),
      );
  });
  assert.equal(told.filter((text) => /cannot be cached/.test(text)).length, 1);
  assert.equal((stats() as { off: boolean }).off, true);
  throwsProblem(() => cacheSetup({ folder, parameters: {}, version: 1 }), { what: /folder that cannot be made/ });
});

test("above its size a cache loses what was not used for longest", (t) => {
  const folder = scratchFolder(t);
  const file = scratchFile(t, "a.dat", "first");
  const { cache } = opened(folder, { maxBytes: 100 * 1024 });
  const kib = (): { samples: Float32Array } => ({ samples: new Float32Array(10 * 256) });
  cache.arrays([file], 0, kib);
  const [first] = filesOf(folder);
  for (let i = 1; i < 30; i++) {
    cache.arrays([file], i, kib);
    for (const path of filesOf(folder))
      if (path !== first) utimesSync(path, 1e9 + i, Math.min(1e9 + i, statSync(path).mtimeMs / 1e3));
    cache.arrays([file], 0, never);
  }
  const held = filesOf(folder).reduce((total, path) => total + statSync(path).size, 0);
  assert.ok(held <= 100 * 1024 && held > 50 * 1024, String(held));
  const abandoned = join(folder, "aa");
  mkdirSync(abandoned, { recursive: true });
  writeFileSync(join(abandoned, "half.tmp"), "");
  utimesSync(join(abandoned, "half.tmp"), 1e9, 1e9);
  assert.ok(removeOldest(folder, 20 * 1024) <= 20 * 1024);
  assert.ok(!filesOf(folder).some((path) => path.endsWith(".tmp")));
});

test("parameters are one key however they are written; what JSON would change is refused", () => {
  assert.equal(canonicalJson({ b: [1, null], a: { d: "x", c: undefined } }), '{"a":{"d":"x"},"b":[1,null]}');
  throwsProblem(() => canonicalJson({ rate: Number.NaN }), { place: "value.rate", found: "NaN" });
  throwsProblem(() => canonicalJson([new Date(0)]), { place: "value[0]", found: "Date" });
  for (const maxBytes of [0, Number.NaN])
    throwsProblem(() => cacheSetup({ folder: "x", parameters: 1, version: 1, maxBytes }), { found: String(maxBytes) });
  throwsProblem(() => cacheSetup({ folder: "x", parameters: { f: () => 1 }, version: 1 }), { place: "parameters.f" });
});
