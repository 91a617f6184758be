import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { madeFolder } from "../../lib/core/made-folder";
import { scratchFolder } from "../support/problems";

const writer = (text: string, hold?: Promise<void>) => async (folder: string) => {
  mkdirSync(folder);
  writeFileSync(join(folder, "a"), text);
  await hold;
};

test("made once, under its name only when it is whole; of two at once the first is kept", async (t) => {
  const folder = join(scratchFolder(t), "sets", "one");
  let release = (): void => {};
  const slow = madeFolder(folder, writer("slow", new Promise((resolve) => (release = resolve))));
  assert.equal(existsSync(folder), false);
  assert.equal(readdirSync(dirname(folder)).length, 1);
  assert.equal(await madeFolder(folder, writer("fast")), folder);
  release();
  assert.equal(await slow, folder);
  await madeFolder(folder, () => assert.fail("written again"));
  assert.equal(readFileSync(join(folder, "a"), "utf8"), "fast");
  assert.deepEqual(readdirSync(dirname(folder)), [basename(folder)]);
});

test("what fails leaves nothing behind and says so", async (t) => {
  const folder = join(scratchFolder(t), "one");
  const failing = async (name: string): Promise<void> => {
    await writer("half")(name);
    throw new Error("no space");
  };
  await assert.rejects(madeFolder(folder, failing), /no space/);
  assert.deepEqual(readdirSync(dirname(folder)), []);
});
