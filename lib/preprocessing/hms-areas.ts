/** Where system 002's image shows what: its two spectrograms and its twenty traces, chain by chain. */
import { HMS_SPECTROGRAM_SIDE } from "./hms-image";
import { HMS_RASTER, HMS_TRACES } from "./hms-traces";

/** A rectangle of an image of any size, as shares of its width and height. */
export interface ImageArea {
  name: string;
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Where the traces begin: at their left are the spectrograms. A share of the width. */
export const HMS_TRACES_FROM = HMS_SPECTROGRAM_SIDE / (HMS_SPECTROGRAM_SIDE + HMS_RASTER.width);

/** Traces that stand next to each other in the plot and are read together, top to bottom. */
const CHAINS: readonly (readonly [name: string, traces: number])[] = [
  ["left parasagittal chain", 4],
  ["right parasagittal chain", 4],
  ["left temporal chain", 4],
  ["right temporal chain", 4],
  ["midline", 2],
  ["ECG", 1],
  ["C3 alone", 1],
];

/** The image's areas, the two spectrograms named by what they cover; together they cover it. The traces of neighbouring areas reach a little into each other's. */
export const HMS_AREAS: readonly ImageArea[] = areas();

function areas(): ImageArea[] {
  const left = HMS_TRACES_FROM;
  let row = 0;
  const chains = CHAINS.map(([name, traces]) => {
    const area = { name, left, top: row / HMS_TRACES.length, width: 1 - left, height: traces / HMS_TRACES.length };
    row += traces;
    return area;
  });
  return [
    { name: "10 minutes", left: 0, top: 0, width: left, height: 0.5 },
    { name: "50 seconds", left: 0, top: 0.5, width: left, height: 0.5 },
    ...chains,
  ];
}

/** Rows and columns of an area in an image of this size, the last ones excluded. */
export function areaPixels(
  { left, top, width, height }: ImageArea,
  image: { height: number; width: number },
): { top: number; bottom: number; left: number; right: number } {
  return {
    top: Math.round(top * image.height),
    bottom: Math.round((top + height) * image.height),
    left: Math.round(left * image.width),
    right: Math.round((left + width) * image.width),
  };
}
