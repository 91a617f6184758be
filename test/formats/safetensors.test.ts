import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  type SafeTensor,
  tensorFloats,
  writeSafetensors,
} from "../../lib/formats/safetensors";
import { fuzzReader } from "../support/fuzz";
import { throwsProblem } from "../support/problems";

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

test("headers that lie are refused", () => {
  const file = (header: unknown, body = 4): Uint8Array => {
    const text = Buffer.from(JSON.stringify(header));
    const bytes = Buffer.alloc(8 + text.length + body);
    bytes.writeBigUInt64LE(BigInt(text.length));
    text.copy(bytes, 8);
    return bytes;
  };
  const entry = { dtype: "U8", shape: [4], data_offsets: [0, 4] };
  assert.equal(decodeSafetensors(file({ a: entry })).tensors.get("a")!.data.length, 4);
  for (const wrong of [
    null,
    7,
    { ...entry, dtype: "constructor" },
    { ...entry, shape: [-2, -2] },
    { ...entry, shape: [2.5] },
    { ...entry, shape: "4" },
    { ...entry, data_offsets: ["0", "4"] },
  ])
    throwsProblem(() => decodeSafetensors(file({ a: wrong })), { what: /this reader does not know/, place: "a" });
  throwsProblem(() => decodeSafetensors(file({ a: { ...entry, data_offsets: [0, 5] } })), { what: /does not fit/ });
  const half = (start: number): object => ({ dtype: "U8", shape: [2], data_offsets: [start, start + 2] });
  throwsProblem(() => decodeSafetensors(file({ a: half(0), b: half(0) })), { what: /share bytes/, place: "b" });
  throwsProblem(() => decodeSafetensors(file({ a: half(2) })), { what: /belong to no tensor/, place: "a" });
  throwsProblem(() => decodeSafetensors(file({ a: entry, __metadata__: { x: 1 } })), { what: /metadata/ });
  throwsProblem(() => decodeSafetensors(file([entry])), { what: /no JSON object/ });
  throwsProblem(() => readSafetensors("none.safetensors"), { found: "nothing there" });
});

test("half precision as numbers", () => {
  const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7c00);
  assert.deepEqual([...tensorFloats({ dtype: "F16", shape: [4], data: halves })], [1, -2, 2 ** -24, Infinity]);
  const brain = Uint16Array.of(0x3f80, 0xc000, 0x3fc0);
  assert.deepEqual([...tensorFloats({ dtype: "BF16", shape: [3], data: brain })], [1, -2, 1.5]);
  throwsProblem(() => tensorFloats(tensors.get("mask")!), { found: "BOOL" });
});

const kinds = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I16: Int16Array,
  U8: Uint8Array,
  BF16: Uint16Array,
};

test("any tensors under any names come back bit for bit", () => {
  const tensor = fc
    .tuple(
      fc.constantFrom(...Object.keys(kinds)),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
      fc.integer(),
    )
    .map(([dtype, shape, seed]): SafeTensor => {
      const ArrayType = kinds[dtype as keyof typeof kinds];
      const data = new ArrayType(shape.reduce((product, n) => product * n, 1));
      const bytes = new Uint8Array(data.buffer);
      for (let i = 0; i < bytes.length; i++) bytes[i] = (seed + 31 * i) & 255;
      return { dtype: dtype as keyof typeof kinds, shape, data };
    });
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(fc.oneof(fc.string(), fc.constant("__proto__")), tensor), {
        selector: ([name]) => name,
        maxLength: 6,
      }),
      (pairs) => {
        const given = new Map(pairs.filter(([name]) => name !== "__metadata__"));
        const { tensors: back } = decodeSafetensors(encodeSafetensors(given));
        assert.equal(back.size, given.size);
        for (const [name, { dtype, shape, data }] of given) {
          const found = back.get(name)!;
          assert.deepEqual([found.dtype, found.shape], [dtype, shape]);
          assert.deepEqual(Buffer.from(found.data.buffer), Buffer.from(data.buffer));
        }
      },
    ),
    { seed: 11, numRuns: 100 },
  );
});

test("fuzz: damaged files are read or refused", async () => {
  const counts = await fuzzReader({
    name: "safetensors",
    extension: ".safetensors",
    seeds: [encodeSafetensors(tensors, { note: "x" })],
    rounds: 1000,
    read: readSafetensors,
  });
  assert.ok(counts.refused > 300 && counts.read > 20, JSON.stringify(counts));
});

test("shared tensors are views of the file where they are aligned, and copies where they are not", () => {
  const tensors = new Map<string, SafeTensor>([
    ["a", { dtype: "F32", shape: [2], data: Float32Array.of(1.5, -2) }],
    ["b", { dtype: "I16", shape: [3], data: Int16Array.of(7, 8, 9) }],
  ]);
  const bytes = encodeSafetensors(tensors);
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  for (const [file, views] of [
    [bytes, true],
    [shifted, false],
  ] as const) {
    const found = decodeSafetensors(file, "shared", { share: true }).tensors;
    for (const [name, { data }] of tensors) {
      assert.deepEqual(found.get(name)!.data, data);
      assert.equal(found.get(name)!.data.buffer === file.buffer, views, name);
    }
  }
  assert.notEqual(decodeSafetensors(bytes).tensors.get("a")!.data.buffer, bytes.buffer);
});
