import assert from "node:assert/strict";
import { test } from "node:test";
import { largeLoops, loopIds, smallLoops, testLoop } from "./golden-loop";

test("the golden file's nine runs are tested, here or in loops.full.test.ts", () => {
  assert.equal(loopIds.length, 9);
  assert.deepEqual([...smallLoops, ...largeLoops].map(({ id }) => id).sort(), [...loopIds].sort());
});

for (const loop of smallLoops) testLoop(loop);
