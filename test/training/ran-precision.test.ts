import assert from "node:assert/strict";
import { test } from "node:test";
import { precisionText } from "../../lib/training";

test("what really ran, in words", () => {
  const ran = { device: "CPU", backend: "tensorflow" };
  assert.equal(
    precisionText({ asked: "bfloat16", multiplyAdds: { bfloat16: 0.9666, float32: 0.0334 }, ...ran }),
    "bfloat16 asked; multiply-adds 96.7 % in bfloat16, 3.3 % in float32; tensorflow on CPU",
  );
  assert.equal(
    precisionText({ asked: "float32", multiplyAdds: { float32: 1 }, ...ran }),
    "float32 asked; multiply-adds 100 % in float32; tensorflow on CPU",
  );
});
