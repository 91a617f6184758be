/** PNG images, and exams of the MAIC challenge: folders of them. */
import { listMaicExam, MAIC_HEIGHT, MAIC_WIDTH, readMaicImage } from "../../formats/maic";
import { decodeGreyPng, isPng, readPngHeader } from "../../formats/png";
import { readBytes } from "../../formats/text";
import type { InspectFormat } from "./probe";
import { Statistics } from "./statistics";
import { statisticsOf, summaryOf } from "./summary";

/** Seconds an image stands for. */
const EPOCH_SECONDS = 30;

const png: InspectFormat = {
  name: "PNG images",
  matches: ({ head, extension }) => isPng(head) || extension === ".png",
  inspect: async ({ path }) => {
    const bytes = readBytes(path, "a PNG image");
    const { width, height, depth, kind } = readPngHeader(bytes, path);
    const isMaic = width === MAIC_WIDTH && height === MAIC_HEIGHT;
    const facts = { size: `${width} x ${height}`, stored: `${depth} bits, ${kind}` };
    if (depth > 8) return summaryOf(path, "PNG", { facts, warnings: ["16 bits a sample are not read as an image"] });
    const { pixels } = await decodeGreyPng(bytes, path);
    return summaryOf(path, isMaic ? "PNG, an epoch in MAIC's size" : "PNG", {
      facts,
      arrays: [{ name: "grey", type: "uint8", shape: [height, width], ...statisticsOf(pixels) }],
    });
  },
};

const exam: InspectFormat = {
  name: "MAIC exams (folders of PNG)",
  matches: ({ folder }) => folder?.some((name) => /\.png$/i.test(name)) ?? false,
  inspect: async ({ path }) => {
    const images = listMaicExam(path);
    const grey = new Statistics();
    const blank: string[] = [];
    for (const { path: file, image } of images) {
      const { pixels } = await readMaicImage(file);
      if (pixels.every((pixel) => pixel === pixels[0])) blank.push(image);
      grey.add(pixels);
    }
    const [first, last] = [images[0]!.number, images[images.length - 1]!.number];
    const absent = last - first + 1 - images.length;
    return summaryOf(path, "MAIC exam", {
      duration: images.length * EPOCH_SECONDS,
      facts: { images: images.length, numbers: `${first} to ${last}` },
      arrays: [{ name: "grey", type: "uint8", shape: [images.length, MAIC_HEIGHT, MAIC_WIDTH], ...grey.summary() }],
      warnings: [
        ...(absent > 0 ? [`images missing between the first and the last: ${absent}`] : []),
        ...(blank.length > 0 ? [`images that show nothing: ${blank.length}, the first ${blank[0]}`] : []),
      ],
    });
  },
};

export const imageFormats: readonly InspectFormat[] = [png, exam];
