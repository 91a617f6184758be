/** The outputs of a cell as HTML: of each bundle the richest part that needs nothing but the page. */
import { type ChartSpec, vegaLiteMimeType } from "../charts";
import { escapeHtml } from "../tables";
import { highlight } from "./highlight";
import type { PageMarkdown } from "./markdown";
import type { CellOutput, MimeData } from "./notebook-file";
import { sanitiseHtml } from "./sanitise";
import { inlineSvg } from "./svg";

/** A specification to be written beside the page, loaded when a reader asks for the interactive copy. */
export interface FigureFile {
  /** File name in the report's figures/ folder. */
  file: string;
  content: string;
}

/** What outputs of one page share. */
export interface OutputContext {
  /** The notebook's name: begins the names of its figures' files. */
  notebook: string;
  markdown: PageMarkdown;
  /** Figures so far. */
  figures: FigureFile[];
  /** Images so far, numbered for their ids. */
  images: number;
}

/** One output. */
export function outputHtml(output: CellOutput, context: OutputContext): string {
  if (output.kind === "stream") {
    const text = withoutColours(output.text).replace(/\n$/, "");
    return text === ""
      ? ""
      : `<pre class="stream ${output.name === "stderr" ? "stderr" : "stdout"}">${escapeHtml(text)}</pre>`;
  }
  if (output.kind === "error") return errorHtml(output);
  return dataHtml(output.data, context);
}

function errorHtml({ name, value, traceback }: { name: string; value: string; traceback: string }): string {
  const trace = withoutColours(traceback);
  const details = trace === "" ? "" : `<details><summary>Trace</summary><pre>${escapeHtml(trace)}</pre></details>`;
  return `<div class="error" role="alert"><p><strong>${escapeHtml(name)}</strong> ${escapeHtml(withoutColours(value))}</p>${details}</div>`;
}

function dataHtml(data: MimeData, context: OutputContext): string {
  const text = (type: string) => (typeof data[type] === "string" ? (data[type] as string) : undefined);
  const svg = text("image/svg+xml");
  const words = text("text/plain") ?? "";
  if (svg !== undefined) return figureHtml(svg, data[vegaLiteMimeType] as ChartSpec | undefined, words, context);
  for (const type of ["image/png", "image/jpeg"]) {
    const image = text(type);
    if (image !== undefined)
      return `<figure><img src="data:${type};base64,${image.replace(/\s/g, "")}" alt="${escapeHtml(words)}"></figure>`;
  }
  const html = text("text/html");
  if (html !== undefined) {
    const safe = sanitiseHtml(html);
    const caption = /<caption[^>]*>(.*?)<\/caption>/s.exec(safe)?.[1]?.replace(/<[^>]*>/g, "") ?? "Table";
    return safe.includes("<table")
      ? `<div class="scroll" tabindex="0" role="region" aria-label="${caption.replace(/"/g, "&quot;")}">${safe}</div>`
      : safe;
  }
  const markdown = text("text/markdown");
  if (markdown !== undefined) return context.markdown.render(markdown);
  if (data["application/json"] !== undefined)
    return `<pre class="hljs">${highlight(JSON.stringify(data["application/json"], null, 2), "json")}</pre>`;
  return words === "" ? "" : `<pre class="value">${escapeHtml(withoutColours(words))}</pre>`;
}

function figureHtml(svg: string, spec: ChartSpec | undefined, words: string, context: OutputContext): string {
  const prefix = `sb-figure-${++context.images}`;
  const title = spec?.title?.text ?? (words.split("\n")[0] || `Figure ${context.images}`);
  const description = spec?.description ?? words;
  const more = spec?.usermeta?.details;
  const details = more === undefined ? "" : ` <span class="hidden">${escapeHtml(more)}</span>`;
  const image = inlineSvg(svg, { prefix, label: title, describedBy: `${prefix}-caption` });
  let interactive = "";
  if (spec !== undefined) {
    const file = `${context.notebook}-${context.images}.js`;
    context.figures.push({ file, content: `signalbookFigure(${JSON.stringify(file)}, ${JSON.stringify(spec)});\n` });
    interactive =
      `<details class="interactive" data-figure="figures/${file}"><summary>Interactive copy</summary>` +
      '<div class="scroll" tabindex="0" role="region" aria-label="Interactive copy of the figure"><div class="view">' +
      "<noscript>The interactive copy needs JavaScript; the figure above shows the same.</noscript></div></div></details>";
  }
  return [
    `<figure id="${prefix}" style="--width: ${Math.round(image.width)}px">`,
    `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}">${image.html}</div>`,
    `<figcaption id="${prefix}-caption">${escapeHtml(description)}${details}</figcaption>`,
    interactive,
    "</figure>",
  ].join("\n");
}

/** Text without a terminal's colour codes. */
function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what begins such a code
  return text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
}
