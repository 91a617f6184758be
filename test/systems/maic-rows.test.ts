import assert from "node:assert/strict";
import { test } from "node:test";
import { MAIC_LAYOUT } from "../../lib/preprocessing";
import { bandShares, maicBands } from "../../lib/systems";
import { throwsProblem } from "../support/problems";

test("bands are the layout's groups, one below the other, each named after what it shows", () => {
  const bands = maicBands(270);
  const groups = [...new Set(MAIC_LAYOUT.rows.map(({ group }) => group))];
  assert.equal(bands.length, groups.length);
  bands.forEach(({ name, top, bottom }, i) => {
    const rows = MAIC_LAYOUT.rows.filter(({ group }) => group === groups[i]);
    // EEG, EOG, leg EMG ...: the group's kind is in its rows' names; sensors go by other words for the reader.
    const kind = name
      .replace(/ \(.*\)$/, "")
      .split(" ")
      .at(-1)!;
    if (/EEG|EOG|EMG|ECG|SpO2/.test(kind)) for (const row of rows) assert.match(row.name, new RegExp(kind));
    const count = /\((\d)/.exec(name)?.[1] ?? "1";
    assert.equal(Number(count), rows.length, name);
    assert.ok(bottom > top);
    if (i > 0) assert.equal(top, bands[i - 1]!.bottom);
  });
  const eeg = bands.find(({ name }) => name.startsWith("EEG"))!;
  assert.deepEqual([eeg.top, eeg.bottom], [32, 75]); // 32.25 and 75.25 pixels of 270
});

test("a picture so small that a signal has no pixel", () => {
  throwsProblem(() => maicBands(20), { found: "20 pixels high" });
});

test("shares of a map: a patch on two bands counts for both", () => {
  const bands = [
    { name: "a", top: 0, bottom: 6 },
    { name: "b", top: 6, bottom: 8 },
  ];
  const shares = bandShares([[1, 2], Float32Array.of(3, 2)], 8, bands);
  assert.ok(Math.abs(shares[0]! - (3 + 2.5) / 8) < 1e-12);
  assert.ok(Math.abs(shares[1]! - 2.5 / 8) < 1e-12);
});
