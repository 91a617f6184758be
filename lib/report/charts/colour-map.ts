/** Numbers as colours: a map that reads in order, in print and with any colour vision. */
import { SignalbookError } from "../../core/errors";
import type { Image } from "../../preprocessing/image";
import { checkImage } from "../../preprocessing/image";

export type ColourMapName = "viridis" | "grey";

/** Stops at equal distances from 0 to 1: viridis (van der Walt and Smith 2015, CC0), lightness rising evenly. */
const stops: Readonly<Record<ColourMapName, readonly string[]>> = {
  viridis: ["#440154", "#482878", "#3E4A89", "#31688E", "#26838F", "#1F9D8A", "#6CCE5A", "#B6DE2B", "#FEE825"],
  grey: ["#000000", "#FFFFFF"],
};

/** A map's stops, as CSS colours: for a legend. */
export function colourStops(name: ColourMapName): readonly string[] {
  return stops[name];
}

/**
 * A grey image as a coloured one: values from `low` to `high` in the map's colours, beyond them its ends, NaN white.
 * @returns red, green, blue; `width` and `height` as given.
 * @throws SignalbookError for an image of several channels, and for limits out of order.
 */
export function inColour(
  image: Image,
  { low = 0, high = 1, map = "viridis" }: { low?: number; high?: number; map?: ColourMapName } = {},
): Image<Uint8Array> {
  checkImage(image);
  if (image.channels !== 1 || !(high > low))
    throw new SignalbookError("an image that cannot be coloured", {
      found: `${image.channels} channels, ${low} to ${high}`,
      expected: "one channel, and limits that rise",
    });
  const table = tableOf(stops[map]);
  const pixels = new Uint8Array(image.pixels.length * 3);
  for (let i = 0; i < image.pixels.length; i++) {
    const share = (image.pixels[i]! - low) / (high - low);
    const level = Math.round(255 * Math.min(1, Math.max(0, share)));
    for (let c = 0; c < 3; c++) pixels[3 * i + c] = Number.isNaN(share) ? 255 : table[3 * level + c]!;
  }
  return { ...image, channels: 3, pixels };
}

/** 256 colours between the stops. */
function tableOf(colours: readonly string[]): Uint8Array {
  const levels = colours.map((colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)));
  return Uint8Array.from({ length: 3 * 256 }, (_, i) => {
    const at = (Math.floor(i / 3) / 255) * (levels.length - 1);
    const stop = Math.min(Math.floor(at), levels.length - 2);
    const [from, to] = [levels[stop]![i % 3]!, levels[stop + 1]![i % 3]!];
    return Math.round(from + (at - stop) * (to - from));
  });
}
