import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import koffi from "koffi";
import { largeArray } from "../../lib/core/large-arrays";

test("large arrays are arrays of zeros like any other", () => {
  for (const type of [Float64Array, Float32Array, Int32Array, Int16Array])
    for (const length of [0, 1, 1000, 3_000_001]) {
      const array = largeArray<Float64Array | Float32Array | Int32Array | Int16Array>(type, length);
      assert.ok(array instanceof type);
      assert.equal(array.length, length);
      assert.ok(array.every((value) => value === 0));
    }
});

/** The flags of the mapping that an address is in, as /proc/self/smaps tells them. */
function mappingFlags(address: bigint): string[] {
  for (const mapping of readFileSync("/proc/self/smaps", "utf8").split(/\n(?=[0-9a-f]+-[0-9a-f]+ )/)) {
    const [, begin, end] = /^([0-9a-f]+)-([0-9a-f]+) /.exec(mapping)!;
    if (address < BigInt(`0x${begin}`) || address >= BigInt(`0x${end}`)) continue;
    return /^VmFlags: (.*)$/m.exec(mapping)?.[1]?.trim().split(" ") ?? [];
  }
  return [];
}

const glibc = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime;
const skip = glibc === undefined || !existsSync("/sys/kernel/mm/transparent_hugepage");

test("the system is asked for huge pages", { skip: skip && "no glibc, or no huge pages" }, () => {
  const middle = (array: Float64Array): bigint => BigInt(koffi.address(array)) + BigInt(array.byteLength) / 2n;
  assert.ok(mappingFlags(middle(largeArray(Float64Array, 6_000_000))).includes("hg"));
  assert.ok(!mappingFlags(middle(new Float64Array(6_000_000))).includes("hg"));
});
