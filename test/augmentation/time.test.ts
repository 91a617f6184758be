/** Steps along the time of a picture. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { reverseTime, rollTime } from "../../lib/augmentation/time";
import { Generator } from "../../lib/core/random";

const picture = { height: 2, width: 3, channels: 2, pixels: Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) };

test("a picture backwards has its columns in the other order, channels as they were", () => {
  assert.deepEqual([...reverseTime(picture).pixels], [4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7]);
  assert.deepEqual(reverseTime(reverseTime(picture)), picture);
});

test("a picture rolled goes round, in all rows alike, and every beginning comes up as often", () => {
  const rolled = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    [2, 3, 4, 5, 0, 1, 8, 9, 10, 11, 6, 7],
    [4, 5, 0, 1, 2, 3, 10, 11, 6, 7, 8, 9],
  ].map(String);
  const random = new Generator(1);
  const counts = [0, 0, 0];
  for (let draw = 0; draw < 300; draw++) {
    const found = rolled.indexOf(String([...rollTime(picture, {}, random).pixels]));
    assert.notEqual(found, -1);
    counts[found]!++;
  }
  // Three standard deviations of a binomial of 300 and 1/3.
  for (const count of counts) assert.ok(Math.abs(count - 100) < 25, counts.join(", "));
});
