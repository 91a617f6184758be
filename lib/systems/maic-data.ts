/** The folder of the MAIC challenge as systems 000 and 001 learn from it: listed epochs as examples, exams as groups. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { MAIC_STAGES, type MaicEntry, readMaicList } from "../formats";
import { type Dataset, type Example, requireIndex } from "../training/dataset";
import type { ImageSetup } from "../training/image-examples";
import { type ImageSourceOptions, imageSource } from "../training/image-source";
import { sourceDataset } from "../training/source-dataset";
import type { WorkerSource } from "../training/worker-loader";

/** The challenge's lists: epochs with stages, and epochs to label. */
export const MAIC_LISTS = { labelled: "trainset-for_user.csv", toLabel: "testset-for_user.csv" } as const;

/** Lines of one list. */
export interface MaicList {
  readonly folder: string;
  readonly file: string;
  /** By the examples' ids, in the list's order. */
  readonly entries: ReadonlyMap<string, MaicEntry>;
}

/** Examples that know the lines they were made from; so do their subsets. */
export interface MaicDataset extends Dataset {
  readonly list: MaicList;
}

/** @throws SignalbookError as readMaicList, and for a list to learn from that has no stages. */
export function maicList(folder: string, which: keyof typeof MAIC_LISTS): MaicList {
  const file = MAIC_LISTS[which];
  const read = readMaicList(join(folder, file));
  if (which === "labelled" && read[0]!.stage === null)
    throw new SignalbookError("a list to learn from without stages", {
      file: join(folder, file),
      expected: "exam, image, stage",
    });
  return { folder, file, entries: new Map(read.map((entry) => [maicId(entry), entry])) };
}

/**
 * Both lists in one, where the stages to be labelled are known: those of simulated exams.
 * @param answers to the list to label, by its images' ids: 1 for the stage
 * @throws SignalbookError as {@link maicList}, and for an image that has no answer
 */
export function maicAnsweredList(folder: string, answers: ReadonlyMap<string, ArrayLike<number>>): MaicList {
  const [labelled, toLabel] = [maicList(folder, "labelled"), maicList(folder, "toLabel")];
  const answered = [...toLabel.entries].map(([id, entry]): [string, MaicEntry] => {
    const stage = MAIC_STAGES[Array.from(answers.get(id) ?? []).indexOf(1)];
    if (stage !== undefined) return [id, { ...entry, stage }];
    throw new SignalbookError("an image without an answer", { file: toLabel.file, found: id });
  });
  return { folder, file: `${labelled.file} and ${toLabel.file}`, entries: new Map([...labelled.entries, ...answered]) };
}

/** Unique in the challenge, and the image's path in its folder. */
export const maicId = ({ exam, image }: MaicEntry): string => `${exam}/${image}`;

/** The list of a data set. @throws SignalbookError for a data set that was made from none */
export function maicListOf(dataset: Dataset): MaicList {
  const { list } = dataset as Partial<MaicDataset>;
  if (list !== undefined) return list;
  throw new SignalbookError("examples without a list of the MAIC challenge", {
    place: dataset.name,
    fix: "make them with maicDataset()",
  });
}

/** Lines by their ids, in that order. @throws SignalbookError for an id that the list has not */
export function linesOf({ entries, file }: MaicList, ids: readonly string[]): MaicEntry[] {
  return ids.map((id) => {
    const entry = entries.get(id);
    if (entry !== undefined) return entry;
    throw new SignalbookError("an image that is not listed", { file, found: id });
  });
}

/** 1 for the stage; all 0 where it is to be told. @param classes that begin with MAIC_STAGES */
export function maicTarget({ stage }: MaicEntry, classes: readonly string[] = MAIC_STAGES): Float32Array {
  return Float32Array.from(classes, (name) => (name === stage ? 1 : 0));
}

/** Whole images, resized. @param ids of the list's lines; default all */
export function maicImages(
  list: MaicList,
  options: ImageSourceOptions,
  {
    ids = [...list.entries.keys()],
    classes = MAIC_STAGES,
  }: { ids?: readonly string[]; classes?: readonly string[] } = {},
): WorkerSource<ImageSetup> {
  const files = linesOf(list, ids).map((entry) => ({
    id: maicId(entry),
    path: join(list.folder, entry.exam, entry.image),
    group: entry.exam,
    target: maicTarget(entry, classes),
  }));
  return imageSource(`images of ${list.file}`, classes, files, options);
}

/**
 * A source's examples. A picture is read when it is looked at: who asks for targets alone does not wait for it.
 * @param source of lines of the list, which does not augment
 * @param keep pictures in memory, each read once
 */
export function maicDataset<Shared>(list: MaicList, source: WorkerSource<Shared>, keep = false): MaicDataset {
  const made = sourceDataset(source);
  const { ids, groups, classes, length, name } = source.dataset;
  const targets = linesOf(list, ids).map((entry) => maicTarget(entry, classes));
  const kept = new Map<number, Float32Array>();
  const look = (index: number): Float32Array => {
    const before = kept.get(index);
    if (before !== undefined) return before;
    const { input } = made.example(index);
    if (keep) kept.set(index, input);
    return input;
  };
  return {
    ...source.dataset,
    list,
    example(i): Example {
      const index = requireIndex(i, length, name);
      return {
        id: ids[index]!,
        get input() {
          return look(index);
        },
        extras: {},
        target: targets[index]!,
        group: groups[index]!,
        weight: 1,
      };
    },
  };
}
