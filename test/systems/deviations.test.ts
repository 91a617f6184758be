import assert from "node:assert/strict";
import { test } from "node:test";
import { BEETL } from "../../lib/systems/beetl";
import { deviationOf, slipOf } from "../../lib/systems/deviations";
import { HEFEI } from "../../lib/systems/hefei";
import { HMS } from "../../lib/systems/hms";
import { SLEEPINGDRAGON } from "../../lib/systems/sleepingdragon";
import { YAI } from "../../lib/systems/yai";
import { throwsProblem } from "../support/problems";

test("every system lists its deviations under names of their own, each told whole", () => {
  for (const { number, deviations } of [SLEEPINGDRAGON, YAI, HMS, BEETL, HEFEI]) {
    const points = deviations.map(({ point }) => point);
    assert.equal(new Set(points).size, points.length, `system ${number}: ${points.join(", ")}`);
    for (const { point, published, here, why } of deviations)
      assert.ok(
        [published, here, why].every((text) => text.length > 0),
        `system ${number}, ${point}`,
      );
  }
});

test("a point is found by its name; one that is not listed is an error that lists those that are", () => {
  const { published, here } = deviationOf(BEETL, "scale");
  assert.match(published, /1,000/);
  assert.deepEqual(slipOf(BEETL, "scale"), { system: "003", slip: "scale", published, here });
  throwsProblem(() => deviationOf(HMS, "scale"), {
    found: "scale",
    expected: /averaged weights.*equal seeds/,
    place: HMS.title,
  });
});
