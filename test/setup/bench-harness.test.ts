import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { alternate, machine, median, runOurs } from "../../bench/harness";
import { projectRoot } from "../../lib/core/files";

test("sides take turns, the order turns round, warm-ups are not kept", async () => {
  const order: string[] = [];
  let count = 0;
  const side = (name: string) => async (): Promise<number> => {
    order.push(name);
    return count++;
  };
  const runs = await alternate({ ours: side("ours"), peer: side("peer") }, { rounds: 3, warmUps: 1 });
  assert.deepEqual(order, ["peer", "ours", "ours", "peer", "peer", "ours", "ours", "peer"]);
  assert.deepEqual(runs, { ours: [2, 5, 6], peer: [3, 4, 7] });
});

test("medians of odd and even counts", () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), /a median of nothing/);
});

test("a side's process gives its last line and the memory it took; one that fails is told with its words", async (context) => {
  const folder = mkdtempSync(join(projectRoot, ".signalbook", "bench-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const side = (name: string, source: string): string => {
    writeFileSync(join(folder, name), source);
    return relative(join(projectRoot, "bench"), join(folder, name));
  };
  const megabytes = 200;
  const good = side(
    "good.ts",
    `const held = Buffer.alloc(${megabytes}e6, 1);
     setTimeout(() => console.log("words\\n" + JSON.stringify({ arguments: process.argv.slice(2), last: held[5] })), 200);`,
  );
  const run = await runOurs(good, ["--batch", "4"]);
  assert.deepEqual(run.output, { arguments: ["--batch", "4"], last: 1 });
  assert.ok(run.peakMemory! > megabytes * 1e6, `${run.peakMemory}`);
  assert.ok(run.seconds > 0.2);

  await assert.rejects(
    runOurs(side("bad.ts", 'throw new Error("out of signal");'), []),
    /bad\.ts: a side of the bench failed; found exit code 1: Error: out of signal/,
  );
  await assert.rejects(
    runOurs(side("mute.ts", 'console.log("no result");'), []),
    /no result; expected JSON in the last line/,
  );
});

test("the machine is described", () => {
  const { cores, memory, node } = machine();
  assert.ok(cores >= 1 && memory > 1e8);
  assert.equal(node, process.version);
});
