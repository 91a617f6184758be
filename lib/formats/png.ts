/** PNG images as arrays of grey bytes, decoded by sharp. Sizes are read from the header before anything is decoded. */
import sharp from "sharp";
import { SignalbookError } from "../core/errors";
import { quoted } from "./text";

/** Row-major from the top left, one byte a pixel, 0 black. */
export interface GreyImage {
  width: number;
  height: number;
  channels: 1;
  pixels: Uint8Array;
}

export interface PngHeader {
  width: number;
  height: number;
  /** Bits a sample. */
  depth: number;
  kind: "grey" | "RGB" | "palette" | "grey with alpha" | "RGBA";
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const KINDS = { 0: "grey", 2: "RGB", 3: "palette", 4: "grey with alpha", 6: "RGBA" } as const;
/** More pixels than any rendering has: what a few bytes of a damaged header must not make memory for. */
const MOST_PIXELS = 1 << 26;

/** Whether the bytes begin as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/** @throws SignalbookError for what is no PNG file, and for a header of impossible values. */
export function readPngHeader(bytes: Uint8Array, file: string): PngHeader {
  const problem = (what: string, found: string, expected: string): SignalbookError =>
    new SignalbookError(what, { file, place: "byte 0", found, expected, fix: "check the path, or copy it again" });
  if (!isPng(bytes))
    throw problem("no PNG image", quoted(Buffer.from(bytes.subarray(0, 8)).toString("latin1")), "a PNG signature");
  if (bytes.length < 26) throw problem("a truncated PNG image", `${bytes.length} bytes`, "a header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const kind = KINDS[bytes[25] as keyof typeof KINDS];
  if (kind === undefined || width === 0 || height === 0 || width * height > MOST_PIXELS)
    throw problem("a PNG header that is damaged", `${width} x ${height}, colour type ${bytes[25]}`, "an image's");
  return { width, height, depth: bytes[24]!, kind };
}

/**
 * An image as grey bytes. Colours become 0.299 R + 0.587 G + 0.114 B in Pillow's integer arithmetic, so that equal
 * channels stay what they are; transparency is left out, as Pillow does.
 * @throws SignalbookError for what is no PNG file, a damaged one, and 16 bits a sample.
 */
export async function decodeGreyPng(bytes: Uint8Array, file: string): Promise<GreyImage> {
  const { width, height, depth } = readPngHeader(bytes, file);
  if (depth > 8)
    throw new SignalbookError("an image of 16 bits a sample", {
      file,
      found: `${depth} bits`,
      expected: "8 at most",
      fix: "save it with 8 bits: nothing says how to make bytes of wider values",
    });
  let raw: { data: Buffer; info: { width: number; height: number; channels: number } };
  try {
    raw = await sharp(bytes, { limitInputPixels: MOST_PIXELS })
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
  } catch (cause) {
    throw new SignalbookError("a PNG image that cannot be decoded", {
      file,
      found: String((cause as Error).message)
        .split("\n")[0]!
        .trim(),
      expected: `${width} x ${height} pixels`,
      fix: "the file is damaged: copy or download it again",
      cause,
    });
  }
  const { channels } = raw.info;
  const length = width * height;
  const pixels = new Uint8Array(length);
  if (channels < 3) for (let i = 0; i < length; i++) pixels[i] = raw.data[i * channels]!;
  else
    for (let i = 0, at = 0; i < length; i++, at += channels)
      pixels[i] = (raw.data[at]! * 19595 + raw.data[at + 1]! * 38470 + raw.data[at + 2]! * 7471 + 32768) >> 16;
  return { width, height, channels: 1, pixels };
}
