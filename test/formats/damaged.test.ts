/** Damaged files: whatever byte is wrong, a reader returns something or throws a SignalbookError; never anything else. */
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { SignalbookError } from "../../lib/core/errors";
import { projectRoot } from "../../lib/core/files";
import { Generator } from "../../lib/core/random";
import {
  readEdf,
  readEdfHypnogram,
  readHefeiList,
  readHefeiStored,
  readPtbxl,
  readWfdbAnnotations,
  readWfdbRecord,
} from "../../lib/formats";
import { goldenFolder } from "../support/golden";
import { scratchFolder } from "../support/problems";

const sample = join(projectRoot, "data", "sample");
const golden = (name: string): string => join(goldenFolder, "formats", name);
const record = join(sample, "ptbxl", "records100", "00000", "00001_lr");

/** Bytes that break parsers: separators, signs, quotes, ends, and one that is no text. */
const AWKWARD = [0x00, 0x09, 0x0a, 0x0d, 0x14, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x39, 0x65, 0xff];

/** Cut short, or up to four bytes replaced, mostly in the first `header` bytes. */
function damaged(bytes: Buffer, header: number, random: Generator): Buffer {
  if (random.below(4) === 0) return bytes.subarray(0, random.below(bytes.length + 1));
  const copy = Buffer.from(bytes);
  for (let i = random.below(4); i >= 0; i--) {
    const at = random.below(random.below(3) === 0 ? copy.length : Math.min(header, copy.length));
    copy[at] = random.below(2) === 0 ? AWKWARD[random.below(AWKWARD.length)]! : random.below(256);
  }
  return copy;
}

const cases: { name: string; file: string; others?: string[]; header: number; read: (path: string) => unknown }[] = [
  ...["plain.edf", "plus.edf", "gaps.edf", "plain.bdf"].map((name) => ({
    name,
    file: golden(name),
    header: 1300,
    read: (path: string) => readEdf(path),
  })),
  { name: "EDF+ hypnogram", file: golden("hypnogram.edf"), header: 754, read: (path) => readEdfHypnogram(path) },
  { name: "WFDB header", file: `${record}.hea`, others: [`${record}.dat`], header: 700, read: readWfdbRecord },
  {
    name: "MATLAB 4",
    file: join(sample, "cinc2021", "A0002.mat"),
    others: [join(sample, "cinc2021", "A0002.hea")],
    header: 24,
    read: (path) => readWfdbRecord(path.replace(/mat$/, "hea")),
  },
  {
    name: "WFDB annotations",
    file: join(sample, "mit-bih", "100.atr"),
    header: 200,
    read: (path) => readWfdbAnnotations(path, 360),
  },
  {
    name: "Hefei record",
    file: golden("101.txt"),
    header: 400,
    read: (path) => readHefeiStored(path, { rows: 640 }),
  },
  { name: "Hefei list", file: golden("hf_round2_train.txt"), header: 300, read: (path) => readHefeiList(path) },
  {
    name: "PTB-XL table",
    file: join(sample, "ptbxl", "ptbxl_database.csv"),
    others: [join(sample, "ptbxl", "scp_statements.csv")],
    header: 2000,
    read: (path) => readPtbxl(join(path, "..")),
  },
];

for (const [seed, { name, file, others = [], header, read }] of cases.entries()) {
  test(`${name}: every damage is an error that says what is wrong, or does no harm`, (t) => {
    const random = new Generator(seed);
    const folder = scratchFolder(t);
    for (const other of others) cpSync(other, join(folder, basename(other)));
    const path = join(folder, basename(file));
    const bytes = readFileSync(file);
    let refused = 0;
    for (let trial = 0; trial < 60; trial++) {
      writeFileSync(path, damaged(bytes, header, random));
      try {
        read(path);
      } catch (error) {
        assert.ok(error instanceof SignalbookError, `trial ${trial}: ${String((error as Error).stack)}`);
        assert.ok(error.details.file?.startsWith(folder), `trial ${trial}: ${error.message}`);
        refused++;
      }
    }
    assert.ok(refused > 10, `${refused} of 60 refused`);
  });
}
