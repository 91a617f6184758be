import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cropRows,
  epochStrip,
  type Image,
  MAIC_LAYOUT,
  psgBands,
  STRIP_ROWS,
  STRIP_SLICES,
  stripSlots,
} from "../../lib/preprocessing";
import { readGolden } from "../support/golden";
import { throwsProblem } from "../support/problems";

const { strip_slots: golden } = readGolden<{
  strip_slots: {
    intended_first_six: number[][];
    published_defect_first_six: number[][];
    slice_starts: number[];
    slice_width: number;
  };
}>("rules");

test("slots as described and as published, and the network's slices", () => {
  const six = [0, 1, 2, 3, 4, 5];
  assert.deepEqual(
    six.map((epoch) => stripSlots(epoch)),
    golden.intended_first_six,
  );
  assert.deepEqual(
    six.map((epoch) => stripSlots(epoch, { asPublished: true })),
    golden.published_defect_first_six,
  );
  assert.deepEqual(stripSlots(800, { asPublished: true }), [-1, 0, 1, 800]);
  assert.deepEqual([STRIP_SLICES.starts, STRIP_SLICES.width], [golden.slice_starts, golden.slice_width]);
  throwsProblem(() => stripSlots(-1), { found: "-1" });
  throwsProblem(() => stripSlots(1.5), { found: "1.5" });
});

test("the strips' rows are those of the signals they are named after", () => {
  const bands = psgBands(MAIC_LAYOUT);
  const around = (names: string[]) => {
    const rows = MAIC_LAYOUT.rows.flatMap(({ name }, i) =>
      names.some((part) => name.includes(part)) ? [bands[i]!] : [],
    );
    return [Math.floor(rows[0]!.top / 4), Math.floor(rows.at(-1)!.bottom / 4) - 1];
  };
  assert.deepEqual(around(["EOG"]), [STRIP_ROWS.eog.first, STRIP_ROWS.eog.last]);
  assert.deepEqual(around(["EEG", "EOG", "chin"]), [STRIP_ROWS.eegEogChin.first, STRIP_ROWS.eegEogChin.last]);
});

/** Every pixel tells its epoch and its row. */
const exam = Array.from(
  { length: 6 },
  (_, epoch): Image<Uint8Array> => ({
    width: 480,
    height: 270,
    channels: 1,
    pixels: Uint8Array.from({ length: 480 * 270 }, (_, i) => ((Math.floor(i / 480) * 7 + epoch * 31) % 255) + 1),
  }),
);

test("every pixel of a strip is the pixel of its slot's epoch; missing epochs are black", () => {
  for (const [name, rows, height] of [
    ["eog", STRIP_ROWS.eog, 21],
    ["all", STRIP_ROWS.eegEogChin, 75],
  ] as const)
    for (const asPublished of [false, true])
      for (const epoch of [0, 2, 5]) {
        const strip = epochStrip(exam, epoch, { rows, asPublished });
        assert.deepEqual([strip.width, strip.height, strip.channels], [1920, height, 1]);
        const slots = (asPublished ? golden.published_defect_first_six : golden.intended_first_six)[epoch]!;
        const wrong = strip.pixels.findIndex((grey, i) => {
          const [x, y] = [i % 1920, Math.floor(i / 1920)];
          const from = slots[Math.floor(x / 480)]!;
          return grey !== (from < 0 ? 0 : exam[from]!.pixels[(rows.first + y) * 480 + (x % 480)]);
        });
        assert.equal(wrong, -1, `${name}, epoch ${epoch}, asPublished ${asPublished}`);
      }
  assert.deepEqual(epochStrip(exam, 3).height, 75);
});

test("strips that cannot be cut are refused", () => {
  throwsProblem(() => epochStrip(exam, 6), { found: "6", expected: "0 to 5" });
  throwsProblem(() => epochStrip([], 0), { expected: "images" });
  throwsProblem(() => cropRows(exam[0]!, { first: 200, last: 270 }), {
    found: "200 to 270",
    expected: "within 0 to 269",
  });
  const small = { width: 1, height: 270, channels: 1, pixels: new Uint8Array(270) };
  throwsProblem(() => epochStrip([small, exam[0]!], 1), { place: "epoch 0", found: "1 x 270, 1 channels" });
});
