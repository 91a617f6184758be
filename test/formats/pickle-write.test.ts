import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { encodePickledArray, writePickledArray } from "../../lib/formats";
import { arrayIn, decodePickle, readPickle } from "../../lib/formats/pickle";
import { scratchFolder, throwsProblem } from "../support/problems";

test("arrays of every type come back as they were written", () => {
  fc.assert(
    fc.property(fc.float64Array({ maxLength: 60 }), fc.int32Array({ maxLength: 60 }), (reals, integers) => {
      for (const array of [
        { dtype: "float64", shape: [reals.length], data: reals },
        { dtype: "float32", shape: [1, reals.length], data: Float32Array.from(reals) },
        { dtype: "int32", shape: [integers.length, 1], data: integers },
      ] as const) {
        const { dtype, shape, data } = arrayIn(decodePickle(encodePickledArray(array), "memory"), "memory");
        assert.equal(dtype, array.dtype);
        assert.deepEqual(shape, array.shape);
        assert.deepEqual(data, array.data);
      }
    }),
    { seed: 5, numRuns: 50 },
  );
});

test("a file is written whole; data that do not fit their shape are refused", (t) => {
  const file = join(scratchFolder(t), "y.npy");
  writePickledArray(file, { dtype: "int32", shape: [3], data: Int32Array.of(5, 0, 2) });
  assert.deepEqual([...arrayIn(readPickle(file), file).data], [5, 0, 2]);
  throwsProblem(() => encodePickledArray({ dtype: "int32", shape: [4], data: Int32Array.of(5) }), {
    found: /Int32Array of 1, called int32 \[4\]/,
  });
});
