/** One thread's part of an exam: draws epochs and writes them as PNG files. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Prepare } from "../core/workers";
import { encodePng } from "./image";
import { psgPainter } from "./psg-image";
import type { PsgTraces } from "./psg-traces";

export interface PsgImageTask {
  /** File name of the image. */
  image: string;
  /** Seconds from the recording's start. */
  from: number;
}

/** @returns whether the image shows anything at all. */
export const prepare: Prepare<{ prepared: PsgTraces; folder: string }, PsgImageTask, boolean> = ({
  prepared,
  folder,
}) => {
  const paint = psgPainter(prepared);
  return async ({ image, from }) => {
    const drawn = paint(from);
    await writeFile(join(folder, image), await encodePng(drawn));
    return drawn.pixels.some((grey) => grey > 0);
  };
};
