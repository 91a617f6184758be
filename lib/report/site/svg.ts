/**
 * SVG documents made parts of a page: ids that several figures share get a figure's own prefix, scripts and references
 * to other hosts are taken out, and the root gets what a screen reader needs.
 */
import { SignalbookError } from "../../core/errors";
import { escapeHtml } from "../tables";

export interface InlineSvg {
  html: string;
  /** Intrinsic size in CSS pixels. */
  width: number;
  height: number;
}

export interface SvgNames {
  /** Unique on the page. */
  prefix: string;
  /** The image's name for a screen reader. */
  label: string;
  /** Id of the element that describes it. */
  describedBy?: string;
}

/** @throws SignalbookError when `source` is no SVG document with a size. */
export function inlineSvg(source: string, { prefix, label, describedBy }: SvgNames): InlineSvg {
  const text = source
    .replace(/<\?[\s\S]*?\?>|<!DOCTYPE[^>]*>|<!--[\s\S]*?-->/g, "")
    .replace(/<(script|foreignObject|iframe)\b[\s\S]*?<\/\1\s*>/gi, "")
    .trim();
  const root = /^<svg\b([^>]*)>/.exec(text);
  const size = root === null ? null : sizeOf(root[1]!);
  if (root === null || size === null)
    throw new SignalbookError("an output that is no SVG document with a size", {
      place: prefix,
      found: text.slice(0, 60),
      expected: '<svg width="..." height="..."> or a viewBox',
    });
  const described = describedBy === undefined ? "" : ` aria-describedby="${describedBy}"`;
  const attributes = root[1]!.replace(/\s(?:role|aria-[\w-]+|width|height|viewBox|style|class)\s*=\s*"[^"]*"/g, "");
  const body = text
    .slice(root[0].length)
    .replace(/\s(?:on\w+)\s*=\s*(?:"[^"]*"|'[^']*')/gi, "")
    .replace(/\s(?:xlink:)?href\s*=\s*"(?!#|data:image\/)[^"]*"/g, "")
    .replace(/(\sid\s*=\s*")([^"]+)"/g, `$1${prefix}-$2"`)
    .replace(/url\(\s*(['"]?)#([^)'"]+)\1\s*\)/g, `url(#${prefix}-$2)`)
    .replace(/(\s(?:xlink:)?href\s*=\s*")#([^"]+)"/g, `$1#${prefix}-$2"`);
  const html =
    `<svg${attributes} role="img" aria-label="${escapeHtml(label)}"${described} ` +
    `viewBox="${size.viewBox}" width="${size.width}" height="${size.height}">${body}`;
  return { html, width: size.width, height: size.height };
}

function sizeOf(attributes: string): { width: number; height: number; viewBox: string } | null {
  const number = (name: string) => Number(new RegExp(`\\s${name}\\s*=\\s*"([\\d.]+)(?:px)?"`).exec(attributes)?.[1]);
  const viewBox = /\sviewBox\s*=\s*"([^"]+)"/.exec(attributes)?.[1];
  const box = viewBox
    ?.trim()
    .split(/[\s,]+/)
    .map(Number);
  const width = number("width") || box?.[2] || 0;
  const height = number("height") || box?.[3] || 0;
  return width > 0 && height > 0 ? { width, height, viewBox: viewBox ?? `0 0 ${width} ${height}` } : null;
}
