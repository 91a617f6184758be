/**
 * The simulated data sets that notebooks share: written once, used by all. A set's folder is named by its layout and a
 * hash of what it is made from, so that a change of the simulator makes a new set and leaves no stale one in use.
 */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json";
import { outputsFolder } from "../core/files";
import { hashFiles } from "../core/hash";
import { madeFolder } from "../core/made-folder";
import { sourceHash } from "../core/source-hash";
import { HEFEI_ROUND2_LABELS } from "../formats/hefei-labels";
import { simulateBeetl } from "./beetl";
import { simulateHefei } from "./hefei";
import { simulateHms } from "./hms";
import { simulateMaic } from "./maic";
import { SAMPLE_HYPNOGRAMS, sampleStageStatistics } from "./sample";

/** Subjects are labelled ones; every layout adds those whose labels its competition kept back. */
export const SAMPLE_SETS = {
  /** 48 labelled exams and 12 to be staged, of 20 minutes. */
  maic: { subjects: 48, epochs: 40, seed: 41 },
  /**
   * 8 younger subjects, and 3 in each of the four sets of older ones; two nights of 50 minutes each. The seed is one that
   * gives the older ones some deep sleep too.
   */
  beetl: { subjects: 8, epochs: 100, seed: 54 },
  /** 90 labelled patients of one to three EEGs, and 15 to be voted on. */
  hms: { subjects: 90, seed: 45 },
  /** 1200 labelled records, and 300 to be labelled. */
  hefei: { subjects: 1200, seed: 80 },
} as const;

export type SampleLayout = keyof typeof SAMPLE_SETS;
/** Told after every subject; `of` of them there are. */
export type OnSubject = (done: number, of: number) => void;

interface Layout {
  /** The module whose sources, with all that they import, make the files. */
  module: string;
  /** What else the files depend on. */
  key(): object;
  write(folder: string, onDone: OnSubject): Promise<unknown> | unknown;
}

/** The hypnograms that nights are drawn from. */
const hypnograms = (): object =>
  hashFiles(
    SAMPLE_HYPNOGRAMS,
    readdirSync(SAMPLE_HYPNOGRAMS).filter((name) => name.endsWith("Hypnogram.edf")),
  );
const hefei = { ...SAMPLE_SETS.hefei, labels: HEFEI_ROUND2_LABELS.map(([name]) => name) };

const LAYOUTS: Readonly<Record<SampleLayout, Layout>> = {
  maic: {
    module: "maic",
    key: () => ({ ...SAMPLE_SETS.maic, hypnograms: hypnograms() }),
    write: (folder, onDone) =>
      simulateMaic(folder, { ...SAMPLE_SETS.maic, statistics: sampleStageStatistics(), onDone }),
  },
  beetl: {
    module: "beetl",
    key: () => ({ ...SAMPLE_SETS.beetl, hypnograms: hypnograms() }),
    write: (folder, onDone) =>
      simulateBeetl(folder, { ...SAMPLE_SETS.beetl, statistics: sampleStageStatistics(), onDone }),
  },
  hms: {
    module: "hms",
    key: () => SAMPLE_SETS.hms,
    write: (folder, onDone) => simulateHms(folder, { ...SAMPLE_SETS.hms, onDone }),
  },
  hefei: { module: "hefei", key: () => hefei, write: (folder, onDone) => simulateHefei(folder, { ...hefei, onDone }) },
};

/** Where a set lies once it is written: `simulated/<layout>-<hash>` in the outputs folder. */
export function sampleSetFolder(layout: SampleLayout): string {
  const { module, key } = LAYOUTS[layout];
  const made = canonicalJson({ layout, key: key(), sources: sourceHash(join(__dirname, `${module}.ts`)) });
  const hash = createHash("sha256").update(made).digest("hex").slice(0, 12);
  return join(outputsFolder(), "simulated", `${layout}-${hash}`);
}

/**
 * The folder of a shared simulated set, written first where there is none, which takes up to half a minute. Safe for
 * several processes at once.
 */
export function sampleSet(layout: SampleLayout, onDone: OnSubject = () => {}): Promise<string> {
  return madeFolder(sampleSetFolder(layout), (folder) => LAYOUTS[layout].write(folder, onDone));
}
