/** Damaged files of the Hefei layout by the thousand. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { HEFEI_LEADS, readHefeiLabels, readHefeiList, readHefeiStored } from "../../lib/formats";
import { fuzzReader } from "../support/fuzz";
import { goldenFolder } from "../support/golden";

const golden = (name: string): Buffer => readFileSync(join(goldenFolder, "formats", name));

test("records", async () => {
  const rows = Array.from({ length: 20 }, (_, row) =>
    HEFEI_LEADS.map((_, lead) => (row * 97 * (lead - 3)) % 900).join(" "),
  );
  const { read, refused } = await fuzzReader({
    name: "hefei-record",
    extension: ".txt",
    seeds: [
      Buffer.from(`${[HEFEI_LEADS.join(" "), ...rows].join("\n")}\n`),
      Buffer.from(`\ufeff${[HEFEI_LEADS.join(" "), ...rows].join("\r\n")}`),
    ],
    read: (path) => readHefeiStored(path, { rows: 20 }),
    rounds: 3000,
  });
  assert.ok(read > 50 && refused > 1000, `${read} read, ${refused} refused`);
});

test("lists of records and of labels", async () => {
  const list = await fuzzReader({
    name: "hefei-list",
    extension: ".txt",
    seeds: [golden("hf_round2_train.txt"), Buffer.from("1.txt\t40\tMALE\tA\tB\n2.txt\t\t\n")],
    read: (path) => readHefeiList(path),
    rounds: 1000,
  });
  assert.ok(list.read > 50 && list.refused > 200, JSON.stringify(list));
  const labels = await fuzzReader({
    name: "hefei-labels",
    extension: ".txt",
    seeds: [golden("hf_round2_arrythmia.txt")],
    read: readHefeiLabels,
    rounds: 500,
  });
  assert.ok(labels.read > 50 && labels.refused > 50, JSON.stringify(labels));
});
