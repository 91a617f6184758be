/** A small check of markup: tags balance, attributes are quoted, ids are unique. Enough for HTML and SVG that we write. */
import assert from "node:assert/strict";

const withoutEnd = new Set(["meta", "link", "br", "hr", "img", "col", "input"]);

export interface Element {
  name: string;
  attributes: Readonly<Record<string, string>>;
}

/** Every element in order of its opening tag. Throws an assertion where the markup is not well formed. */
export function elementsOf(markup: string): Element[] {
  const source = markup
    .replace(/<!DOCTYPE[^>]*>/i, "")
    .replace(/<!--[\s\S]*?-->/g, "")
    .replace(/(<script\b[^>]*>)[\s\S]*?(<\/script>)/g, "$1$2");
  const elements: Element[] = [];
  const open: string[] = [];
  let at = 0;
  for (const match of source.matchAll(/<(\/?)([a-zA-Z][\w:-]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/g)) {
    const between = source.slice(at, match.index);
    assert.ok(!/[<>]/.test(between), `stray angle bracket near: ${between.slice(-80)}${match[0]}`);
    at = match.index + match[0].length;
    const name = match[2]!;
    if (match[1] === "/") {
      assert.equal(name, open.pop(), `</${name}> closes another element near: ${source.slice(at - 120, at)}`);
      continue;
    }
    const attributes: Record<string, string> = {};
    for (const [, key, value] of match[3]!.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)) {
      assert.ok(!(key! in attributes), `attribute ${key} twice in ${match[0].slice(0, 120)}`);
      attributes[key!] = value ?? "";
    }
    elements.push({ name, attributes });
    if (match[4] !== "/" && !withoutEnd.has(name)) open.push(name);
  }
  assert.ok(!/[<>]/.test(source.slice(at)), "stray angle bracket at the end");
  assert.deepEqual(open, [], "elements left open");
  return elements;
}

export function assertUniqueIds(elements: readonly Element[]): void {
  const ids = elements.flatMap((element) => element.attributes["id"] ?? []);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  assert.deepEqual(twice, [], "ids used twice");
}
