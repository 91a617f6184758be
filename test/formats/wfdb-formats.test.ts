import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { projectRoot } from "../../lib/core/files";
import { readWfdbRecord, readWfdbStored, WFDB_FORMATS } from "../../lib/formats";
import { type GoldenArray, readGolden } from "../support/golden";
import { maxDifference } from "../support/problems";

const fixtures = join(projectRoot, "test", "fixtures", "wfdb");

type Physical = { labels: string[]; units: (string | null)[]; lengths: number[]; physical: GoldenArray[] };
const golden = readGolden<{
  binformats: { digital: GoldenArray[] };
  frames: Physical;
  fixed: Physical;
  variable: Physical;
}>("formats/wfdb");

/** Bytes worked out by hand from the formats' descriptions, and the samples in them. */
const examples: { format: number; samples: number[]; bytes: number[] }[] = [
  // differences, to which the reader adds the header's initial value
  { format: 8, samples: [0, 5, -3], bytes: [0x00, 0x05, 0xfd] },
  { format: 16, samples: [1, -2, 0x1234], bytes: [0x01, 0x00, 0xfe, 0xff, 0x34, 0x12] },
  { format: 24, samples: [1, -2, 0x123456], bytes: [0x01, 0, 0, 0xfe, 0xff, 0xff, 0x56, 0x34, 0x12] },
  { format: 32, samples: [-2, 0x12345678], bytes: [0xfe, 0xff, 0xff, 0xff, 0x78, 0x56, 0x34, 0x12] },
  { format: 61, samples: [1, -2, 0x1234], bytes: [0x00, 0x01, 0xff, 0xfe, 0x12, 0x34] },
  { format: 80, samples: [-128, -1, 0, 127], bytes: [0x00, 0x7f, 0x80, 0xff] },
  { format: 160, samples: [-32768, -1, 0, 1], bytes: [0x00, 0x00, 0xff, 0x7f, 0x00, 0x80, 0x01, 0x80] },
  // 0x001 and 0xffe: low byte, the two high nibbles, low byte
  { format: 212, samples: [1, -2], bytes: [0x01, 0xf0, 0xfe] },
  { format: 212, samples: [1, -2, 0x234], bytes: [0x01, 0xf0, 0xfe, 0x34, 0x02] },
  // 1, 0x3ff and 01010 10101: words 10101 0000000001 0 and 01010 1111111111 0
  { format: 310, samples: [1, -1, 341], bytes: [0x02, 0xa8, 0xfe, 0x57] },
  { format: 310, samples: [1], bytes: [0x02, 0x00] },
  // 00 0101010101 1111111111 0000000001
  { format: 311, samples: [1, -1, 341], bytes: [0x01, 0xfc, 0x5f, 0x15] },
  { format: 311, samples: [1, -1], bytes: [0x01, 0xfc, 0x0f, 0x00] },
];

for (const { format: number, samples, bytes } of examples) {
  test(`format ${number}: ${samples.length} samples worked out by hand`, () => {
    const format = WFDB_FORMATS.get(number)!;
    assert.deepEqual(Array.from(format.encode(samples)), bytes);
    assert.deepEqual(Array.from(format.decode(Uint8Array.from([9, ...bytes]), 1, samples.length)), samples);
  });
}

test("how many samples lie in how many bytes, cut groups included", () => {
  const lengths = (format: number): number[] => [0, 1, 2, 3, 4, 5].map((n) => WFDB_FORMATS.get(format)!.bytesOf(n));
  assert.deepEqual(lengths(16), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(lengths(212), [0, 2, 3, 5, 6, 8]);
  assert.deepEqual(lengths(310), [0, 2, 4, 4, 6, 8]);
  assert.deepEqual(lengths(311), [0, 2, 3, 4, 6, 7]);
  // The most samples whose bytes are there. In format 310 four bytes may hold two samples or three: three are read.
  for (const [number, format] of WFDB_FORMATS) {
    for (let bytes = 0; bytes < 20; bytes++) {
      const count = format.samplesIn(bytes);
      assert.ok(format.bytesOf(count) <= bytes && format.bytesOf(count + 1) > bytes, `${bytes} bytes of ${number}`);
    }
  }
});

for (const [number, format] of WFDB_FORMATS) {
  test(`format ${number}: what is encoded is decoded`, () => {
    const [low, high] = format.differences ? [-128, 127] : [format.minimum, format.maximum];
    const sample = fc.oneof(fc.integer({ min: low, max: high }), fc.constantFrom(low, high, 0, -1));
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (samples) => {
        const bytes = format.encode(samples);
        assert.ok(bytes.length >= format.bytesOf(samples.length));
        const back = format.decode(bytes, 0, samples.length);
        assert.deepEqual(Array.from(back), samples);
        // and from no more than the bytes that are needed
        const cut = format.decode(bytes.subarray(0, format.bytesOf(samples.length)), 0, samples.length);
        assert.deepEqual(cut, back);
      }),
      { seed: 11, numRuns: 200 },
    );
  });
}

test("one record with a signal in each format, as the WFDB library and WFDB-Python read it", () => {
  const path = join(fixtures, "binformats");
  const { header, stored } = readWfdbStored(path);
  assert.deepEqual(
    header.signals.map(({ format }) => format),
    [8, 16, 61, 80, 160, 212, 310, 311, 24, 32],
  );
  assert.deepEqual([...WFDB_FORMATS.keys()].sort(), header.signals.map(({ format }) => format).sort());
  stored.forEach((samples, i) => {
    assert.equal(maxDifference(samples, golden.binformats.digital[i]!.data), 0, header.signals[i]!.label);
  });
  readWfdbRecord(path).signals.forEach(({ samples }, i) => {
    const { gain, format } = header.signals[i]!;
    const missing = WFDB_FORMATS.get(format)!.missing;
    const expected = Array.from(golden.binformats.digital[i]!.data, (v) => (v === missing ? Number.NaN : v / gain));
    assert.equal(maxDifference(samples, expected), 0);
  });
});

for (const name of ["frames", "fixed", "variable"] as const) {
  test(`${name}: physical values as WFDB-Python's`, () => {
    const { signals } = readWfdbRecord(join(fixtures, name));
    const { labels, units, physical } = golden[name];
    assert.deepEqual(
      signals.map(({ label, unit }) => [label, unit]),
      // WFDB-Python names no unit for a signal that no segment has.
      labels.map((label, i) => [label, units[i] ?? signals[i]!.unit]),
    );
    signals.forEach(({ samples }, i) => {
      assert.equal(maxDifference(samples, physical[i]!.data), 0, labels[i]);
    });
  });
}
