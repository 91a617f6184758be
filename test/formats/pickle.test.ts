import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decodeNpy, type NdArray, readNpy } from "../../lib/formats";
import { arrayIn, decodePickle, type PickleValue, readPickle } from "../../lib/formats/pickle";
import { fuzzReader } from "../support/fuzz";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { scratchFile, throwsProblem } from "../support/problems";

type Texts = Record<string, string>;
const golden = readGolden<{
  contents: { X: GoldenArray; y: GoldenArray; X32_fortran: GoldenArray };
  files: Record<string, { content: "X" | "y" | "X32_fortran" | "header" | "store_dict" }>;
  "store_dict.npy": { entries: Record<string, GoldenArray> };
}>("formats/pickle");
/** Pickles as base64: not decoded by readGolden, whose arrays have other keys. */
const made = JSON.parse(readFileSync(join(goldenFolder, "formats", "numpy.json"), "utf8")) as {
  plain: Texts;
  arrays: Texts;
  scalars: Texts;
  objects: Texts;
  refused: Texts;
  expected: Record<string, { shape: number[]; values: string[] }>;
};
const path = (name: string): string => join(goldenFolder, "formats", name);
const bytesOf = (text: string): Buffer => Buffer.from(text, "base64");
const entries = (value: PickleValue): Map<PickleValue, PickleValue> => {
  assert.ok(value instanceof Map);
  return value;
};

function sameArray(found: NdArray, { shape, data }: GoldenArray, type: string): void {
  assert.equal(found.dtype, type);
  assert.deepEqual(found.shape, shape);
  assert.deepEqual([...found.data], [...data]);
}

for (const [name, { content }] of Object.entries(golden.files)) {
  if (!name.startsWith("beetl_")) continue;
  test(`${name}: as NumPy reads it`, () => {
    const value = readPickle(path(name));
    if (content === "header") {
      const header = entries(value);
      assert.deepEqual([...header.keys()], ["subject", "fs", "channels", "ages", "ok", "none", "nested", "big"]);
      assert.deepEqual(header.get("channels"), ["Fpz-Cz", "Pz-Oz"]);
      assert.deepEqual([...arrayIn(header.get("ages")!, name).data], [25n, 31n, 64n]);
      assert.deepEqual(header.get("nested"), new Map([["k", [1, 2.5, "z"]]]));
      assert.equal(header.get("big"), 12345678901234567890n);
      assert.deepEqual([header.get("ok"), header.get("none"), header.get("fs")], [true, null, 100]);
    } else
      sameArray(
        arrayIn(value, name),
        golden.contents[content as "X"],
        { X: "float64", y: "int32", X32_fortran: "float32" }[content as "X"],
      );
  });
}

test("a dictionary inside a .npy file", () => {
  const array = readPickle(path("store_dict.npy"));
  assert.ok(array !== null && typeof array === "object" && "dtype" in array && array.dtype === "object");
  assert.deepEqual(array.shape, []);
  const stored = entries((array.data as PickleValue[])[0]!);
  for (const [key, expected] of Object.entries(golden["store_dict.npy"].entries))
    sameArray(arrayIn(stored.get(Number(key))!, key), expected, "uint8");
  throwsProblem(() => readNpy(path("store_dict.npy")), { found: "|O", fix: /readPickle/ });
  throwsProblem(() => readPickle(path("plain_f32.npy")), { found: "<f4", fix: /readNpy/ });
});

for (const protocol of Object.keys(made.plain)) {
  test(`protocol ${protocol}: plain values, arrays of every type, scalars, objects`, () => {
    const plain = entries(decodePickle(bytesOf(made.plain[protocol]!), "p"));
    const get = (key: string): unknown => plain.get(key);
    assert.deepEqual([get("none"), get("t"), get("f")], [null, true, false]);
    assert.deepEqual(
      get("ints"),
      [0, 1, -1, 255, 256, -256, 65535, 65536, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53, -(2 ** 53)].map((n) =>
        Number.isSafeInteger(n) ? n : BigInt(n),
      ),
    );
    assert.deepEqual(get("big"), [2n ** 53n + 1n, -(2n ** 70n), 10n ** 30n]);
    assert.deepEqual(get("floats"), [0, -1.5, 1e300, 0.1]);
    assert.deepEqual(get("infinite"), [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    assert.equal(get("text"), "a\n\\ é 漢 😀 '\"");
    assert.deepEqual([...(get("bytes") as Uint8Array)], [0, 255, 10]);
    assert.equal((get("empty") as Uint8Array).length, 0);
    assert.deepEqual(get("tuple"), [1, [2], [], ["a", "b", "c", "d"]]);
    assert.deepEqual(get("set"), new Set([1, 2]));
    assert.deepEqual(get("nested"), new Map([["k", [new Map()]]]));
    const [first, second] = get("shared") as unknown[];
    assert.equal(first, second, "one list, met twice");
    assert.deepEqual(
      get("ordered"),
      new Map([
        ["b", 1],
        ["a", 2],
      ]),
    );

    const arrays = entries(decodePickle(bytesOf(made.arrays[protocol]!), "p"));
    assert.deepEqual([...arrays.keys()], Object.keys(made.expected));
    for (const [key, { shape, values }] of Object.entries(made.expected)) {
      const { shape: found, data, dtype } = arrayIn(arrays.get(key)!, "p");
      assert.deepEqual(found, shape, key);
      assert.deepEqual(
        [...data].map((value) => (dtype === "bool" ? (value === 1 ? "True" : "False") : Number(value))),
        values.map((text) => (dtype === "bool" ? text : Number(text))),
        key,
      );
    }
    const scalars = entries(decodePickle(bytesOf(made.scalars[protocol]!), "p"));
    assert.deepEqual(
      [...scalars],
      [
        ["f", 1.25],
        ["i", -7],
        ["b", true],
      ],
    );
    const objects = decodePickle(bytesOf(made.objects[protocol]!), "p");
    assert.deepEqual((objects as { data: unknown }).data, [1, "two", null]);
  });
}

test("every other name is refused, and named; nothing is executed", () => {
  const names: Record<string, RegExp> = { eval: /eval/, "os.system": /(posix|nt)\.system/, datetime: /datetime\.date/ };
  for (const [name, text] of Object.entries(made.refused))
    throwsProblem(() => decodePickle(bytesOf(text), "p"), {
      what: /wants more than arrays/,
      found: names[name] ?? /numpy\.ma/,
      place: /^byte \d+$/,
      fix: /nothing was executed/,
    });
  for (const code of ["P1\n.", "(ios\nsystem\n.", "\x80\x04\x82\x01."])
    throwsProblem(() => decodePickle(Buffer.from(code, "latin1"), "p"), { what: /wants more than arrays/ });
  // Names that JavaScript's objects have, and functions as values.
  throwsProblem(() => decodePickle(Buffer.from("c__proto__\nconstructor\n."), "p"), {
    found: /__proto__\.constructor/,
  });
  throwsProblem(() => decodePickle(Buffer.from("(lcnumpy\ndtype\na."), "p"), { found: /numpy\.dtype where a value/ });
});

test("damage is told by its byte", (t) => {
  const bytes = readFileSync(path("beetl_X_p4_numpy1.npy"));
  const as = (content: Uint8Array | string): (() => unknown) => {
    const file = scratchFile(t, "a.npy", content);
    return () => readPickle(file);
  };
  throwsProblem(as(bytes.subarray(0, 300)), { place: /byte \d+/, found: /ends after byte 300/ });
  throwsProblem(as("hello"), { place: "byte 0", found: /instruction of pickles: 0x68|nothing remembered/ });
  throwsProblem(as(""), { found: /ends after byte 0/ });
  throwsProblem(as("\x80\x09."), { found: /protocol 9|no instruction/ });
  const shape = Buffer.from(bytes);
  // The shape (3, 2, 20) made (4, 2, 20).
  const at = shape.indexOf(Buffer.from([0x4b, 3, 0x4b, 2, 0x4b, 20]));
  shape[at + 1] = 4;
  throwsProblem(as(shape), { found: "960 bytes", expected: /^1280: 8 for each element of shape \[4, 2, 20\]/ });
});

test("memory stays within the file's size: one buffer for many arrays, and objects without end", () => {
  const raw = Buffer.alloc(20_000);
  const header = Buffer.concat([Buffer.from("\x80\x04B\x20\x4e\x00\x00", "latin1"), raw]);
  const named = Buffer.from("\x94cnumpy.core.numeric\n_frombuffer\n\x940cnumpy\ndtype\n(\x8c\x02u1tR\x940", "latin1");
  // The buffer is remembered as 0, the function as 1 and the type as 2; each call makes an array of the whole buffer.
  const call = Buffer.from("h\x01(h\x00h\x02M\x20\x4e\x85\x8c\x01CtR0", "latin1");
  const start = Buffer.concat([header, named]);
  const calls = (n: number): Buffer => Buffer.concat([start, ...new Array<Buffer>(n).fill(call), Buffer.from("0N.")]);
  assert.equal(decodePickle(calls(1), "p"), null);
  throwsProblem(() => decodePickle(calls(50), "p"), { found: /share their bytes/ });
  throwsProblem(() => decodePickle(Buffer.alloc(2_000_000, "]"), "p"), { found: /more than 1000000 objects/ });
});

test("fuzz: damaged pickles are read or refused", async () => {
  const counts = await fuzzReader({
    name: "pickle",
    extension: ".npy",
    seeds: [
      ...Object.keys(golden.files).map((name) => readFileSync(path(name))),
      ...[made.plain, made.arrays, made.scalars, made.objects].flatMap((texts) => Object.values(texts).map(bytesOf)),
    ],
    rounds: 2500,
    read: (file) => readPickle(file),
  });
  assert.ok(counts.refused > 700 && counts.read > 100, JSON.stringify(counts));
});

test("numbers in a .npy file are not mistaken for a pickle", () => {
  const bytes = readFileSync(path("plain_f32.npy"));
  assert.equal(decodeNpy(bytes, "a").dtype, "float32");
  throwsProblem(() => decodePickle(bytes, "a"), { what: /no pickle, but a \.npy array/ });
});
