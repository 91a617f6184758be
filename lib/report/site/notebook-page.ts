/** A notebook's page: its prose, its figures and tables, its code folded away. */
import { durationText } from "../progress";
import { escapeHtml } from "../tables";
import { highlight } from "./highlight";
import { pageMarkdown } from "./markdown";
import type { NotebookCell, NotebookFile } from "./notebook-file";
import { type FigureFile, type OutputContext, outputHtml } from "./outputs";
import type { PageLink } from "./page";

export interface NotebookPage {
  body: string;
  figures: FigureFile[];
}

/** @param pages names of all notebooks in the report. */
export function notebookPage(
  notebook: NotebookFile,
  pages: ReadonlySet<string>,
  neighbours: { previous?: PageLink; next?: PageLink },
): NotebookPage {
  const markdown = pageMarkdown(pages);
  const context: OutputContext = { notebook: notebook.name, markdown, figures: [], images: 0 };
  const cells = notebook.cells.map((cell) => cellHtml(cell, context));
  const sections = markdown.headings.filter(({ level }) => level === 2);
  const contents =
    sections.length === 0
      ? ""
      : `<nav class="sections" aria-label="Sections"><ul class="links">${sections
          .map(({ id, text }) => `<li><a href="#${id}">${escapeHtml(text)}</a></li>`)
          .join("")}</ul></nav>`;
  const failure = notebook.failed
    ? '<p class="notice bad">This notebook failed. What it computed before is below, with the error.</p>'
    : "";
  const heading = markdown.headings.some(({ level }) => level === 1) ? "" : `<h1>${escapeHtml(notebook.title)}</h1>`;
  // The sections' list belongs under the title, which is the first heading of the first cell.
  const first = cells.findIndex((html) => html.includes("</h1>"));
  const head = failure + contents;
  const body =
    first < 0
      ? [heading, head, ...cells]
      : cells.map((html, index) => (index === first ? html.replace("</h1>", () => `</h1>${head}`) : html));
  return { body: [...body, neighboursHtml(neighbours)].join("\n"), figures: context.figures };
}

function cellHtml(cell: NotebookCell, context: OutputContext): string {
  if (cell.kind === "markdown") return `<div class="prose">${context.markdown.render(cell.source)}</div>`;
  const outputs = cell.outputs.map((output) => outputHtml(output, context)).filter((html) => html !== "");
  return [
    '<section class="cell">',
    cell.source.trim() === "" ? "" : codeHtml(cell),
    ...(outputs.length === 0 ? [] : ['<div class="outputs">', ...outputs, "</div>"]),
    "</section>",
  ].join("\n");
}

function codeHtml({ source, executionCount, seconds }: Extract<NotebookCell, { kind: "code" }>): string {
  const lines = source.trimEnd().split("\n").length;
  const facts = [
    `${lines} line${lines === 1 ? "" : "s"}`,
    ...(executionCount === null ? ["not run"] : []),
    ...(seconds !== null && seconds >= 1 ? [durationText(seconds)] : []),
  ];
  return (
    `<details class="code"><summary>Code <span class="facts">${facts.join(", ")}</span></summary>` +
    `<pre tabindex="0"><code class="hljs language-typescript">${highlight(source)}</code></pre></details>`
  );
}

function neighboursHtml({ previous, next }: { previous?: PageLink; next?: PageLink }): string {
  const link = (to: PageLink | undefined, rel: string, words: string) =>
    to === undefined
      ? "<span></span>"
      : `<a rel="${rel}" href="${escapeHtml(to.href)}"><span>${words}</span> ${escapeHtml(to.title)}</a>`;
  return `<nav class="neighbours" aria-label="Previous and next">${link(previous, "prev", "Previous:")}${link(next, "next", "Next:")}</nav>`;
}
