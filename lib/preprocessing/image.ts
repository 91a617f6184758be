/** Images as arrays: what the renderings of signals are drawn into, resized as and written from. */
import sharp from "sharp";
import { SignalbookError } from "../core/errors";

/** Bytes 0 .. 255 (0 and 1 in a binary image), or numbers, 0 .. 1 where an image is shown. */
export type Pixels = Uint8Array | Float32Array | Float64Array;

/** Row-major from the top left: [height, width, channels]. */
export interface Image<P extends Pixels = Pixels> {
  width: number;
  height: number;
  /** 1: grey; 3: red, green, blue. */
  channels: number;
  pixels: P;
}

/** An image of one channel, all zero. */
export function blankImage(width: number, height: number): Image<Uint8Array> {
  checkSize(width, height, 1);
  return { width, height, channels: 1, pixels: new Uint8Array(width * height) };
}

/** @throws SignalbookError unless the sizes are whole and positive and the pixels fill them. */
export function checkImage({ width, height, channels, pixels }: Image): void {
  checkSize(width, height, channels);
  if (pixels.length !== width * height * channels)
    throw new SignalbookError("pixels that do not fill their image", {
      found: `${pixels.length} values`,
      expected: `${width} x ${height} x ${channels} = ${width * height * channels}`,
    });
}

function checkSize(...sizes: number[]): void {
  if (!sizes.every((size) => Number.isInteger(size) && size > 0))
    throw new SignalbookError("an image's size out of range", {
      found: sizes.join(" x "),
      expected: "whole numbers, 1 or more",
    });
}

/** Numbers 0 .. 1 as the nearest bytes 0 .. 255. @throws SignalbookError for values outside, and for a NaN. */
export function toBytes(image: Image<Float32Array | Float64Array>): Image<Uint8Array> {
  checkImage(image);
  const pixels = new Uint8Array(image.pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const value = image.pixels[i]!;
    if (!(value >= 0 && value <= 1))
      throw new SignalbookError("a pixel out of range", {
        place: `pixel ${i}`,
        found: String(value),
        expected: "0 to 1",
        fix: "clip or scale the image first",
      });
    pixels[i] = Math.floor(value * 255 + 0.5);
  }
  return { ...image, pixels };
}

/**
 * An image as a PNG file's bytes, 8 bits a channel. Numbers are taken as 0 .. 1 (see {@link toBytes}); bytes as they
 * are, so a binary image of 0 and 1 is nearly black: scale it by `times`.
 * @param times multiplies bytes; 255 shows a binary image in black and white.
 */
export async function encodePng(image: Image, { times = 1 }: { times?: number } = {}): Promise<Uint8Array> {
  const { width, height, channels, pixels } = image;
  checkImage(image);
  if (channels !== 1 && channels !== 3)
    throw new SignalbookError("an image no PNG holds", { found: `${channels} channels`, expected: "1 or 3" });
  const bytes = pixels instanceof Uint8Array ? multiplied(pixels, times) : toBytes({ ...image, pixels }).pixels;
  const raw = sharp(bytes, { raw: { width, height, channels } });
  return (channels === 1 ? raw.toColourspace("b-w") : raw).png().toBuffer();
}

function multiplied(bytes: Uint8Array, times: number): Uint8Array {
  if (times === 1) return bytes;
  const above = bytes.findIndex((value) => value * times > 255);
  if (above >= 0)
    throw new SignalbookError("a pixel out of range", {
      place: `pixel ${above}`,
      found: `${bytes[above]} times ${times}`,
      expected: "255 or less",
    });
  return bytes.map((value) => value * times);
}
