import assert from "node:assert/strict";
import { test } from "node:test";
import { decodePng } from "../../lib/formats/png-decode";
import { pictureMap, renderSvg } from "../../lib/report";

const [width, height] = [40, 30];
const picture = { width, height, channels: 1, pixels: new Uint8Array(width * height) };
const bands = [
  { name: "upper", top: 0, bottom: 10 },
  { name: "lower", top: 10, bottom: 30 },
];

test("the map's colours lie where its values do, and every band's name stands at its middle", async () => {
  const values = { width: 1, height: 3, channels: 1, pixels: Float64Array.of(2, 0, 0) };
  const spec = await pictureMap(picture, values, bands, { range: [0, 2], legend: "share", title: "A map" });
  const url = /data:image\/png;base64,([^"]+)/.exec(JSON.stringify(spec))![1]!;
  const shown = decodePng(Buffer.from(url, "base64"), "the figure");
  assert.deepEqual([shown.width, shown.height, shown.channels], [width, height, 3]);
  const at = (x: number, y: number): number[] =>
    Array.from(shown.pixels.slice(3 * (y * width + x), 3 * (y * width + x) + 3));
  assert.deepEqual(at(5, 2), at(30, 9));
  assert.deepEqual(at(5, 12), at(30, 29));
  assert.notDeepEqual(at(5, 2), at(5, 12));
  const svg = await renderSvg(spec);
  const place = (name: string): number => {
    const found = new RegExp(`translate\\([^,]+,([0-9.]+)\\)[^>]*>${name}<`).exec(svg);
    assert.ok(found !== null, `${name} is written`);
    return Number(found[1]);
  };
  const shownHeight = (spec as unknown as { height: number }).height;
  assert.ok(Math.abs((place("lower") - place("upper")) / shownHeight - 0.5) < 0.02);
});

test("names are all written where the narrowest of fourteen signals has a twenty-fifth of the height, as in a sleep picture", async () => {
  const low = { ...picture, height: 25, pixels: new Uint8Array(width * 25) };
  const close = Array.from({ length: 14 }, (_, i) => ({ name: `signal ${i}`, top: i, bottom: i < 13 ? i + 1 : 25 }));
  const values = { width: 1, height: 1, channels: 1, pixels: Float64Array.of(1) };
  const svg = await renderSvg(await pictureMap(low, values, close, { range: [0, 2], legend: "share" }));
  for (const { name } of close) assert.match(svg, new RegExp(`opacity="1"[^>]*>${name}<`));
});
