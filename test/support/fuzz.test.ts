import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { Generator } from "../../lib/core/random";
import { fuzzReader } from "./fuzz";
import { mutate } from "./mutate";

const seeds = [Buffer.from("channels 12\nrate 500\n".repeat(20)), Buffer.alloc(300, 7)];

test("the same seed damages the same way, nearly always, and never the original", () => {
  const original = Buffer.from(seeds[0]!);
  const damaged = (seed: number): string[] => {
    const random = new Generator(seed);
    return Array.from({ length: 200 }, () => mutate(original, random).toString("latin1"));
  };
  assert.deepEqual(damaged(3), damaged(3));
  assert.notDeepEqual(damaged(3), damaged(4));
  assert.deepEqual(original, seeds[0]);
  const whole = original.toString("latin1");
  assert.ok(damaged(3).filter((text) => text !== whole).length > 180);
  assert.ok(new Set(damaged(3).map((text) => text.length)).size > 50, "lengths change too");
});

test("files that are read and files that are refused are counted", async () => {
  const counts = await fuzzReader({
    name: "none",
    extension: ".txt",
    seeds,
    rounds: 200,
    companions: { "beside.txt": Buffer.from("whole") },
    read: (path) => {
      assert.equal(readFileSync(path.replace("fuzz.txt", "beside.txt"), "utf8"), "whole");
      if (!readFileSync(path, "latin1").startsWith("channels 12\n")) throw new SignalbookError("no channels");
    },
  });
  assert.equal(counts.read + counts.refused, 200);
  assert.ok(counts.refused > 100 && counts.read > 20, JSON.stringify(counts));
});

const held: Float64Array[] = [];
for (const [what, read, options] of [
  [
    "another error",
    () =>
      []
        .map((x: { y: number }) => x.y)
        .at(0)!
        .toFixed(),
    {},
  ],
  [
    "too much time",
    () => {
      for (const end = Date.now() + 60; Date.now() < end; );
    },
    { millisecondsEach: 30 },
  ],
  ["too much memory", () => held.push(new Float64Array(4 << 20)), { mebibytesEach: 16 }],
] as const) {
  test(`${what} fails, naming round and seed, with the input kept`, async () => {
    const failing = fuzzReader({ name: "none", extension: ".txt", seeds, seed: 5, read, ...options });
    await assert.rejects(failing, (error: Error) => {
      assert.match(error.message, /^fuzz none, seed 5 round 0: (threw TypeError|took \d+(\.\d+)? (ms|MiB) of)/);
      const kept = /kept as (.*)$/.exec(error.message.replaceAll("\n", " "))![1]!;
      assert.ok(existsSync(kept));
      rmSync(kept);
      return true;
    });
  });
}
