/** A picture with its areas outlined and named, each with a value in colour where there are some. */
import { SignalbookError } from "../../core/errors";
import { encodePng, type Image } from "../../preprocessing/image";
import { resize } from "../../preprocessing/resize";
import { formatNumber } from "../format";
import { type ChartSpec, type ChartText, chartText, colours, rounded, unframed } from "./theme";

/** A rectangle, as shares of the picture's width and height. */
export interface NamedArea {
  name: string;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Such as how much worse answers are without it. All areas have one, or none. */
  value?: number;
}

export interface ImageAreasOptions extends ChartText {
  /** What the values are. */
  valueTitle?: string;
  /** Decimal places of the values written. Default 2. */
  digits?: number;
}

const shownWidth = 760;
const DENSITY = 2;

/**
 * @param picture one channel, light on black, bytes
 * @throws SignalbookError for no area, an area beyond the picture, and values of some areas only
 */
export async function imageAreas(
  picture: Image<Uint8Array>,
  areas: readonly NamedArea[],
  options: ImageAreasOptions = {},
): Promise<ChartSpec> {
  checkAreas(areas);
  const { valueTitle = "value", digits = 2 } = options;
  const height = Math.round((shownWidth * picture.height) / picture.width);
  const valued = areas[0]!.value !== undefined;
  const small = {
    width: Math.min(picture.width, DENSITY * shownWidth),
    height: Math.min(picture.height, DENSITY * height),
  };
  const url = `data:image/png;base64,${Buffer.from(await encodePng(resize(picture, { ...small, method: "opencv-area" }))).toString("base64")}`;
  const rows = areas.map(({ name, left, top, width, height: share, value }) => ({
    left: rounded(left * shownWidth, 1),
    right: rounded((left + width) * shownWidth, 1),
    top: rounded(top * height, 1),
    bottom: rounded((top + share) * height, 1),
    value: value ?? 0,
    text: value === undefined ? name : `${name}: ${formatNumber(value, digits)}`,
  }));
  const text = chartText(options, {
    title: "Parts of the picture",
    description: `A picture of ${picture.width} by ${picture.height} pixels with ${areas.length} areas outlined.`,
    details: `Areas: ${rows.map((row) => row.text).join("; ")}.`,
  });
  const across = { type: "quantitative", axis: null, scale: { domain: [0, shownWidth], nice: false } };
  const down = { type: "quantitative", axis: null, scale: { domain: [height, 0], nice: false } };
  const box = {
    x: { field: "left", ...across },
    x2: { field: "right" },
    y: { field: "top", ...down },
    y2: { field: "bottom" },
  };
  const most = Math.max(...rows.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const shaded = {
    mark: { type: "rect", opacity: 0.55 },
    encoding: {
      ...box,
      color: {
        field: "value",
        type: "quantitative",
        // Nothing stays dark as the picture is: what counts lights up.
        scale: { domain: [-most, 0, most], range: [colours.blue, colours.black, colours.vermillion] },
        legend: { title: valueTitle, orient: "bottom", gradientLength: 240 },
      },
    },
  };
  const corner = { align: "left", baseline: "top", dx: 4, dy: 1 };
  const name = { type: "text", ...corner, fontSize: 11, fontWeight: "bold", color: "white" };
  const named = { x: box.x, y: box.y, text: { field: "text" } };
  return unframed(text, {
    width: shownWidth,
    height,
    data: { values: rows },
    layer: [
      {
        data: { values: [{ url }] },
        mark: { type: "image", width: shownWidth, height, align: "left", baseline: "top", aspect: false },
        encoding: { url: { field: "url", type: "nominal" }, x: { value: 0 }, y: { value: 0 } },
      },
      ...(valued ? [shaded] : []),
      {
        mark: { type: "rect", fill: null, stroke: colours.orange, strokeWidth: 1.5 },
        encoding: box,
      },
      // The name twice: its dark outline below, so that it is readable on any ground.
      { mark: { ...name, stroke: "black", strokeWidth: 3, strokeOpacity: 0.85 }, encoding: named },
      { mark: name, encoding: named },
    ],
  });
}

function checkAreas(areas: readonly NamedArea[]): void {
  if (areas.length === 0) throw new SignalbookError("a picture without areas", { expected: "one or more" });
  const valued = areas.filter(({ value }) => value !== undefined).length;
  if (valued > 0 && valued < areas.length)
    throw new SignalbookError("areas with and without a value", {
      found: `${valued} of ${areas.length} with one`,
      expected: "all of them, or none",
    });
  const slack = 1e-9;
  const out = areas.find(
    ({ left, top, width, height }) =>
      !(left >= 0 && top >= 0 && width > 0 && height > 0 && left + width <= 1 + slack && top + height <= 1 + slack),
  );
  if (out !== undefined)
    throw new SignalbookError("an area beyond the picture", {
      place: out.name,
      found: `from ${out.left}, ${out.top}, ${out.width} wide, ${out.height} high`,
      expected: "shares of its width and height",
    });
}
