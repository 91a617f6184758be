/** How the small vision transformer begins: its tokens and what tells their places apart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { tf } from "../../lib/engine";
import { createModel } from "../../lib/models";
import { convolutionalStart } from "../../lib/models/vit-start";

test("places: sines and cosines of the column, then of the row; the class token has none", () => {
  const [rows, columns, features] = [2, 3, 8];
  const values = convolutionalStart.places({ rows, columns })([1, 1 + rows * columns, features], new Generator(0));
  const at = (token: number): number[] => [...values.subarray(token * features, (token + 1) * features)];
  const near = (found: number[], expected: number[]): void =>
    expected.forEach((value, k) => {
      assert.ok(Math.abs(found[k]! - value) < 1e-6, `${found} for ${expected}`);
    });
  near(at(0), [0, 0, 0, 0, 0, 0, 0, 0]);
  near(at(1), [0, 0, 1, 1, 0, 0, 1, 1]);
  // Column 2 of row 1, at frequencies 1 and 1 / 100.
  const waves = (place: number): number[] => [
    Math.sin(place),
    Math.sin(place / 100),
    Math.cos(place),
    Math.cos(place / 100),
  ];
  near(at(6), [...waves(2), ...waves(1)]);
});

test("a token sees its patch and a rim around it, and nothing farther", () => {
  const model = createModel("vit_patch16_small", { height: 64, width: 64, channels: 1, classes: 3 }, new Generator(1));
  const tokensOf = (image: tf.Tensor4D): Float32Array => {
    let found: Float32Array | undefined;
    const tap = (name: string, x: tf.Tensor): void => {
      if (name === "patch_embed") found = x.dataSync() as Float32Array;
    };
    tf.tidy(() => model.forward({ image }, { training: false, tap }));
    return found!;
  };
  const pixels = new Float32Array(64 * 64);
  const blank = tokensOf(tf.tensor4d(pixels, [1, 64, 64, 1]));
  pixels[8 * 64 + 40] = 1; // in the patch of row 0, column 2
  const dotted = tokensOf(tf.tensor4d(pixels, [1, 64, 64, 1]));
  const features = blank.length / 16;
  const changed = Array.from({ length: 16 }, (_, token) => token).filter((token) =>
    dotted.subarray(token * features, (token + 1) * features).some((value, k) => value !== blank[token * features + k]),
  );
  assert.ok(changed.includes(2), String(changed));
  for (const token of changed) {
    const [row, column] = [Math.floor(token / 4), token % 4];
    assert.ok(row <= 1 && Math.abs(column - 2) <= 1, `token ${token} changed`);
  }
  model.dispose();
});
