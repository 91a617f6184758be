/** One thread's part of an exam: draws epochs and writes them as PNG files. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { Prepare } from "../core/workers";
import { psgPainter } from "./psg-image";
import type { PsgTraces } from "./psg-traces";

export interface PsgImageTask {
  /** File name of the image. */
  image: string;
  /** Seconds from the recording's start. */
  from: number;
}

/** Level 2 of 9 makes files some 4 % larger than the usual 6, in half the time: noise does not compress. */
const COMPRESSION = 2;

/** @returns whether the image shows anything at all. */
export const prepare: Prepare<{ prepared: PsgTraces; folder: string }, PsgImageTask, boolean> = ({
  prepared,
  folder,
}) => {
  const paint = psgPainter(prepared);
  return async ({ image, from }) => {
    const { width, height, pixels } = paint(from);
    const png = sharp(pixels, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
    await writeFile(join(folder, image), await png.png({ compressionLevel: COMPRESSION }).toBuffer());
    return pixels.some((grey) => grey > 0);
  };
};
