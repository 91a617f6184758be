/** `signalbook simulate`: a data set in one of the published layouts, from the simulator. */
import { SignalbookError } from "../core/errors";
import { HEFEI_ROUND2_LABELS } from "../formats/hefei-labels";
import { simulateBeetl } from "../simulation/beetl";
import { TRUTH_FILE } from "../simulation/files";
import { simulateHefei } from "../simulation/hefei";
import { simulateHms } from "../simulation/hms";
import { simulateMaic } from "../simulation/maic";
import { sampleStageStatistics } from "../simulation/sample";
import { type OptionValues, UsageError } from "./command";

interface Request {
  out: string;
  subjects: number;
  seed: number;
  /** Epochs of a night; the layout's usual number when left out. */
  epochs: number;
  onDone: (done: number, of: number) => void;
}

interface Layout {
  /** Subjects, where none are asked for, and epochs of a night where nights have a length. */
  subjects: number;
  epochs: number | null;
  write(request: Request): Promise<string>;
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  maic: {
    subjects: 4,
    epochs: 730,
    write: async ({ out, ...request }) => {
      const { exams, images } = await simulateMaic(out, { ...request, statistics: sampleStageStatistics() });
      return `${exams} exams, ${images} images`;
    },
  },
  beetl: {
    subjects: 6,
    epochs: 1160,
    write: async ({ out, ...request }) => {
      const { nights, windows } = simulateBeetl(out, { ...request, statistics: sampleStageStatistics() });
      return `${nights} nights, ${windows} windows of 30 s`;
    },
  },
  hms: {
    subjects: 40,
    epochs: null,
    write: async ({ out, subjects, seed, onDone }) => {
      const { eegs, rows } = simulateHms(out, { subjects, seed, onDone });
      return `${eegs} EEGs, ${rows} windows`;
    },
  },
  hefei: {
    subjects: 400,
    epochs: null,
    write: async ({ out, subjects, seed, onDone }) => {
      const labels = HEFEI_ROUND2_LABELS.map(([name]) => name);
      const { records } = simulateHefei(out, { subjects, seed, labels, onDone });
      return `${records} records`;
    },
  },
};

export const layoutNames: readonly string[] = Object.keys(LAYOUTS);

function whole(values: OptionValues, name: string, otherwise: number): number {
  const text = values[name];
  if (text === undefined) return otherwise;
  if (typeof text === "string" && /^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--${name} takes a whole number, not "${String(text)}"`);
}

/** Writes the data set, telling of every subject on a terminal. */
export async function simulateCommand(name: string, values: OptionValues): Promise<number> {
  const layout = Object.hasOwn(LAYOUTS, name) ? LAYOUTS[name]! : undefined;
  if (layout === undefined) throw new UsageError(`no layout "${name}": there are ${layoutNames.join(", ")}`);
  const { out } = values;
  if (typeof out !== "string" || out === "") throw new UsageError("--out DIR is needed: where the data set goes");
  if (layout.epochs === null && values["epochs"] !== undefined)
    throw new SignalbookError("a length of nights where there are none", { place: name, fix: "leave --epochs out" });
  const onDone = (done: number, of: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of}${done === of ? "\n" : ""}`);
  };
  const told = await layout.write({
    out,
    subjects: whole(values, "subjects", layout.subjects),
    seed: whole(values, "seed", 0),
    epochs: whole(values, "epochs", layout.epochs ?? 0),
    onDone,
  });
  process.stdout.write(
    `${told}, simulated, in ${out}\nwhat a competition would have kept to itself is in ${TRUTH_FILE}\n`,
  );
  return 0;
}
