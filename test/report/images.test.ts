import assert from "node:assert/strict";
import { test } from "node:test";
import sharp from "sharp";
import { chartSummary, imageGrid, renderSvg } from "../../lib/report/charts";
import { picture } from "../support/pictures";
import { elementsOf } from "./markup";

const grey = (height: number, width: number, value: number) =>
  picture([height, width], new Float32Array(height * width).fill(value));

/** Grey values of the PNGs of a drawing, in order. */
async function pixelsOf(svg: string): Promise<Buffer[]> {
  const links = elementsOf(svg).filter(({ name }) => name === "image");
  return Promise.all(
    links.map(({ attributes }) => {
      const url = attributes["xlink:href"] ?? attributes["href"]!;
      assert.match(url, /^data:image\/png;base64,/);
      return sharp(Buffer.from(url.slice(url.indexOf(",") + 1), "base64"))
        .extractChannel(0)
        .raw()
        .toBuffer();
    }),
  );
}

test("images stand in rows under their captions, each in its proportions", async () => {
  const spec = await imageGrid(
    [
      { image: grey(10, 20, 0), caption: "first", note: "black" },
      { image: grey(20, 20, 1), caption: "second", note: "white" },
      { image: grey(10, 10, 0.5), caption: "third" },
    ],
    { title: "Three", columns: 2, width: 332 },
  );
  const svg = await renderSvg(spec);
  for (const word of ["first", "black", "second", "white", "third"]) assert.ok(svg.includes(`>${word}<`), word);
  assert.ok(chartSummary(spec).includes("first (black); second (white); third"));
  const sizes = elementsOf(svg)
    .filter(({ name }) => name === "image")
    .map(({ attributes }) => [Number(attributes["width"]), Number(attributes["height"])]);
  // 332 pixels hold two columns of 142 and three gaps of 16.
  assert.deepEqual(sizes, [
    [142, 71],
    [142, 142],
    [142, 142],
  ]);
  const values = (await pixelsOf(svg)).map((pixels) => [...new Set(pixels)]);
  assert.deepEqual(values, [[0], [255], [128]]);
});

test("a range says what is black and what white; large images are averaged down, bytes are shown as they are", async () => {
  const striped = picture(
    [4, 2000],
    Float32Array.from({ length: 8000 }, (_, i) => (i % 2 === 0 ? -1 : 1)),
  );
  const bytes = { height: 2, width: 2, channels: 1, pixels: Uint8Array.of(0, 100, 255, 7) };
  const drawn = async (image: Parameters<typeof imageGrid>[0][0]["image"], range?: [number, number]) =>
    (
      await pixelsOf(
        await renderSvg(await imageGrid([{ image, caption: "x" }], { width: 132, ...(range && { range }) })),
      )
    )[0]!;
  const stripes = await drawn(striped, [-1, 1]);
  assert.equal(stripes.length, 200 * 2);
  assert.ok(stripes.every((value) => value === 127 || value === 128));
  assert.deepEqual([...(await drawn(bytes))], [0, 100, 255, 7]);
  assert.deepEqual([...(await drawn(picture([1, 3], [-5, 2.5, 9]), [0, 5]))], [0, 128, 255]);
});

test("a grid needs images", async () => {
  await assert.rejects(imageGrid([]), /a grid of no images/);
  await assert.rejects(imageGrid([{ image: grey(1, 1, 0), caption: "x" }], { columns: 0 }), /0 columns/);
});
