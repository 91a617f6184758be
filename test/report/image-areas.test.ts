import assert from "node:assert/strict";
import { test } from "node:test";
import { chartSummary, imageAreas, renderSvg } from "../../lib/report/charts";
import { elementsOf } from "./markup";

const picture = { width: 40, height: 20, channels: 1, pixels: new Uint8Array(800).fill(90) };
const halves = [
  { name: "left half", left: 0, top: 0, width: 0.5, height: 1 },
  { name: "right half", left: 0.5, top: 0, width: 0.5, height: 1 },
];

test("areas are outlined where they are and named; without values nothing is shaded", async () => {
  const spec = await imageAreas(picture, halves, { title: "Halves" });
  const svg = await renderSvg(spec);
  for (const { name } of halves) assert.ok(svg.includes(`>${name}<`), name);
  const boxes = elementsOf(svg).filter(({ name, attributes }) => name === "path" && attributes["stroke"] === "#E69F00");
  assert.equal(boxes.length, 2);
  assert.ok(!svg.includes("gradient"));
  assert.match(chartSummary(spec), /left half; right half/);
});

test("values are written and shaded, and the scale is the same on both sides of 0", async () => {
  const valued = halves.map((area, i) => ({ ...area, value: i === 0 ? 0.5 : -0.1 }));
  const spec = await imageAreas(picture, valued, { valueTitle: "more KL without it" });
  const svg = await renderSvg(spec);
  for (const text of ["left half: 0.50", "right half: \u22120.10", "more KL without it"])
    assert.ok(svg.includes(text), text);
  const domains = JSON.stringify(spec).match(/"domain":\[-0.5,0,0.5\]/);
  assert.ok(domains);
});

test("areas that make no figure", async () => {
  await assert.rejects(imageAreas(picture, []), /without areas/);
  await assert.rejects(imageAreas(picture, [{ ...halves[0]!, value: 1 }, halves[1]!]), /with and without/);
  await assert.rejects(imageAreas(picture, [{ ...halves[1]!, width: 0.6 }]), /right half/);
});
