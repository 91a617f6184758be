/** `signalbook report`: executes the notebooks, collects their results, and builds the report, also of what failed. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { SignalbookError } from "../core/errors";
import { outputsFolder, projectRoot } from "../core/files";
import { type NotebookRun, type ProgressStream, progressReporter, runNotebooks } from "../kernel";
import { collectEnvironment } from "../report/environment";
import {
  collectResults,
  compareResults,
  differenceText,
  type ResultsFile,
  readResults,
  referenceFile,
  writeResults,
} from "../report/results";
import { buildReport } from "../report/site";
import { readBenches } from "../report/speed";
import { SYSTEMS } from "../systems/systems";
import { checkpointsOf } from "../training/cell-checkpoints";

export interface ReportOptions {
  /** Paths of notebooks. Default: every numbered notebook in notebooks/. */
  notebooks?: readonly string[];
  /** Where the report goes. Default: report/ in the outputs folder. */
  outputDir?: string;
  /** Makes this run's results the committed reference. */
  updateReference?: boolean;
  /** The longest a cell may take. Default 600 s. */
  cellTimeoutSeconds?: number;
  log: (line: string) => void;
}

/**
 * Runs the notebooks one after another, each in a kernel of its own; one that fails does not keep the others from
 * running.
 * @returns 0, or 1 when a notebook failed; the report then says which, where and why.
 * @throws SignalbookError when there is no notebook to run, or a reference is asked for that this run can't give.
 */
export async function reportCommand(options: ReportOptions): Promise<number> {
  const { log, cellTimeoutSeconds = 600 } = options;
  const notebooks = options.notebooks ?? numberedNotebooks();
  if (notebooks.length === 0)
    throw new SignalbookError("no notebook to run", { expected: "numbered notebooks in notebooks/, or paths" });
  if (options.updateReference && options.notebooks !== undefined)
    throw new SignalbookError("a reference of some notebooks only", {
      fix: "leave the paths out: a reference holds the results of all notebooks of one run",
    });
  const names = new Set(notebooks.map((path) => basename(path, ".ipynb")));
  forgetResults(names);
  for (const name of names) rmSync(checkpointsOf(name), { recursive: true, force: true });

  const started = new Date();
  const runs = await run(notebooks, cellTimeoutSeconds, log);
  const failed = runs.filter((run) => run.failure !== null);
  const results = only(collectResults(), names);
  if (options.updateReference) updateReference(results, failed, log);
  const reference = existsSync(referenceFile) ? only(readResults(referenceFile), names) : null;
  const outputDir = options.outputDir ?? join(outputsFolder(), "report");
  buildReport({
    executedNotebooks: runs.map((run) => run.output),
    outputDir,
    results,
    reference,
    environment: collectEnvironment({
      engine: await engineText(),
      started: started.toISOString(),
      finished: new Date().toISOString(),
      notebookSeconds: Object.fromEntries(runs.map((run) => [nameOf(run), run.seconds])),
    }),
    systems: SYSTEMS,
    benches: readBenches(),
    failures: failed.map((run) => ({ notebook: nameOf(run), message: run.failure!.message })),
  });
  for (const difference of reference === null ? [] : compareResults(results, reference))
    log(`differs from the reference: ${differenceText(difference)}`);
  for (const run of failed) log(`failed: ${run.failure!.message}`);
  log(`report: ${relative(process.cwd(), join(outputDir, "index.html")) || "index.html"}`);
  return failed.length > 0 ? 1 : 0;
}

/** What an earlier run recorded must not pass for this one's, nor what a notebook did that is no more. */
function forgetResults(names: ReadonlySet<string>): void {
  const folder = join(outputsFolder(), "results");
  const there = new Set(numberedNotebooks().map((path) => basename(path, ".ipynb")));
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const name = basename(file, ".json");
    if (names.has(name) || !there.has(name)) rmSync(join(folder, file), { force: true });
  }
}

/** Every notebook of notebooks/ whose name begins with a number, in order. */
export function numberedNotebooks(folder: string = join(projectRoot, "notebooks")): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => /^\d.*\.ipynb$/.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function updateReference(results: ResultsFile, failed: readonly NotebookRun[], log: (line: string) => void): void {
  if (failed.length > 0) {
    log("the reference is left as it was: a notebook failed");
    return;
  }
  writeResults(referenceFile, results);
  log(`reference: ${results.results.length} results written to ${relative(projectRoot, referenceFile)}`);
}

function only({ results }: ResultsFile, notebooks: ReadonlySet<string>): ResultsFile {
  return { results: results.filter((result) => notebooks.has(result.notebook)) };
}

function nameOf(run: NotebookRun): string {
  return basename(run.notebook, ".ipynb");
}

/** Runs the notebooks with their progress told; Ctrl-C ends the kernel too, and the report shows what there is. */
async function run(notebooks: readonly string[], cellTimeoutSeconds: number, log: (line: string) => void) {
  const lines: ProgressStream = { write: (text) => log(text.replace(/\n$/, "")) };
  const report = progressReporter(process.stdout.isTTY ? process.stdout : lines);
  const controller = new AbortController();
  const stop = (): void => controller.abort(new Error("interrupted"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    return await runNotebooks(
      notebooks.map((notebook, index) => ({
        notebook,
        output: join(outputsFolder(), "notebooks", basename(notebook)),
        cellTimeoutSeconds,
        signal: controller.signal,
        onEvent: (event) => {
          if (event.type === "notebook-start") log(`notebook ${index + 1} of ${notebooks.length}`);
          report(event);
        },
      })),
      { continueAfterFailure: true },
    );
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/** The engine the notebooks ran on: the same environment chooses the same one here. */
async function engineText(): Promise<string> {
  const { startEngine } = await import("../engine");
  const { backend, device, tensorflowVersion, tfjsVersion, fallbackReason } = startEngine();
  if (backend === "tensorflow") return `TensorFlow ${tensorflowVersion} on ${device} (kernels of tfjs ${tfjsVersion})`;
  return `tfjs ${tfjsVersion} in plain JavaScript: ${fallbackReason ?? "asked for"}`;
}
