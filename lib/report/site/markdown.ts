/** A notebook's prose as HTML: headings with anchors, links between notebooks, no raw HTML, no images from elsewhere. */
import MarkdownIt from "markdown-it";
import { escapeHtml } from "../tables";
import { highlight } from "./highlight";

export interface Heading {
  level: number;
  id: string;
  text: string;
}

/** Renders the Markdown of one page; headings are collected on the way, their ids unique on the page. */
export interface PageMarkdown {
  render(source: string): string;
  readonly headings: readonly Heading[];
}

/** @param pages names of the notebooks that have a page: links to them lead there, others to files become text. */
export function pageMarkdown(pages: ReadonlySet<string>): PageMarkdown {
  const headings: Heading[] = [];
  const used = new Set<string>(["content"]); // the id of <main>
  const markdown = new MarkdownIt({
    html: false,
    linkify: false,
    highlight: (code, language) => highlight(code, language),
  });
  const { rules } = markdown.renderer;
  rules.heading_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]!;
    const text = plainText(tokens[index + 1]?.children ?? []);
    const id = uniqueId(text, used);
    headings.push({ level: Number(token.tag.slice(1)), id, text });
    token.attrSet("id", id);
    return self.renderToken(tokens, index, options);
  };
  rules.heading_close = (tokens, index, options, _env, self) => {
    const { id, text } = headings.at(-1)!;
    const anchor = ` <a class="anchor" href="#${id}" aria-label="Link to “${escapeHtml(text)}”">#</a>`;
    return anchor + self.renderToken(tokens, index, options);
  };
  rules.table_open = () => '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>';
  rules.table_close = () => "</table></div>";
  rules.image = (tokens, index) => {
    const token = tokens[index]!;
    const source = String(token.attrGet("src") ?? "");
    const alt = escapeHtml(token.content);
    return source.startsWith("data:image/") ? `<img src="${escapeHtml(source)}" alt="${alt}">` : `<em>${alt}</em>`;
  };
  rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]!;
    const target = linkTarget(String(token.attrGet("href") ?? ""), pages);
    if (target === null) token.attrs = [["class", "file"]];
    else token.attrSet("href", target);
    return self.renderToken(tokens, index, options);
  };
  return { headings, render: (source) => markdown.render(source) };
}

/** The address of a link on the page; null for a file of the project, which the report does not carry. */
function linkTarget(href: string, pages: ReadonlySet<string>): string | null {
  if (/^(https?:|mailto:|#)/i.test(href)) return href;
  const notebook = /^(?:\.\/)?([\w.-]+)\.ipynb(#.*)?$/.exec(href);
  return notebook !== null && pages.has(notebook[1]!) ? `${notebook[1]}.html${notebook[2] ?? ""}` : null;
}

function plainText(tokens: readonly { type: string; content: string }[]): string {
  return tokens
    .filter((token) => token.type === "text" || token.type === "code_inline")
    .map((token) => token.content)
    .join("");
}

function uniqueId(text: string, used: Set<string>): string {
  const words = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  const base = words === "" ? "section" : words;
  let id = base;
  for (let n = 2; used.has(id); n++) id = `${base}-${n}`;
  used.add(id);
  return id;
}
