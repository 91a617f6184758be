import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import fc from "fast-check";
import sharp from "sharp";
import { decodePng } from "../../lib/formats/png-decode";
import { fuzzReader } from "../support/fuzz";
import { type GoldenArray, goldenFolder, readGolden } from "../support/golden";
import { throwsProblem } from "../support/problems";

const file = (name: string): Buffer => readFileSync(join(goldenFolder, "formats", name));
const golden = readGolden<{
  grey: GoldenArray;
  files: Record<string, { shape: number[]; crc32_of_decoded_bytes_row_major: number }>;
}>("formats/png");

test("grey images are Pillow's, byte for byte", () => {
  assert.deepEqual(decodePng(file("grey.png"), "grey.png").pixels, golden.grey.data);
  for (const name of ["grey.png", "bilevel.png", "uncompressed.png"]) {
    const { height, width, channels, pixels } = decodePng(file(name), name);
    const { shape, crc32_of_decoded_bytes_row_major: crc } = golden.files[name]!;
    assert.deepEqual([height, width], shape);
    assert.equal(channels, 1);
    assert.equal(crc32(pixels), crc, name);
  }
});

test("colours and palettes are sharp's, byte for byte; transparency is left out", async () => {
  for (const name of ["rgb.png", "rgba.png", "palette.png"]) {
    const { pixels, channels } = decodePng(file(name), name);
    assert.equal(channels, 3);
    const theirs = await sharp(file(name)).removeAlpha().toColourspace("srgb").raw().toBuffer();
    assert.ok(theirs.equals(pixels), name);
  }
});

/** A chunk: length, name, data, checksum. */
function chunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length);
  ends.writeUInt32BE(crc32(named), 4);
  return Buffer.concat([ends.subarray(0, 4), named, ends.subarray(4)]);
}

/** A PNG file of rows that are filtered already. */
function pngOf(width: number, height: number, colourType: number, filtered: Uint8Array, interlace = 0): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header.set([8, colourType, 0, 0, interlace], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(filtered);
  const half = data.length >> 1;
  const parts = [chunk("IHDR", header), chunk("IDAT", data.subarray(0, half)), chunk("IDAT", data.subarray(half))];
  return Buffer.concat([signature, ...parts, chunk("IEND", new Uint8Array(0))]);
}

test("random rows behind random filters are what libspng makes of them", async () => {
  const pictures = fc.tuple(
    fc.integer({ min: 1, max: 9 }),
    fc.constantFrom([0, 1] as const, [2, 3] as const, [6, 4] as const),
    fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.uint8Array({ minLength: 36, maxLength: 36 })), {
      minLength: 1,
      maxLength: 9,
    }),
  );
  const property = fc.asyncProperty(pictures, async ([width, [colourType, samples], rows]) => {
    const filtered = Buffer.concat(
      rows.map(([filter, row]) => Buffer.from([filter, ...row.slice(0, width * samples)])),
    );
    const png = pngOf(width, rows.length, colourType, filtered);
    const theirs = sharp(png);
    const raw = await (samples === 1 ? theirs.toColourspace("b-w") : theirs.removeAlpha()).raw().toBuffer();
    assert.deepEqual([...decodePng(png, "random.png").pixels], [...raw]);
  });
  await fc.assert(property, { seed: 5, numRuns: 150 });
});

test("files that are refused say where and why", () => {
  const grey = file("grey.png");
  throwsProblem(() => decodePng(grey.subarray(0, 5000), "a.png"), { file: "a.png", found: /end of the file/ });
  throwsProblem(() => decodePng(file("grey16.png"), "a.png"), { found: "grey, 16 bits" });
  const flipped = Buffer.from(grey);
  flipped[200]! ^= 4;
  throwsProblem(() => decodePng(flipped, "a.png"), { found: /"IDAT" whose checksum is wrong/ });
  throwsProblem(() => decodePng(pngOf(2, 2, 0, Uint8Array.of(0, 1, 2, 5, 1, 2)), "a.png"), {
    place: "row 2",
    found: "filter 5",
  });
  throwsProblem(() => decodePng(pngOf(2, 2, 0, Uint8Array.of(0, 1, 2, 5, 1)), "a.png"), { found: "5 bytes of pixels" });
  throwsProblem(() => decodePng(pngOf(2, 2, 0, new Uint8Array(1000)), "a.png"), { found: /compressed data/ });
  throwsProblem(() => decodePng(pngOf(1, 1, 0, Uint8Array.of(0, 1), 1), "a.png"), { what: /interlaced/ });
});

test("fuzz: damaged images are read or refused", async () => {
  const images = await fuzzReader({
    name: "png-decode",
    extension: ".png",
    seeds: ["grey.png", "rgb.png", "palette.png", "uncompressed.png"].map(file),
    rounds: 300,
    read: (path) => decodePng(readFileSync(path), path),
  });
  assert.ok(images.refused > 100, JSON.stringify(images));
});
