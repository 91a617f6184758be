/** Maps laid over pictures, and feature maps along a signal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { featureMaps, overlaid, renderSvg } from "../../lib/report/charts";
import { elementsOf } from "./markup";

test("black takes the map's colour of its place, white stays white", () => {
  const picture = { width: 4, height: 2, channels: 1, pixels: Uint8Array.of(0, 255, 0, 0, 0, 0, 0, 255) };
  const map = { width: 2, height: 1, channels: 1, pixels: Float64Array.of(2, 6) };
  const { pixels, channels, width } = overlaid(picture, map, { map: "grey" });
  assert.deepEqual([channels, width], [3, 4]);
  const grey = Array.from({ length: 8 }, (_, i) => pixels[3 * i]);
  assert.deepEqual(grey, [0, 255, 255, 255, 0, 0, 255, 255]);
  const softer = overlaid(picture, map, { map: "grey", range: [2, 10], white: 0.5 }).pixels;
  assert.deepEqual([softer[3], softer[6], softer[21]], [128, 128, 192]);
  assert.throws(() => overlaid({ ...picture, channels: 3, pixels: new Uint8Array(24) }, map), /no map.*3 channels/);
});

const trace = {
  label: "Lead II",
  unit: "mV",
  sampleRate: 100,
  samples: Float64Array.from({ length: 200 }, (_, i) => Math.sin(i / 9)),
};

test("feature maps: a row a channel from its least to its greatest, on the trace's time", async () => {
  // Two channels over four steps; the second never changes.
  const maps = [{ name: "layer1", steps: 4, channels: 2, values: [0, 7, 1, 7, 2, 7, 4, 7] }];
  const spec = await featureMaps({ trace, maps, curve: { title: "for MI", values: [0.5, -0.25] } });
  const svg = await renderSvg(spec);
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
  for (const text of ["layer1", "2 × 4", "Lead II", "for MI", "Time (s)"]) assert.ok(svg.includes(`>${text}<`), text);
  const [picture] = elementsOf(svg).filter(({ name }) => name === "image");
  const url = Object.values(picture!.attributes).find((value) => value.startsWith("data:image/png;base64,"))!;
  const pixels = await sharp(Buffer.from(url.slice(url.indexOf(",") + 1), "base64"))
    .removeAlpha()
    .raw()
    .toBuffer();
  const red = (x: number, channel: number): number => pixels[3 * (channel * 4 + x)]!;
  assert.deepEqual([red(0, 0), red(3, 0)], [0x44, 0xfe]);
  for (let x = 0; x < 4; x++) assert.equal(red(x, 1), 0x44);
});

test("a map whose values do not fill it is refused", async () => {
  const maps = [{ name: "layer1", steps: 4, channels: 2, values: [1, 2, 3] }];
  await assert.rejects(featureMaps({ trace, maps }), /layer1.*3 values.*4 steps x 2 channels/);
});
