import assert from "node:assert/strict";
import { test } from "node:test";
import { precisionChoice } from "../../lib/systems/precision-choice";

test("the precision asked for, or the preset's; a loss scaler with float16, whoever chose it, and with nothing else", () => {
  assert.deepEqual(precisionChoice("bfloat16"), { precision: "bfloat16" });
  assert.deepEqual(precisionChoice("float16"), { precision: "float16", scaler: {} });
  assert.deepEqual(precisionChoice("float32", "float16"), { precision: "float16", scaler: {} });
  assert.deepEqual(precisionChoice("float16", "float32"), { precision: "float32" });
});
