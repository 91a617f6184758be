/** Images beside one another under their captions: what a network is given, before and after it was changed. */
import { SignalbookError } from "../../core/errors";
import { encodePng, type Image } from "../../preprocessing/image";
import { resize } from "../../preprocessing/resize";
import { type ChartSpec, type ChartText, chartText, colours, figureWidth, unframed } from "./theme";

export interface CaptionedImage {
  image: Image;
  /** One line above the image. */
  caption: string;
  /** A second line, smaller. */
  note?: string;
}

export interface ImageGridOptions extends ChartText {
  /** Images a row. Default: all in one row, up to 3. */
  columns?: number;
  /** CSS pixels of the whole figure. Default 720. */
  width?: number;
  /**
   * What is shown black and what white; values beyond are shown as these. Default [0, 1] for numbers, [0, 255] for bytes.
   */
  range?: readonly [black: number, white: number];
}

const GAP = 16;
/** Images are stored at twice the size that they are shown in, for screens of fine pixels. */
const DENSITY = 2;

/**
 * Images in rows from the left. Each is as wide as its column and keeps its proportions; larger ones are averaged down.
 * @throws SignalbookError for no images, and as the image's encoder.
 */
export async function imageGrid(images: readonly CaptionedImage[], options: ImageGridOptions = {}): Promise<ChartSpec> {
  const { columns = Math.min(3, images.length), width = figureWidth, range } = options;
  if (images.length === 0 || !(Number.isInteger(columns) && columns > 0))
    throw new SignalbookError("a grid of no images", {
      found: `${images.length} images, ${columns} columns`,
      expected: "one or more of each",
    });
  const inner = width - 2 * GAP;
  const cell = Math.floor((inner - GAP * (columns - 1)) / columns);
  const captionHeight = images.some(({ note }) => note !== undefined) ? 38 : 22;
  const placed: Placed[] = [];
  let top = 0;
  for (let row = 0; row < images.length; row += columns) {
    const inRow = images.slice(row, row + columns);
    const heights = inRow.map(({ image }) => Math.max(1, Math.round((cell * image.height) / image.width)));
    for (const [column, captioned] of inRow.entries())
      placed.push({
        ...captioned,
        x: column * (cell + GAP),
        top,
        bottom: top + captionHeight + heights[column]!,
        height: heights[column]!,
        url: await dataUrl(captioned.image, cell, heights[column]!, range),
      });
    top += captionHeight + Math.max(...heights) + GAP;
  }
  const list = images.map(({ caption, note }) => (note === undefined ? caption : `${caption} (${note})`)).join("; ");
  const text = chartText(options, {
    title: images.length === 1 ? images[0]!.caption : "Images",
    description: `${images.length === 1 ? "Image" : "Images, row by row"}: ${list}.`,
    details: `${list}.`,
  });
  return unframed(text, {
    width: inner,
    height: top - GAP,
    layer: placed.flatMap((one) => layers(one, cell, inner, top)),
  });
}

interface Placed extends CaptionedImage {
  x: number;
  /** From the figure's upper edge to the caption's and the image's lower one. */
  top: number;
  bottom: number;
  height: number;
  url: string;
}

function layers(
  { caption, note, x, top, bottom, height, url }: Placed,
  width: number,
  inner: number,
  total: number,
): object[] {
  // Positions are pixels from the top left.
  const at = (left: number, down: number) => ({
    data: { values: [{ x: left, y: down }] },
    encoding: {
      x: { field: "x", type: "quantitative", axis: null, scale: { domain: [0, inner], nice: false, zero: false } },
      y: {
        field: "y",
        type: "quantitative",
        axis: null,
        scale: { domain: [total - GAP, 0], nice: false, zero: false },
      },
    },
  });
  const label = (text: string, down: number, look: object) => ({
    ...at(x, down),
    mark: { type: "text", align: "left", baseline: "top", text, limit: width, tooltip: false, ...look },
  });
  return [
    label(caption, top, { fontSize: 13, fontWeight: 600 }),
    ...(note === undefined ? [] : [label(note, top + 17, { fontSize: 12, color: colours.muted })]),
    {
      ...at(x, bottom - height),
      mark: { type: "image", url, width, height, align: "left", baseline: "top", aspect: false, tooltip: false },
    },
  ];
}

/** The image at the size it is shown in, as a PNG within the text. */
async function dataUrl(
  image: Image,
  width: number,
  height: number,
  range: readonly [number, number] = image.pixels instanceof Uint8Array ? [0, 255] : [0, 1],
): Promise<string> {
  const [black, white] = range;
  const shades = Float32Array.from(image.pixels, (value) =>
    Math.min(1, Math.max(0, (value - black) / (white - black))),
  );
  const larger = { width: Math.min(image.width, DENSITY * width), height: Math.min(image.height, DENSITY * height) };
  const shown = resize({ ...image, pixels: shades }, { ...larger, method: "opencv-area" });
  // Means of shades may leave 0 .. 1 by a rounding.
  const pixels = shown.pixels.map((value) => Math.min(1, Math.max(0, value)));
  const png = await encodePng({ ...shown, pixels });
  return `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
}
