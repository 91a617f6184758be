import { test } from "node:test";
import { listModels } from "../../lib/models";
import { checkContract, large } from "./contract";

for (const { name } of listModels())
  if (large.has(name))
    test(`${name}: logits, gradients, saving, seed, compiled step, no tensor left`, () => checkContract(name));
