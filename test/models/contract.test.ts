import assert from "node:assert/strict";
import { test } from "node:test";
import { listModels } from "../../lib/models";
import { checkContract, large, subjects } from "./contract";

test("every model of the registry has its contract checked", () => {
  const names = listModels().map(({ name }) => name);
  assert.deepEqual(Object.keys(subjects).sort(), [...names].sort());
});

// The others: contract.full.test.ts.
for (const { name } of listModels())
  if (!large.has(name))
    test(`${name}: logits, gradients, saving, seed, compiled step, no tensor left`, () => checkContract(name));
