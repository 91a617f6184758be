import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { decodeNpy, encodeNpy, type NdArray, type NdType, readNpy, readNpz, writeNpy } from "../../lib/formats";
import { fuzzReader } from "../support/fuzz";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const path = (name: string): string => join(goldenFolder, "formats", name);
const golden = readGolden<{ contents: Record<string, GoldenArray>; plain: Record<string, GoldenArray> }>(
  "formats/pickle",
);
const made = JSON.parse(readFileSync(path("numpy.json"), "utf8")) as {
  npy: Record<string, string>;
  npz_stored: string;
  npz_deflate: string;
  expected: Record<string, { shape: number[]; values: string[] }>;
};
const bytesOf = (text: string): Buffer => Buffer.from(text, "base64");

function sameAsPython({ dtype, shape, data }: NdArray, key: string): void {
  const { shape: expected, values } = made.expected[key]!;
  assert.deepEqual(shape, expected, key);
  const texts = dtype === "bool" ? values.map((text) => (text === "True" ? 1 : 0)) : values.map(Number);
  assert.deepEqual([...data].map(Number), texts, key);
}

test("types, orders of bytes and of indices, as NumPy writes them", () => {
  for (const name of ["plain_f32", "plain_i2_fortran", "plain_be_f8", "plain_bool", "plain_u1"]) {
    const { shape, data } = readNpy(path(`${name}.npy`));
    const expected = golden.plain[`${name}.npy`]!;
    assert.deepEqual(shape, expected.shape, name);
    assert.deepEqual([...data], [...expected.data], name);
  }
  for (const [name, text] of Object.entries(made.npy))
    sameAsPython(decodeNpy(bytesOf(text), name), name.split(" ")[0]!);
  const [integer] = decodeNpy(bytesOf(made.npy["i8 1"]!), "i8").data;
  assert.equal(integer, -(2n ** 60n));
});

test("archives, stored and deflated", (t) => {
  const plain = readNpz(path("plain.npz"));
  assert.deepEqual([...plain.keys()], ["X", "y"]);
  assert.deepEqual([...plain.get("X")!.data], [...golden.contents["X"]!.data].map(Math.fround));
  assert.deepEqual([...plain.get("y")!.data], [...golden.contents["y"]!.data]);
  for (const text of [made.npz_stored, made.npz_deflate]) {
    const arrays = readNpz(scratchFile(t, "a.npz", bytesOf(text)));
    assert.deepEqual([...arrays.keys()], Object.keys(made.expected));
    for (const [key, array] of arrays) sameAsPython(array, key);
  }
});

const types: readonly NdType[] = [
  "float64",
  "float32",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint64",
  "uint32",
  "uint16",
  "uint8",
  "bool",
];
const empty = (dtype: NdType): NdArray["data"] => decodeNpy(encodeNpy(zero(dtype, [0])), "").data;
const zero = (dtype: NdType, shape: number[]): NdArray => {
  const arrays = {
    float64: Float64Array,
    float32: Float32Array,
    float16: Float32Array,
    int64: BigInt64Array,
    int32: Int32Array,
    int16: Int16Array,
    int8: Int8Array,
    uint64: BigUint64Array,
    uint32: Uint32Array,
    uint16: Uint16Array,
    uint8: Uint8Array,
    bool: Uint8Array,
  };
  return { dtype, shape, data: new arrays[dtype](shape.reduce((product, n) => product * n, 1)) };
};

test("what is written is read back, bit for bit", (t) => {
  const folder = scratchFolder(t);
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
      fc.uint8Array({ minLength: 5 ** 4 * 8, maxLength: 5 ** 4 * 8 }),
      (dtype, shape, noise) => {
        const array = zero(dtype, shape);
        new Uint8Array(array.data.buffer).set(noise.subarray(0, array.data.byteLength));
        const file = join(folder, "a.npy");
        writeNpy(file, array);
        const back = readNpy(file);
        assert.deepEqual([back.dtype, back.shape], [dtype, shape]);
        const { buffer, byteOffset, byteLength } = back.data;
        assert.deepEqual(Buffer.from(buffer, byteOffset, byteLength), Buffer.from(array.data.buffer as ArrayBuffer));
      },
    ),
    { seed: 7, numRuns: 150 },
  );
  assert.equal(empty("int64").length, 0);
});

test("the bytes NumPy itself writes", () => {
  for (const key of ["f8", "b1", "u8", "zero_d", "empty"])
    assert.deepEqual(
      Buffer.from(encodeNpy(decodeNpy(bytesOf(made.npy[`${key} 1`]!), key))),
      bytesOf(made.npy[`${key} 1`]!),
      key,
    );
});

test("what is wrong is named", (t) => {
  const bytes = readFileSync(path("plain_f32.npy"));
  const as = (content: Uint8Array | string): (() => unknown) => {
    const file = scratchFile(t, "a.npy", content);
    return () => readNpy(file);
  };
  const edited = (from: string, to: string): Buffer =>
    Buffer.from(bytes.toString("latin1").replace(from, to), "latin1");
  throwsProblem(as(bytes.subarray(0, 200)), {
    found: "72 bytes",
    expected: /^480: 4 for each element of shape \[3, 2, 20\]/,
  });
  throwsProblem(as(Buffer.concat([bytes, Buffer.alloc(1)])), { found: "481 bytes" });
  throwsProblem(as(bytes.subarray(0, 60)), { what: /truncated/ });
  throwsProblem(as("no array"), { what: /no \.npy file/ });
  throwsProblem(as(edited("<f4", "<c8")), { found: "<c8", what: /not read/ });
  throwsProblem(as(edited("(3, 2, 20)", "(3, x, 20)")), { what: /header that is not read/ });
  throwsProblem(as(edited("(3, 2, 20)", "(3, 2 2 0)")), { what: /shape that is not read/ });
  throwsProblem(() => encodeNpy({ dtype: "int8", shape: [2], data: new Int8Array(3) }), { found: /of 3 values/ });
  const archive = readFileSync(path("plain.npz"));
  const broken = Buffer.from(archive);
  broken[200]! ^= 1;
  const zip = (content: Uint8Array): (() => unknown) => {
    const file = scratchFile(t, "a.npz", content);
    return () => readNpz(file);
  };
  throwsProblem(zip(broken), { place: /entry "X\.npy"|entry "y\.npy"/, what: /an entry/ });
  throwsProblem(zip(archive.subarray(0, 700)), { what: /no ZIP archive, or one cut short/ });
});

test("fuzz: damaged arrays and archives are read or refused", async () => {
  const npy = await fuzzReader({
    name: "npy",
    extension: ".npy",
    seeds: Object.values(made.npy).map(bytesOf),
    rounds: 800,
    read: (file) => readNpy(file),
  });
  assert.ok(npy.refused > 300 && npy.read > 50, JSON.stringify(npy));
  const npz = await fuzzReader({
    name: "npz",
    extension: ".npz",
    seeds: [made.npz_stored, made.npz_deflate].map(bytesOf),
    rounds: 500,
    read: (file) => readNpz(file),
  });
  assert.ok(npz.refused > 300 && npz.read > 0, JSON.stringify(npz));
});
