/**
 * PNG images decoded in the calling thread, without a library: for many small images in worker threads, where sharp's
 * pipeline costs more than the decoding. W3C, Portable Network Graphics (Third Edition), sections 5 to 11.
 */
import { crc32, inflateSync } from "node:zlib";
import { SignalbookError } from "../core/errors";
import { type PngHeader, readPngHeader } from "./png";
import { unfilter } from "./png-filters";
import { quoted } from "./text";

/** Row-major from the top left: one byte a pixel, or red, green and blue. */
export interface PngImage {
  width: number;
  height: number;
  channels: 1 | 3;
  pixels: Uint8Array;
}

const SAMPLES: Readonly<Record<PngHeader["kind"], number>> = {
  grey: 1,
  palette: 1,
  "grey with alpha": 2,
  RGB: 3,
  RGBA: 4,
};
const DEPTHS: Readonly<Record<PngHeader["kind"], readonly number[]>> = {
  grey: [1, 2, 4, 8],
  palette: [1, 2, 4, 8],
  "grey with alpha": [8],
  RGB: [8],
  RGBA: [8],
};
/** What zlib adds to random bytes, and then some: room for the checksum behind the last pixel. */
const SLACK = 64;

/**
 * Grey images of up to 8 bits as bytes, 0 black and 255 white; colours and palettes as red, green, blue. Transparency is
 * left out, as Pillow does.
 * @throws SignalbookError for what is no PNG file, a damaged one, 16 bits a sample, and interlaced rows.
 */
export function decodePng(bytes: Uint8Array, file: string): PngImage {
  const header = readPngHeader(bytes, file);
  const { width, height, kind, depth } = header;
  const chunks = readChunks(bytes, file);
  if (!DEPTHS[kind].includes(depth))
    throw new SignalbookError("an image of these many bits a sample", {
      file,
      found: `${kind}, ${depth} bits`,
      expected: DEPTHS[kind].join(", "),
      fix: "save it with 8 bits: nothing says how to make bytes of wider values",
    });
  if (chunks.interlaced)
    throw new SignalbookError("an interlaced PNG image", { file, fix: "save it without interlacing" });
  const samples = SAMPLES[kind];
  const rowBytes = Math.ceil((width * samples * depth) / 8);
  const rows = unfilter(inflated(chunks.data, (rowBytes + 1) * height, file), height, rowBytes, samples, file);
  const values = depth === 8 ? rows : unpacked(rows, header, rowBytes);
  if (kind === "palette") return { width, height, channels: 3, pixels: coloured(values, chunks.palette, file) };
  const channels = samples < 3 ? 1 : 3;
  return { width, height, channels, pixels: samples === channels ? values : withoutAlpha(values, samples, channels) };
}

interface Chunks {
  interlaced: boolean;
  /** Red, green, blue, ... */
  palette: Uint8Array;
  /** Of all IDAT chunks. */
  data: Uint8Array;
}

/** The chunks that make the picture, their checksums checked. Others may be damaged: nothing here is read from them. */
function readChunks(bytes: Uint8Array, file: string): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let palette = new Uint8Array(0);
  let at = 8;
  for (;;) {
    if (at + 12 > bytes.length) throw damaged(file, at, "the end of the file", "a chunk");
    const length = view.getUint32(at);
    const name = Buffer.from(bytes.subarray(at + 4, at + 8)).toString("latin1");
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw damaged(file, at, `the end of the file in a chunk ${quoted(name)}`, "more bytes");
    if (name === "IDAT" || name === "PLTE" || name === "IHDR") {
      if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
        throw damaged(file, at, `a chunk ${quoted(name)} whose checksum is wrong`, "intact bytes");
      if (name === "IDAT") parts.push(bytes.subarray(at + 8, end));
      if (name === "PLTE") palette = bytes.slice(at + 8, end);
    }
    if (name === "IEND") break;
    at = end + 4;
  }
  const data = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  return { interlaced: bytes[28] !== 0, palette, data };
}

/** Filtered rows: a byte that names the filter before each. */
function inflated(data: Uint8Array, expected: number, file: string): Uint8Array {
  let rows: Uint8Array;
  try {
    // One piece of output: several would be put together with a copy.
    rows = inflateSync(data, { chunkSize: expected + SLACK, maxOutputLength: expected + SLACK });
  } catch (cause) {
    throw damaged(file, 0, `compressed data: ${(cause as Error).message}`, "intact data", cause);
  }
  if (rows.length < expected) throw damaged(file, 0, `${rows.length} bytes of pixels`, String(expected));
  return rows;
}

/** Samples of 1, 2 or 4 bits, first in the high bits, a byte each; grey ones spread over 0 .. 255. */
function unpacked(rows: Uint8Array, { width, height, depth, kind }: PngHeader, rowBytes: number): Uint8Array {
  const values = new Uint8Array(width * height);
  const most = (1 << depth) - 1;
  const scale = kind === "grey" ? 255 / most : 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      values[at++] = ((rows[y * rowBytes + (bit >> 3)]! >> (8 - depth - (bit & 7))) & most) * scale;
    }
  }
  return values;
}

function coloured(indices: Uint8Array, palette: Uint8Array, file: string): Uint8Array {
  const pixels = new Uint8Array(indices.length * 3);
  const colours = palette.length / 3;
  indices.forEach((index, i) => {
    if (index >= colours) throw damaged(file, 0, `colour ${index}`, `one of the palette's ${colours}`);
    pixels.set(palette.subarray(index * 3, index * 3 + 3), i * 3);
  });
  return pixels;
}

function withoutAlpha(values: Uint8Array, samples: number, channels: number): Uint8Array {
  const pixels = new Uint8Array((values.length / samples) * channels);
  for (let from = 0, to = 0; from < values.length; from += samples)
    for (let c = 0; c < channels; c++) pixels[to++] = values[from + c]!;
  return pixels;
}

function damaged(file: string, at: number, found: string, expected: string, cause?: unknown): SignalbookError {
  return new SignalbookError("a PNG image that cannot be decoded", {
    file,
    place: `byte ${at}`,
    found,
    expected,
    fix: "the file is damaged: copy or download it again",
    cause,
  });
}
