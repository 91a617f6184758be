/** The figure of all models, and the labels that keep clear of each other. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { modelZoo, renderSvg } from "../../lib/report/charts";
import { type PlacedLabel, placeLabels } from "../../lib/report/charts/label-placement";
import { assertUniqueIds, elementsOf } from "./markup";

const plot = { width: 640, height: 500, fontSize: 12, radius: 6 };

const meet = (a: PlacedLabel, b: PlacedLabel): boolean =>
  Math.min(a.right, b.right) > Math.max(a.left, b.left) && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top);

test("labels of crowded points cover neither each other nor a point, and stay within the plot", () => {
  const generator = new Generator(4);
  for (let round = 0; round < 20; round++) {
    // Seven points within 80 x 60 pixels, often at an edge.
    const [left, top] = [generator.uniform(0, plot.width - 80), generator.uniform(0, plot.height - 60)];
    const points = Array.from({ length: 7 }, (_, i) => ({
      ...{ x: left + generator.uniform(0, 80), y: top + generator.uniform(0, 60), text: `network_${i}_patch16` },
    }));
    const labels = placeLabels(points, plot);
    assert.deepEqual(labels, placeLabels(points, plot));
    labels.forEach((label, i) => {
      assert.equal(label.text, points[i]!.text);
      assert.ok(label.left >= 0 && label.right <= plot.width && label.top >= 0 && label.bottom <= plot.height);
      for (const other of labels.slice(i + 1)) assert.ok(!meet(label, other), `round ${round}: ${label.text}`);
      for (const { x, y } of points)
        assert.ok(!meet(label, { ...label, left: x - 1, right: x + 1, top: y - 1, bottom: y + 1 }), label.text);
    });
  }
});

test("a lone point has its label at the right, without a line", () => {
  const [label] = placeLabels([{ x: 100, y: 100, text: "alone" }], plot);
  assert.ok(label!.left > 100 && label!.left < 115 && label!.top < 100 && label!.bottom > 100 && !label!.apart);
});

test("what is taken stays uncovered; a label without a line is nearest to its own point", () => {
  const point = { x: 100, y: 100, text: "alone" };
  const taken = { left: 105, right: 200, top: 80, bottom: 120 };
  const [label] = placeLabels([point], { ...plot, taken: [taken] });
  assert.ok(label!.right <= taken.left && label!.right < point.x);
  // Two marks so close that a name beside either could be the other's.
  const close = [point, { x: 108, y: 103, text: "a longer name" }, { x: 104, y: 97, text: "another name" }];
  const placed = placeLabels(close, plot);
  placed.forEach((one, i) => {
    const away = ({ x, y }: { x: number; y: number }): number =>
      Math.hypot(Math.max(one.left - x, 0, x - one.right), Math.max(one.top - y, 0, y - one.bottom));
    const nearest = close.every((other, j) => j === i || away(close[i]!) < away(other));
    assert.ok(one.apart || nearest, one.text);
  });
});

const models = [
  { name: "small", family: "one", input: "signal", parameters: 1e4, multiplyAdds: 1e6 },
  { name: "large", family: "two", input: "image", parameters: 1e6, multiplyAdds: 1e9 },
] as const;

test("the figure names every model and family, and the lines of use", async () => {
  const svg = await renderSvg(modelZoo(models));
  assertUniqueIds(elementsOf(svg));
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
  const texts = [...svg.matchAll(/<text\b[^>]*>([^<]*)<\/text>/g)].map((match) => match[1]!);
  for (const text of ["small", "large", "one", "two", "100 ×", "1 M", "1 G"]) assert.ok(texts.includes(text), text);
});

test("counts that have no logarithm are refused", () => {
  assert.throws(() => modelZoo([]), /no models/);
  assert.throws(() => modelZoo([{ ...models[0], parameters: 0 }]), /small: 0, 1000000.*above 0/);
});
