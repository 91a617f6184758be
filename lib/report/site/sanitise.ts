/**
 * HTML that a cell printed, made safe for the report's page: only elements and attributes that draw text and tables
 * stay; scripts, styles, frames and anything that would ask another host for something go. Ids go too, they are the
 * page's.
 */
import { escapeHtml } from "../tables";

const elements = new Set(
  (
    "a abbr b blockquote br caption code col colgroup dd details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i " +
    "img kbd li ol p pre progress s small span strong sub summary sup table tbody td tfoot th thead tr u ul var"
  ).split(" "),
);
const withoutEnd = new Set(["br", "col", "hr", "img"]);
/** Removed with all they contain. */
const dropped = /<(script|style|iframe|object|template|noscript|svg|math)\b[\s\S]*?(?:<\/\1\s*>|$)/gi;
const attributes = new Set(["class", "colspan", "rowspan", "scope", "title", "max", "value", "alt", "width", "height"]);

/** @param html a fragment; tags that do not balance are closed. */
export function sanitiseHtml(html: string): string {
  const source = html.replace(/<!--[\s\S]*?(?:-->|$)/g, "").replace(dropped, "");
  const open: string[] = [];
  let out = "";
  let at = 0;
  for (const match of source.matchAll(/<(\/?)([a-zA-Z][\w-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/g)) {
    out += textOf(source.slice(at, match.index!));
    at = match.index! + match[0].length;
    const name = match[2]!.toLowerCase();
    if (!elements.has(name)) continue;
    if (match[1] === "/") {
      const depth = open.lastIndexOf(name);
      if (depth < 0) continue;
      while (open.length > depth) out += `</${open.pop()}>`;
      continue;
    }
    out += `<${name}${keptAttributes(match[3]!, name)}>`;
    if (!withoutEnd.has(name)) open.push(name);
  }
  out += textOf(source.slice(at));
  while (open.length > 0) out += `</${open.pop()}>`;
  return out;
}

/** Text between tags: entities stay, stray angle brackets and ampersands are escaped. */
function textOf(text: string): string {
  return text
    .replace(/&(?!(?:[a-zA-Z]+|#\d+|#x[\da-fA-F]+);)/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;");
}

function keptAttributes(text: string, element: string): string {
  let kept = "";
  for (const match of text.matchAll(/([a-zA-Z][\w:-]*)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    const name = match[1]!.toLowerCase();
    const value = match[2] ?? match[3] ?? match[4] ?? "";
    const allowed =
      attributes.has(name) ||
      name.startsWith("aria-") ||
      (name === "style" && !/url|expression|@import|\\/i.test(value)) ||
      (name === "href" && element === "a" && /^(https?:|#|mailto:)/i.test(value)) ||
      (name === "src" && element === "img" && /^data:image\/(png|jpeg|gif|webp);base64,/i.test(value));
    if (allowed) kept += ` ${name}="${escapeHtml(decoded(value))}"`;
  }
  return kept;
}

/** Entities in attributes are decoded before they are escaped again. */
function decoded(value: string): string {
  return value
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}
