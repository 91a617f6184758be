/** Metrics as JSON lines: one object a line, appended as training goes. A resumed run repeats no line. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";

/** A line. `step`: steps done since the start of the run when it was written. */
export interface MetricsLine {
  kind: "run" | "resume" | "steps" | "epoch" | "end";
  step: number;
  [name: string]: unknown;
}

export class MetricsFile {
  /**
   * @param from null: begins anew, whatever the file holds. Else what a run goes on from, in steps and whole epochs:
   *   lines behind that are dropped (they belong to what is run again), and so are the end of an interrupted run and a
   *   last line that a killed process left unfinished.
   */
  constructor(
    readonly file: string,
    from: { step: number; epochs: number } | null,
  ) {
    const kept = from === null ? [] : readMetricsFile(file).filter((line) => isDone(line, from));
    writeFileAtomic(file, kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
  }

  append(line: MetricsLine): void {
    appendFileSync(this.file, `${JSON.stringify(line)}\n`);
  }
}

/** An epoch's line has the step of its last batch: it may be written and its validation still be run again. */
function isDone({ kind, step, epoch }: MetricsLine, from: { step: number; epochs: number }): boolean {
  return step <= from.step && kind !== "end" && (kind !== "epoch" || (epoch as number) <= from.epochs);
}

/** All whole lines of a metrics file; none where there is no file. */
export function readMetricsFile(file: string): MetricsLine[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  const whole = text.slice(0, text.lastIndexOf("\n") + 1); // behind the last line end: a line cut short
  return whole
    .split("\n")
    .slice(0, -1)
    .map((line, i) => lineOf(file, line, i + 1));
}

function lineOf(file: string, text: string, line: number): MetricsLine {
  try {
    return JSON.parse(text) as MetricsLine;
  } catch (cause) {
    const found = (cause as Error).message;
    throw new SignalbookError("a line that is no JSON", { file, place: `line ${line}`, found, cause });
  }
}
