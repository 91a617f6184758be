import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { findLeftovers, type Leftovers, removeLeftovers } from "../../lib/cli/clean";
import { main } from "../../lib/cli/main";
import { sampleSetFolder } from "../../lib/simulation/sample-sets";
import { cacheSetup, cacheStats, ExampleCache } from "../../lib/training/cache";
import { encodeEntry } from "../../lib/training/cache-entry";
import { scratchFolder, scratchOutputs } from "../support/problems";

/** A folder with one file of so many bytes, last changed so many hours ago. */
function filled(folder: string, bytes: number, hours = 0): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "data.bin");
  writeFileSync(file, new Uint8Array(bytes));
  const then = new Date(Date.now() - hours * 3_600_000);
  for (const path of [file, folder]) utimesSync(path, then, then);
  return file;
}

const arrays = (value: number) => ({ pixels: Float32Array.of(value) });

/** Everything below a folder: files with their bytes' number, links by name. */
const treeOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => `${name} ${statSync(join(folder, name)).isFile() ? statSync(join(folder, name)).size : "folder"}`)
    .sort();

function outputs(t: TestContext) {
  const root = scratchOutputs(t);
  const simulated = (name: string): string => join(root, "simulated", name);
  const current = sampleSetFolder("hms");
  const files = {
    current: filled(current, 100),
    stale: filled(simulated("hms-0123456789ab"), 2_000_000),
    otherStale: filled(simulated("maic-ffffffffffff"), 30),
  };
  filled(simulated("beetl-aaaaaaaaaaaa.12345678.tmp"), 40, 2);
  filled(simulated("beetl-bbbbbbbbbbbb.12345678.tmp"), 50);
  filled(simulated("my-own-nights"), 60, 9999);
  filled(simulated("hms-notahash"), 70, 9999);
  const elsewhere = filled(join(scratchFolder(t), "elsewhere"), 80, 9999);
  symlinkSync(join(elsewhere, ".."), simulated("hms-cccccccccccc"));
  filled(join(root, "hms-0123456789ab"), 90, 9999); // not where sets lie

  const folder = join(root, "cache", "hms");
  const setup = cacheSetup({ folder, parameters: {}, version: 1, identity: "modified" });
  const cache = new ExampleCache(setup);
  cache.arrays([files.current], 0, () => arrays(1));
  cache.arrays([files.current, files.stale], 0, () => arrays(2));
  const changed = filled(join(root, "own"), 10);
  cache.arrays([changed], 0, () => arrays(3));
  writeFileSync(changed, "another content");
  const away = filled(join(scratchFolder(t), "disk"), 10);
  cache.arrays([away], 0, () => arrays(6));
  rmSync(away); // a disk that is not there just now
  const before = filled(simulated("beetl-dddddddddddd"), 20);
  cache.arrays([before], 0, () => arrays(7));
  rmSync(simulated("beetl-dddddddddddd"), { recursive: true }); // by hand
  const byContent = new ExampleCache(cacheSetup({ folder, parameters: {}, version: 1 }));
  byContent.arrays([files.stale], 0, () => arrays(4));
  const older = join(folder, "ab", `${"ab".repeat(32)}.bin`); // of a version that did not say what from
  mkdirSync(join(folder, "ab"), { recursive: true });
  writeFileSync(older, encodeEntry("ab".repeat(32), arrays(5)));
  return { root, simulated, files, current, folder, setup, cache, older, elsewhere };
}

test("listed are sets of other hashes, what was left half written, and examples of files that are gone", (t) => {
  const { root, simulated, folder, current } = outputs(t);
  const before = treeOf(root);
  const found = findLeftovers();
  assert.deepEqual(
    new Map(found.folders.map(({ path, bytes, why }) => [path, `${bytes} ${why}`])),
    new Map([
      [simulated("hms-0123456789ab"), "2000000 made by another simulator"],
      [simulated("maic-ffffffffffff"), "30 made by another simulator"],
      [simulated("beetl-aaaaaaaaaaaa.12345678.tmp"), "40 left unfinished"],
    ]),
  );
  assert.deepEqual(
    found.entries.map(({ folder: of, paths }) => [of, paths.length]),
    [[folder, 3]],
  );
  assert.deepEqual(
    new Set(found.kept.map(({ path }) => path)),
    new Set([
      ...[current, simulated("beetl-bbbbbbbbbbbb.12345678.tmp"), simulated("my-own-nights")],
      ...[simulated("hms-notahash"), folder],
    ]),
  );
  assert.deepEqual(treeOf(root), before, "looking changes nothing");
});

test("what is listed goes, all else stays as it was, and what is current is still found", (t) => {
  const { root, simulated, files, cache, setup, older, elsewhere } = outputs(t);
  const before = treeOf(root);
  const found = findLeftovers();
  removeLeftovers(found);
  const gone = [...found.folders.map(({ path }) => path), ...found.entries.flatMap(({ paths }) => paths)];
  assert.equal(gone.length, 6);
  const below = (line: string): boolean => gone.some((path) => join(root, line).startsWith(path));
  assert.deepEqual(
    treeOf(root),
    before.filter((line) => !below(line)),
  );
  for (const kept of [files.current, older, elsewhere, simulated("my-own-nights")]) assert.ok(existsSync(kept), kept);
  const { hits } = cacheStats(setup);
  cache.arrays([files.current], 0, () => assert.fail("made again"));
  assert.equal(cacheStats(setup).hits, hits + 1);
  const after: Leftovers = findLeftovers();
  assert.deepEqual([after.folders, after.entries], [[], []]);
});

test("the command lists, and removes only when told to; an outputs folder without any is no mistake", async (t) => {
  const { root, simulated } = outputs(t);
  const run = async (...args: string[]): Promise<string> => {
    let out = "";
    const { mock } = t.mock.method(process.stdout, "write", (text: string) => {
      out += text;
      return true;
    });
    try {
      assert.equal(await main(["clean", ...args]), 0);
    } finally {
      mock.restore();
    }
    return out;
  };
  const before = treeOf(root);
  const listed = await run();
  assert.match(listed, /^stale, 2\.0 MB:\n/);
  assert.match(listed, / 2\.0 MB {2}\S+hms-0123456789ab: made by another simulator\n/);
  assert.match(listed, /cache\/hms: 3 examples of files that are gone or changed\n/);
  assert.match(listed, /kept:\n[\s\S]*my-own-nights\n[\s\S]*clean --remove\n$/);
  assert.deepEqual(treeOf(root), before);
  const document = JSON.parse(await run("--json", "--remove")) as Leftovers & { removed: boolean };
  assert.equal(document.removed, true);
  assert.equal(document.folders.length, 3);
  assert.ok(!existsSync(simulated("hms-0123456789ab")));
  assert.match(await run(), /^nothing stale\nkept:\n/);
  process.env["SIGNALBOOK_OUTPUTS"] = join(root, "none");
  assert.equal(await run("--remove"), "nothing stale\n");
});

test("a damaged entry is no reason to stop, and is kept: the run that needs it makes it again", (t) => {
  const { folder, files, cache } = outputs(t);
  const [entry] = findLeftovers().entries[0]!.paths;
  const whole = readFileSync(entry!);
  for (const damaged of [
    whole.subarray(0, 10),
    Buffer.from("SIGCACH1aaaa\xff\xff\xff\xff", "latin1"),
    Buffer.alloc(40),
  ]) {
    writeFileSync(entry!, damaged);
    assert.equal(findLeftovers().entries[0]!.paths.length, 2);
  }
  writeFileSync(entry!, whole);
  assert.equal(findLeftovers().entries[0]!.paths.length, 3);
  assert.ok(existsSync(folder) && existsSync(files.current));
  cache.arrays([files.current], 0, () => assert.fail("made again"));
});
