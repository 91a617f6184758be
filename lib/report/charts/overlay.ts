/** A map over the picture that it belongs to: white traces stay white, and the black behind them takes the map's colour. */
import { SignalbookError } from "../../core/errors";
import { checkImage, type Image } from "../../preprocessing/image";
import { type ColourMapName, inColour } from "./colour-map";

export interface OverlayOptions {
  /** Values of the map shown in the lowest and the highest colour. Default: its own least and greatest. */
  range?: readonly [low: number, high: number];
  map?: ColourMapName;
  /** How much white a full trace gets, 0 to 1: less lets the colour through. Default 1. */
  white?: number;
}

/**
 * @param picture grey, bytes, with light traces on black
 * @param values one channel, of any size: each of its values covers an equal part of the picture
 * @returns red, green, blue, as large as the picture
 * @throws SignalbookError for a picture or map of several channels
 */
export function overlaid(picture: Image<Uint8Array>, values: Image, options: OverlayOptions = {}): Image<Uint8Array> {
  checkImage(picture);
  if (picture.channels !== 1)
    throw new SignalbookError("a picture that no map can be laid over", {
      found: `${picture.channels} channels`,
      expected: "one channel: light traces on black",
    });
  const [low, high] = options.range ?? [Math.min(...values.pixels), Math.max(...values.pixels)];
  const colour = inColour(values, { low, high, ...(options.map !== undefined && { map: options.map }) });
  const { width, height } = picture;
  const { white = 1 } = options;
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y * values.height) / height) * values.width;
    for (let x = 0; x < width; x++) {
      const from = 3 * (row + Math.floor((x * values.width) / width));
      const at = y * width + x;
      const light = (white * picture.pixels[at]!) / 255;
      for (let c = 0; c < 3; c++) pixels[3 * at + c] = Math.round(255 * light + colour.pixels[from + c]! * (1 - light));
    }
  }
  return { width, height, channels: 3, pixels };
}
