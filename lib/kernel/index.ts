/** Notebooks from the project's own side: the headless runner, and where Jupyter finds the kernel. */
import { basename, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { progressReporter } from "./progress";
import { type NotebookRun, runNotebooks } from "./run-notebook";

export { kernelspecFolder } from "./kernel-process";
export { type FailureKind, NotebookFailure } from "./notebook-failure";
export {
  type MimeBundle,
  type Notebook,
  type NotebookCell,
  type Output,
  readNotebook,
  writeNotebook,
} from "./notebook-file";
export { type ProgressStream, progressReporter } from "./progress";
export {
  type CellRun,
  type NotebookEvent,
  type NotebookOptions,
  type NotebookRun,
  runNotebook,
  runNotebooks,
} from "./run-notebook";

/** What a cell may take when nobody says otherwise: longer than any cell on the sample data, shorter than a night. */
const CELL_TIMEOUT_SECONDS = 900;

export interface ExecuteOptions {
  /** The folder for the executed copies. */
  outputDir: string;
  cellTimeoutSeconds?: number;
  /** Hears each line of progress. */
  log: (line: string) => void;
  /** Goes on after a failed cell. */
  allowErrors?: boolean;
}

/**
 * `signalbook run NOTEBOOK...`: executes notebooks in the order given and stops at the first that fails; Ctrl-C ends
 * the kernel too. @throws NotebookFailure of the first notebook that failed, after its executed copy is written.
 */
export async function executeNotebooksCommand(paths: string[], options: ExecuteOptions): Promise<NotebookRun[]> {
  const { outputDir, cellTimeoutSeconds = CELL_TIMEOUT_SECONDS, log, allowErrors } = options;
  if (paths.length === 0) throw new SignalbookError("no notebook named", { fix: "name one or more .ipynb files" });
  const twice = paths.find((path, index) => paths.findIndex((other) => basename(other) === basename(path)) !== index);
  if (twice !== undefined)
    throw new SignalbookError("two notebooks of one name: their executed copies would be one file", { file: twice });
  if (!(cellTimeoutSeconds > 0))
    throw new SignalbookError("a time for cells that is none", {
      found: String(cellTimeoutSeconds),
      expected: "seconds, more than 0",
    });
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error("interrupted"));
  const onEvent = progressReporter({ write: (text) => log(text.replace(/\n$/, "")) });
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const list = paths.map((notebook) => ({
      ...{ notebook, output: join(outputDir, basename(notebook)), cellTimeoutSeconds, allowErrors, onEvent },
      signal: controller.signal,
    }));
    const runs = await runNotebooks(list);
    const failure = runs.at(-1)?.failure;
    if (failure) throw failure;
    return runs;
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
