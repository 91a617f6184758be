/** System 001's strips as a source of examples: each epoch of a list with those before it in its exam. */
import { join } from "node:path";
import { SignalbookError } from "../core/errors";
import { MAIC_STAGES, MAIC_WIDTH, maicExams } from "../formats";
import { readBytes } from "../formats/text";
import { STRIP_EPOCHS, STRIP_ROWS, type StripOptions, stripSlots } from "../preprocessing";
import { sampled } from "../training/learnt-from";
import type { WorkerSource } from "../training/worker-loader";
import { linesOf, type MaicList, maicId, maicTarget } from "./maic-data";
import type { StripSetup } from "./yai-strip-examples";

/**
 * Strips [rows, 1920, 1] of lines of a list. An epoch's context are the epochs listed before it in its exam, in the order
 * of their names, whether or not they are among `ids`.
 * @throws SignalbookError for no ids, and for one that the list has not
 */
export function yaiStrips(
  list: MaicList,
  ids: readonly string[],
  { rows = STRIP_ROWS.eegEogChin, asPublished = false }: StripOptions = {},
): WorkerSource<StripSetup> {
  const name = `strips of ${list.file}, rows ${rows.first} to ${rows.last}`;
  if (ids.length === 0) throw new SignalbookError("a data set without examples", { place: name });
  const exams = maicExams([...list.entries.values()]);
  const lines = linesOf(list, ids);
  const paths: string[] = [];
  /** By id. */
  const places = new Map<string, { firstOfExam: number; epoch: number }>();
  for (const exam of new Set(lines.map((line) => line.exam))) {
    const images = [...exams.get(exam)!].sort((a, b) => (a.image < b.image ? -1 : 1));
    images.forEach((entry, epoch) => {
      places.set(maicId(entry), { firstOfExam: paths.length - epoch, epoch });
      paths.push(join(list.folder, exam, entry.image));
    });
  }
  const slots = new Int32Array(new SharedArrayBuffer(4 * ids.length * STRIP_EPOCHS));
  const targets = new Float32Array(new SharedArrayBuffer(4 * ids.length * MAIC_STAGES.length));
  ids.forEach((id, i) => {
    const { firstOfExam, epoch } = places.get(id)!;
    const own = stripSlots(epoch, { asPublished }).map((from) => (from < 0 ? -1 : firstOfExam + from));
    slots.set(own, i * STRIP_EPOCHS);
    targets.set(maicTarget(lines[i]!), i * MAIC_STAGES.length);
  });
  const groups = lines.map(({ exam }) => exam);
  const inputShape = [rows.last - rows.first + 1, STRIP_EPOCHS * MAIC_WIDTH, 1];
  return {
    dataset: { name, length: ids.length, inputShape, extraLengths: {}, classes: MAIC_STAGES, ids: [...ids], groups },
    weighted: false,
    module: join(__dirname, "yai-strip-examples.ts"),
    shared: { ids: [...ids], groups, paths, slots, targets, rows },
    describe: () => ({
      ...{ slots, targets, rows },
      files: sampled(paths.length).map((i) => readBytes(paths[i]!, "an image")),
    }),
  };
}
