/**
 * The full data sets: which variable of the environment names a user's copy of each, and how a copy is looked through.
 * Where each comes from and how it must lie is told in data/README.md.
 */
import { existsSync } from "node:fs";
import { SignalbookError } from "../../core/errors";
import { lookAtBeetl, lookAtHefei, lookAtHms, lookAtMaic, lookAtPtbxl, lookAtSleepEdf } from "./looks";
import { Look, type Verification } from "./verification";

export const DATA_SETS = {
  maic: { title: "MAIC 2021 sleep challenge", variable: "SIGNALBOOK_DATA_MAIC", look: lookAtMaic },
  sleepedf: { title: "Sleep-EDF Expanded", variable: "SIGNALBOOK_DATA_SLEEPEDF", look: lookAtSleepEdf },
  beetl: { title: "BEETL, sleep task", variable: "SIGNALBOOK_DATA_BEETL", look: lookAtBeetl },
  hms: { title: "HMS - Harmful Brain Activity Classification", variable: "SIGNALBOOK_DATA_HMS", look: lookAtHms },
  hefei: { title: "Hefei Hi-tech Cup, round 2", variable: "SIGNALBOOK_DATA_HEFEI", look: lookAtHefei },
  ptbxl: { title: "PTB-XL", variable: "SIGNALBOOK_DATA_PTBXL", look: lookAtPtbxl },
} as const;

export type DataSetName = keyof typeof DATA_SETS;
export const dataSetNames = Object.keys(DATA_SETS) as DataSetName[];

/** The folder of a user's copy; null where the environment names none. */
export function dataFolder(name: DataSetName): string | null {
  return process.env[DATA_SETS[name].variable] || null;
}

export interface VerifyOptions {
  /** Opens every file instead of only looking for it. */
  deep?: boolean;
}

/**
 * Looks through a copy of a data set.
 * @param folder where it lies; what the environment names when left out.
 * @throws SignalbookError where no folder is named, or it is not there. What is wrong inside is in the result.
 */
export async function verifyDataSet(
  name: DataSetName,
  folder: string | null = dataFolder(name),
  { deep = false }: VerifyOptions = {},
): Promise<Verification & { folder: string }> {
  const { variable, look } = DATA_SETS[name];
  const fix = `set ${variable} to the folder, or name it; data/README.md says where it comes from and how it must lie`;
  if (folder === null) throw new SignalbookError("no copy of the data set is named", { place: name, fix });
  if (!existsSync(folder)) throw new SignalbookError("a data set's folder that is not there", { file: folder, fix });
  const seen = new Look(folder);
  await look(seen, deep);
  return { folder, ...seen.result };
}
