/**
 * From a specification to an output: `chart(spec)` is a value that a notebook shows as a figure. Its bundle carries the
 * specification (JupyterLab draws it, with tooltips), the same figure as SVG (for the report, GitHub, and nbconvert) and
 * its words.
 */
import type * as Vega from "vega";
import type * as VegaLite from "vega-lite";
import { SignalbookError } from "../../core/errors";
import { type Bundle, type Displayable, jupyterDisplay } from "../display";
import { textWidth } from "./text-width";
import type { ChartSpec } from "./theme";

/** The MIME type of Vega-Lite 5 specifications. (JupyterLab 4 shows nothing for v6.) */
export const vegaLiteMimeType = "application/vnd.vegalite.v5+json";

/** A figure: the last expression of a cell shows it, `await show(chart(spec))` shows it anywhere. */
export interface Chart extends Displayable {
  readonly spec: ChartSpec;
  /** The figure as it is shown: specification, SVG and text. */
  bundle(): Promise<Bundle>;
  /** The figure as a standalone SVG document. */
  svg(): Promise<string>;
}

/** Makes a figure of a Vega-Lite v5 specification. Rendering happens when it is shown. */
export function chart(spec: ChartSpec): Chart {
  const svg = () => renderSvg(spec);
  const bundle = async (): Promise<Bundle> => ({
    [vegaLiteMimeType]: spec,
    "image/svg+xml": await svg(),
    "text/plain": chartSummary(spec),
  });
  return { spec, svg, bundle, [jupyterDisplay]: bundle };
}

/** The figure in words: title, subtitle, description, details. */
export function chartSummary(spec: ChartSpec): string {
  const { text, subtitle } = spec.title;
  const lines = subtitle === undefined ? [] : Array.isArray(subtitle) ? subtitle : [subtitle];
  const details = spec.usermeta?.details;
  return [`[figure] ${text}`, ...lines, spec.description, ...(details === undefined ? [] : [details])].join("\n");
}

/**
 * Draws a specification as an SVG document, in this process, without a browser. Data must be in the specification.
 * @throws SignalbookError when the specification has no title or description, or Vega reports an error or a warning
 * (a misspelt field draws an empty figure otherwise).
 */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  if (!spec.title?.text || !spec.description)
    throw new SignalbookError("a figure without words", {
      expected: "title.text and description in the specification",
      fix: "say in a sentence what the figure shows",
    });
  const { vega, vegaLite } = drawing();
  const problems: string[] = [];
  const note = (...parts: unknown[]) => {
    problems.push(parts.map(String).join(" "));
    return logger;
  };
  const logger = { level: () => logger, error: note, warn: note, info: () => logger, debug: () => logger };
  // One image with a name is better to listen to than a list of a thousand marks, and half the size.
  const silent = { ...spec, config: { ...(spec["config"] as object), aria: false } };
  const compiled = vegaLite.compile(silent as unknown as VegaLite.TopLevelSpec, { logger: logger as never });
  const view = new vega.View(vega.parse({ ...compiled.spec, description: undefined }), {
    renderer: "none",
    logger: logger as never,
  });
  try {
    const svg = await view.toSVG();
    if (problems.length > 0)
      throw new SignalbookError(`a figure that can't be drawn as specified: ${problems.join("; ")}`, {
        file: spec.title.text,
      });
    return named(svg, spec);
  } finally {
    view.finalize();
  }
}

/**
 * Gives the drawing its text alternative. Its ids, which Vega counts through the whole process, are counted from 0, so
 * that the same specification always gives the same document.
 */
function named(svg: string, spec: ChartSpec): string {
  const label = escapeXml(`${spec.title.text}. ${spec.description}`);
  const ids = [...svg.matchAll(/\sid="([^"]+)"/g)].map((match) => match[1]!);
  const own = new Map(ids.map((id, index) => [id, `part${index}`]));
  const renamed = svg
    .replace(/(\sid=")([^"]+)"/g, (_, start: string, id: string) => `${start}${own.get(id)}"`)
    .replace(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${own.get(id) ?? id})`);
  return renamed.replace(/^<svg /, `<svg role="img" aria-label="${label}" `);
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);
}

/** Vega is loaded with the first figure: half a second that a program without figures need not spend. */
function drawing(): { vega: typeof Vega; vegaLite: typeof VegaLite } {
  const vega = require("vega") as typeof Vega & { textMetrics: { width(item: TextItem, text: string): number } };
  const vegaLite = require("vega-lite") as typeof VegaLite;
  vega.textMetrics.width = (item, text) =>
    textWidth(String(text ?? item.text ?? ""), item.fontSize ?? 11, item.fontWeight);
  return { vega, vegaLite };
}

interface TextItem {
  text?: unknown;
  fontSize?: number;
  fontWeight?: string | number;
}
