/**
 * One look for every figure: the sizes, the fonts and the colours, and the frame that turns a figure's own part into a
 * complete Vega-Lite v5 specification. Colours are Okabe and Ito's (2008), distinguishable with any colour vision.
 */
import type { SleepStage } from "../../formats/types";
import { textWidth } from "./text-width";

/** A complete Vega-Lite v5 specification: plain JSON, with the texts every figure must have. */
export interface ChartSpec {
  readonly title: { readonly text: string; readonly subtitle?: string | string[] };
  /** What the figure shows, in words: its caption and its text alternative. */
  readonly description: string;
  /** What the figure's marks say, for who can't see them: read aloud and printed as text, not shown under the figure. */
  readonly usermeta?: { readonly details: string };
  readonly [property: string]: unknown;
}

/** The texts of a figure that its caller may set; each chart has its own defaults. */
export interface ChartText {
  title?: string;
  subtitle?: string;
  /** What the figure shows, in words: its caption and its text alternative. */
  description?: string;
}

export const colours = {
  blue: "#0072B2",
  vermillion: "#D55E00",
  green: "#009E73",
  purple: "#CC79A7",
  orange: "#E69F00",
  sky: "#56B4E9",
  black: "#000000",
  ink: "#1F2933",
  muted: "#52606D",
  rule: "#CBD2D9",
  grid: "#E4E7EB",
  missing: "#B8C0C8",
} as const;

/** Colours of classes, in the order they are given out. */
export const categoryColours: readonly string[] = [
  colours.blue,
  colours.vermillion,
  colours.green,
  colours.purple,
  colours.orange,
  colours.sky,
  colours.black,
];

/** Stages from top to bottom, as a hypnogram is drawn. */
export const stageOrder: readonly SleepStage[] = ["W", "REM", "N1", "N2", "N3"];

/** Deeper sleep is a darker blue; REM is the one warm, saturated colour. */
export const stageColours: Readonly<Record<SleepStage, string>> = {
  W: "#F0C869",
  REM: colours.vermillion,
  N1: "#A9CDE8",
  N2: "#4A90C4",
  N3: "#0B3C6F",
  M: "#7B8794",
  "?": "#D5DAE0",
};

/** Width of a single-view figure in CSS pixels, axes and padding included. */
export const figureWidth = 720;
/** Width of the plotting area where the frame around it can't be counted in (facets). */
export const plotWidth = 600;

const font = "system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";

/** Vega's config, part of every specification, so that a notebook and the report draw the same. */
export const themeConfig = {
  font,
  background: "#FFFFFF",
  padding: 8,
  title: {
    anchor: "start",
    frame: "bounds",
    fontSize: 16,
    fontWeight: 600,
    color: colours.ink,
    subtitleFontSize: 13,
    subtitleColor: colours.muted,
    subtitlePadding: 4,
    offset: 12,
  },
  axis: {
    labelFontSize: 13,
    titleFontSize: 13,
    titleFontWeight: 500,
    labelColor: colours.ink,
    titleColor: colours.ink,
    gridColor: colours.grid,
    domainColor: colours.muted,
    tickColor: colours.muted,
    labelLimit: 320,
    titlePadding: 8,
  },
  legend: {
    labelFontSize: 13,
    titleFontSize: 13,
    titleFontWeight: 500,
    labelColor: colours.ink,
    titleColor: colours.ink,
    labelLimit: 320,
    orient: "bottom",
    direction: "horizontal",
    symbolStrokeWidth: 2.5,
    symbolOpacity: 1,
    offset: 10,
  },
  header: { labelFontSize: 13, titleFontSize: 13, labelColor: colours.ink, titleColor: colours.ink },
  text: { fontSize: 13, color: colours.ink },
  line: { strokeWidth: 2 },
  view: { stroke: null },
  range: { category: [...categoryColours] },
} as const;

/** The texts of a figure after its defaults. */
export type FigureText = Pick<ChartSpec, "title" | "description" | "usermeta">;

/** The caller's texts, and a chart's defaults for those not given. */
export function chartText(
  given: ChartText,
  defaults: { title: string; subtitle?: string; description: string; details?: string },
): FigureText {
  const subtitle = given.subtitle ?? defaults.subtitle;
  return {
    title: { text: given.title ?? defaults.title, ...(subtitle === undefined ? {} : { subtitle }) },
    description: given.description ?? defaults.description,
    ...(defaults.details === undefined ? {} : { usermeta: { details: defaults.details } }),
  };
}

/**
 * Completes a single view or a layered view: schema, theme, and the whole figure `width` CSS pixels wide
 * ({@link figureWidth} unless given), axes included.
 */
export function framed(
  text: FigureText,
  view: Record<string, unknown>,
  size: { width?: number; height: number },
): ChartSpec {
  const width = size.width ?? figureWidth;
  return {
    ...base({ ...text, title: broken(text.title, width - 2 * themeConfig.padding) }),
    width,
    height: size.height,
    autosize: { type: "fit", contains: "padding" },
    ...view,
  };
}

/** A title whose subtitle, where it is one long line, is broken between words so that none is cut off at the figure's edge. */
function broken(title: ChartSpec["title"], width: number): ChartSpec["title"] {
  if (typeof title.subtitle !== "string") return title;
  const { subtitleFontSize } = themeConfig.title;
  const lines = [""];
  for (const word of title.subtitle.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trimStart();
    if (textWidth(longer, subtitleFontSize) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.length === 1 ? title : { ...title, subtitle: lines };
}

/** Completes a view that sets its own sizes: facets, concatenations, and figures drawn to a scale. */
export function unframed(text: FigureText, view: Record<string, unknown>): ChartSpec {
  return { ...base(text), ...view };
}

function base(text: FigureText): ChartSpec {
  return { $schema: "https://vega.github.io/schema/vega-lite/v5.json", ...text, config: themeConfig };
}

/** Rounds for drawing: no figure shows more, and a specification with short numbers is a third of the size. */
export function rounded(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/** A percentage of `share` (0..1) as text: "12 %", "0.4 %". */
export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && Math.abs(percent) < 1 ? percent.toFixed(1) : percent.toFixed(0)} %`;
}
