import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import { isBeat, readWfdbAnnotations, type WfdbAnnotationToWrite, writeWfdbAnnotations } from "../../lib/formats";
import { readGolden } from "../support/golden";
import { scratchFile, scratchFolder, throwsProblem } from "../support/problems";

const sample = join(projectRoot, "data", "sample", "mit-bih");
const fixtures = join(projectRoot, "test", "fixtures", "wfdb");

type Golden = { sample: number[]; symbol: string[]; subtype: number[]; chan: number[]; num: number[]; aux: string[] };
const golden = readGolden<Record<"notes.ann" | "custom.ann", Golden & { fs: number }>>("formats/wfdb");

test("the published counts of record 100's beats", () => {
  const annotations = readWfdbAnnotations(join(sample, "100.atr"), 360);
  const count = (symbol: string): number => annotations.filter((a) => a.symbol === symbol).length;
  assert.deepEqual([count("N"), count("A"), count("V")], [2239, 33, 1]);
  assert.equal(annotations.filter(isBeat).length, 2273);
  assert.deepEqual(annotations[0], {
    onset: 18 / 360,
    duration: null,
    text: "+ (N",
    sample: 18,
    symbol: "+",
    subtype: 0,
    channel: 0,
    num: 0,
    aux: "(N",
  });
  assert.equal(annotations[annotations.length - 1]!.sample, 649991);
});

for (const name of ["notes.ann", "custom.ann"] as const) {
  test(`${name}: every field as WFDB-Python reads it, the clock by the file's own time resolution`, () => {
    const { fs, ...expected } = golden[name];
    const found = readWfdbAnnotations(join(fixtures, name), 1);
    assert.deepEqual(
      {
        sample: found.map((a) => a.sample),
        symbol: found.map((a) => a.symbol),
        subtype: found.map((a) => a.subtype),
        chan: found.map((a) => a.channel),
        num: found.map((a) => a.num),
        aux: found.map((a) => a.aux),
      },
      expected,
    );
    for (const { onset, sample } of found) assert.equal(onset, sample / fs);
  });
}

const word = (code: number, value: number): number[] => [value & 0xff, (code << 2) | (value >> 8)];

test("long pauses, modifiers and the end of a file", (t) => {
  const bytes = [
    ...word(59, 0), // skip: a 32-bit count, high word first
    ...[0x01, 0x00, 0x05, 0x00],
    ...word(5, 3), // V
    ...word(61, 0xff), // subtype -1
    ...word(62, 2), // channel 2, kept
    ...word(63, 3), // three letters, padded to four bytes
    ...[0x61, 0x62, 0x63, 0x00],
    ...word(0, 7), // no annotation: only moves the clock; what follows is not said of V
    ...word(60, 4), // num 4, kept
    ...word(1, 10),
    ...word(45, 1), // a code that WFDB leaves to files, not defined in this one
  ];
  const path = scratchFile(t, "a.atr", Uint8Array.from([...bytes, 0, 0]));
  const [v, n, own] = readWfdbAnnotations(path, 100);
  assert.deepEqual(
    [v!.sample, v!.symbol, v!.subtype, v!.channel, v!.num, v!.aux],
    [65536 + 5 + 3, "V", -1, 2, 0, "abc"],
  );
  assert.deepEqual([n!.sample, n!.subtype, n!.channel, n!.num, n!.text], [65561, 0, 2, 4, "N"]);
  assert.deepEqual([own!.sample, own!.symbol], [65562, "[45]"]);
  const cut = scratchFile(t, "b.atr", Uint8Array.from(bytes));
  throwsProblem(() => readWfdbAnnotations(cut, 100), { what: /truncated/, file: cut, place: `byte ${bytes.length}` });
  const problem = (wrong: number[], expected: Parameters<typeof throwsProblem>[1]): void => {
    const file = scratchFile(t, "c.atr", Uint8Array.from([...wrong, 0, 0]));
    throwsProblem(() => readWfdbAnnotations(file, 100), { file, ...expected });
  };
  problem(word(50, 1), { found: "50", place: "byte 0" });
  problem(word(60, 1), { what: /without an annotation/, found: "code 60" });
  problem([...word(1, 1), ...word(63, 300)], { what: /too long/, place: "byte 2", found: "300 bytes" });
  problem([...word(1, 1), ...word(63, 30)], { what: /truncated/ });
  const note = (text: string): number[] => [
    ...word(22, 0),
    ...word(63, text.length),
    ...Buffer.from(text.padEnd(text.length + (text.length % 2), "\0")),
  ];
  problem(note("## time resolution: fast"), { what: /time resolution/ });
  problem([...note("## annotation type definitions"), ...note("77 x")], { what: /definition/, found: '"77 x"' });
});

test("record 100's annotations written again are the same", (t) => {
  const folder = scratchFolder(t);
  for (const name of ["100.atr", "100.qrs"]) {
    const annotations = readWfdbAnnotations(join(sample, name), 360);
    writeWfdbAnnotations(join(folder, name), annotations);
    assert.deepEqual(readWfdbAnnotations(join(folder, name), 360), annotations);
  }
});

test("bytes as WFDB-Python writes them", (t) => {
  const path = join(scratchFolder(t), "notes.ann");
  const { fs } = golden["notes.ann"];
  writeWfdbAnnotations(path, readWfdbAnnotations(join(fixtures, "notes.ann"), fs), { timeResolution: fs });
  assert.deepEqual(readFileSync(path), readFileSync(join(fixtures, "notes.ann")));
});

test("what is written is read: any order, any field, symbols of one's own", (t) => {
  const path = join(scratchFolder(t), "a.ann");
  const annotation = fc.record(
    {
      sample: fc.oneof(fc.nat(3000), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
      symbol: fc.oneof(fc.constantFrom(...'NLRV+|"~', "[15]", "[43]", "spin", "k", "##")),
      subtype: fc.integer({ min: -128, max: 127 }),
      channel: fc.integer({ min: 0, max: 255 }),
      num: fc.integer({ min: -128, max: 127 }),
      aux: fc.oneof(
        fc.constantFrom("", "## time resolution: 5", "(AFIB"),
        fc
          .array(fc.integer({ min: 1, max: 255 }), { maxLength: 255 })
          .map((letters) => String.fromCharCode(...letters)),
      ),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(annotation, { maxLength: 12 }), fc.option(fc.constantFrom(0.5, 250, 1e6)), (given, rate) => {
      writeWfdbAnnotations(path, given, rate === null ? {} : { timeResolution: rate });
      const back = readWfdbAnnotations(path, 128);
      assert.deepEqual(
        back.map(({ sample, symbol, subtype, channel, num, aux }) => ({ sample, symbol, subtype, channel, num, aux })),
        given,
      );
      for (const { onset, sample } of back) assert.equal(onset, sample / (rate ?? 128));
    }),
    { seed: 14, numRuns: 300 },
  );
});

test("what an annotation file cannot hold is refused", (t) => {
  const path = join(scratchFolder(t), "a.ann");
  const problem = (wrong: Partial<WfdbAnnotationToWrite>, expected: Parameters<typeof throwsProblem>[1]): void =>
    throwsProblem(
      () =>
        writeWfdbAnnotations(path, [
          { sample: 1, symbol: "N" },
          { sample: 2, symbol: "N", ...wrong },
        ]),
      {
        file: path,
        ...expected,
      },
    );
  problem({ sample: 1.5 }, { what: /interval/, place: "annotation 2" });
  problem({ sample: 2 ** 32 }, { what: /interval/ });
  problem({ subtype: 128 }, { what: /subtype/ });
  problem({ channel: -1 }, { what: /channel/ });
  problem({ num: 200 }, { what: /num/ });
  problem({ aux: "x".repeat(256) }, { what: /length/, found: "256" });
  problem({ aux: "窦" }, { what: /letter/, found: '"窦"' });
  problem({ symbol: "a b" }, { what: /symbol/ });
  problem({ symbol: "" }, { what: /symbol/ });
  const many = Array.from({ length: 9 }, (_, i) => ({ sample: i, symbol: `own${i}` }));
  throwsProblem(() => writeWfdbAnnotations(path, many), { what: /too many symbols/, expected: "8 at most" });
  throwsProblem(() => writeWfdbAnnotations(path, [], { timeResolution: 0 }), { what: /time resolution/ });
});
