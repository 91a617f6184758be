import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type SafeTensor,
  writeSafetensors,
} from "../../lib/formats/safetensors";

const tensors = new Map<string, SafeTensor>([
  ["mask", { dtype: "BOOL", shape: [3], data: Uint8Array.of(1, 0, 1) }],
  ["weight", { dtype: "F32", shape: [2, 2], data: Float32Array.of(1.5, -2, Number.NaN, 1e-40) }],
  ["steps", { dtype: "I64", shape: [], data: BigInt64Array.of(2n ** 60n) }],
  ["leer", { dtype: "F64", shape: [0, 4], data: new Float64Array(0) }],
  ["half", { dtype: "BF16", shape: [2], data: Uint16Array.of(0x3f80, 0xc000) }],
]);

test("what is written is read back, in bits", () => {
  const folder = mkdtempSync(join(tmpdir(), "safetensors-"));
  try {
    const file = join(folder, "weights.safetensors");
    writeSafetensors(file, tensors, { note: "größer" });
    const read = readSafetensors(file);
    assert.deepEqual(read.metadata, { note: "größer" });
    assert.equal(read.tensors.size, tensors.size);
    for (const [name, tensor] of tensors) assert.deepEqual(read.tensors.get(name), tensor, name);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the layout of the format: header length, JSON, bytes without gaps", () => {
  const bytes = encodeSafetensors(new Map([["a", { dtype: "I16", shape: [2], data: Int16Array.of(1, -2) }]]));
  const header = '{"a":{"dtype":"I16","shape":[2],"data_offsets":[0,4]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8, " ");
  assert.deepEqual([...bytes], [padded.length, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from(padded), 1, 0, 254, 255]);
});

test("damaged files throw and name file and tensor", () => {
  const bytes = encodeSafetensors(tensors);
  assert.throws(() => decodeSafetensors(bytes.subarray(0, 5), "w"), /w: a truncated file/);
  assert.throws(() => decodeSafetensors(bytes.subarray(0, 40), "w"), /w: a truncated file/);
  assert.throws(() => decodeSafetensors(bytes.subarray(0, bytes.length - 1), "w"), /w, mask: .*does not fit/);
  assert.throws(() => decodeSafetensors(Buffer.concat([bytes, Buffer.alloc(3)]), "w"), /3 bytes/);
  const noJson = Uint8Array.from(bytes);
  noJson[8] = 0x78;
  assert.throws(() => decodeSafetensors(noJson, "w"), /no JSON/);
  const text = Buffer.from(bytes).toString("latin1").replace('"BF16"', '"XX16"');
  assert.throws(() => decodeSafetensors(Buffer.from(text, "latin1"), "w"), /half: a tensor this reader does not know/);
});

test("a tensor whose shape and values differ is not written", () => {
  const wrong = new Map<string, SafeTensor>([["a", { dtype: "F32", shape: [3], data: new Float32Array(2) }]]);
  assert.throws(() => encodeSafetensors(wrong), /a: a tensor that cannot be stored/);
  const type = new Map<string, SafeTensor>([["a", { dtype: "F32", shape: [2], data: new Float64Array(2) }]]);
  assert.throws(() => encodeSafetensors(type), /Float64Array of 2 values, expected|found Float64Array/);
});
