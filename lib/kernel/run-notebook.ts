/** Executes notebooks headless through the project's kernel and writes executed copies. */
import { dirname, relative, resolve } from "node:path";
import { projectRoot } from "../core/files";
import { CellOutputs, Displays } from "./cell-outputs";
import { KernelDied, type KernelProcess, NoReply, startKernelProcess } from "./kernel-process";
import { type FailureKind, NotebookFailure } from "./notebook-failure";
import { type Notebook, type NotebookCell, readNotebook, writeNotebook } from "./notebook-file";

export interface NotebookOptions {
  /** The notebook's path. It is not changed. */
  notebook: string;
  /** Where the executed copy goes; it is written whether the run succeeds or not. */
  output: string;
  /** The folder the cells run in; the notebook's own when not given. */
  cwd?: string;
  /** The longest a cell may take. */
  cellTimeoutSeconds: number;
  /** Added to the environment: parameters for the cells are named SIGNALBOOK_*. */
  env?: Record<string, string | undefined>;
  onEvent?: (event: NotebookEvent) => void;
  /** Ends the run and the kernel. */
  signal?: AbortSignal;
  /** Goes on after a cell that failed; the run then counts as good. A dead kernel or a slow cell still ends it. */
  allowErrors?: boolean;
}

/** How one code cell went. A cell tagged `raises-exception` may fail, as in nbclient. */
export interface CellRun {
  /** The number of the cell among those that run, as in `[3]`. */
  cell: number;
  seconds: number;
  status: "ok" | "error";
}

export interface NotebookRun {
  /** From the project's root. */
  notebook: string;
  output: string;
  /** Null when every cell went well. */
  failure: NotebookFailure | null;
  /** The cells that ran. */
  cells: CellRun[];
  /** From the start of the kernel to its end. */
  seconds: number;
  /** Until the kernel answered. */
  kernelSeconds: number;
}

/** What happens while a notebook runs; `cell` counts from 1 to `cells`. */
export type NotebookEvent =
  | { type: "notebook-start"; notebook: string; cells: number }
  | { type: "kernel-ready"; notebook: string; seconds: number }
  | { type: "cell-start"; notebook: string; cell: number; cells: number; heading: string }
  | { type: "progress"; notebook: string; cell: number; cells: number; line: string }
  | { type: "cell-end"; notebook: string; cell: number; cells: number; seconds: number; status: "ok" | "error" }
  | { type: "notebook-end"; notebook: string; run: NotebookRun };

/** How long after the last cell a failure of what it left behind is still waited for. */
const LAST_WORD_MS = 100;

/** A code cell with its number and the heading it stands under. */
interface Step {
  cell: NotebookCell;
  number: number;
  heading: string;
}

/**
 * Runs one notebook from its first cell to its last, or to the first failure: that is returned, not thrown, with the
 * times of the cells that ran.
 * @throws SignalbookError when the notebook cannot be read or the copy not be written.
 */
export async function runNotebook(options: NotebookOptions): Promise<NotebookRun> {
  const notebook = readNotebook(options.notebook);
  const name = relative(projectRoot, resolve(options.notebook));
  const steps = codeSteps(notebook);
  const run: NotebookRun = {
    notebook: name,
    output: options.output,
    failure: null,
    cells: [],
    seconds: 0,
    kernelSeconds: 0,
  };
  const started = performance.now();
  options.onEvent?.({ type: "notebook-start", notebook: name, cells: steps.length });
  let kernel: KernelProcess | undefined;
  try {
    kernel = await start(notebook, options, name);
    run.kernelSeconds = secondsSince(started);
    notebook.metadata.language_info = kernel.languageInfo;
    options.onEvent?.({ type: "kernel-ready", notebook: name, seconds: run.kernelSeconds });
    await new NotebookExecution(kernel, options, name, run, steps).runAll();
  } catch (error) {
    if (!(error instanceof NotebookFailure)) throw error;
    run.failure = error;
  } finally {
    await kernel?.end(run.failure === null ? undefined : 0);
  }
  run.seconds = secondsSince(started);
  writeNotebook(options.output, notebook);
  options.onEvent?.({ type: "notebook-end", notebook: name, run });
  return run;
}

/**
 * Runs notebooks one after another, each with a kernel of its own.
 * @param rules `continueAfterFailure`: the others do not need the one that failed. Otherwise the first failure ends it.
 * @returns the runs that were made, the failed one last when it ended the list.
 */
export async function runNotebooks(
  list: readonly NotebookOptions[],
  rules: { continueAfterFailure?: boolean } = {},
): Promise<NotebookRun[]> {
  const runs: NotebookRun[] = [];
  for (const options of list) {
    const run = await runNotebook(options);
    runs.push(run);
    if (run.failure !== null && (run.failure.kind === "aborted" || !rules.continueAfterFailure)) break;
  }
  return runs;
}

async function start(notebook: Notebook, options: NotebookOptions, name: string): Promise<KernelProcess> {
  const { signal, env, cwd = dirname(resolve(options.notebook)) } = options;
  const place = { notebook: name, cell: null, line: null };
  if (signal?.aborted) throw new NotebookFailure("aborted", "the run was aborted", place);
  try {
    return await startKernelProcess({ name: notebook.metadata.kernelspec?.name ?? "tslab", cwd, env });
  } catch (error) {
    if (error instanceof KernelDied || error instanceof NoReply)
      throw new NotebookFailure("kernel", error.message, place, [], "see npm run doctor");
    throw error;
  }
}

class NotebookExecution {
  private readonly displays = new Displays();

  constructor(
    private readonly kernel: KernelProcess,
    private readonly options: NotebookOptions,
    private readonly name: string,
    private readonly run: NotebookRun,
    private readonly steps: readonly Step[],
  ) {}

  async runAll(): Promise<void> {
    let last: { step: Step; outputs: CellOutputs } | undefined;
    for (const step of this.steps) last = { step, outputs: await this.runCell(step) };
    if (last === undefined) return;
    // an empty request runs nothing and tells whether what a cell left behind has failed since
    await new Promise((resolve) => setTimeout(resolve, LAST_WORD_MS));
    await this.execute(last.step, "", last.outputs);
  }

  private async runCell(step: Step): Promise<CellOutputs> {
    const { onEvent } = this.options;
    const { number: cell, heading } = step;
    const at = { notebook: this.name, cell, cells: this.steps.length };
    onEvent?.({ type: "cell-start", ...at, heading });
    const outputs = new CellOutputs(step.cell, this.displays, (line) => onEvent?.({ type: "progress", ...at, line }));
    const started = performance.now();
    let status: CellRun["status"] = "error";
    try {
      status = await this.execute(step, step.cell.source, outputs);
    } finally {
      const seconds = secondsSince(started);
      this.run.cells.push({ cell, seconds, status });
      onEvent?.({ type: "cell-end", ...at, seconds, status });
    }
    return outputs;
  }

  /** @throws NotebookFailure when the cell failed and may not, and when the kernel cannot go on. */
  private async execute(step: Step, code: string, outputs: CellOutputs): Promise<CellRun["status"]> {
    const { cellTimeoutSeconds, signal, allowErrors = false } = this.options;
    const mayFail = allowErrors || (step.cell.metadata.tags ?? []).includes("raises-exception");
    const request = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false };
    const started = new Date();
    try {
      const { content, metadata } = await this.kernel.request(
        "execute_request",
        { ...request, stop_on_error: !mayFail },
        { onOutput: (message) => outputs.receive(message), timeoutMs: cellTimeoutSeconds * 1000, signal },
      );
      if (content.status === "ok") return "ok";
      if (mayFail) return "error";
      const what = `${content.ename}: ${String(content.evalue).split("\n")[0]}`;
      const line = typeof metadata.line === "number" ? metadata.line : null;
      throw this.failure("cell", step, what, line, content.traceback as string[]);
    } catch (error) {
      const failure = this.explain(error, step);
      if (failure.kind !== "cell") outputs.error("NotebookFailure", failure.message, [failure.message]);
      throw failure;
    } finally {
      outputs.settle();
      if (code !== "") step.cell.metadata.execution = times(started, new Date());
    }
  }

  /** A failure of the run, whatever ended the request. @throws anything that is none of these. */
  private explain(error: unknown, step: Step): NotebookFailure {
    if (error instanceof NotebookFailure) return error;
    const { cellTimeoutSeconds, signal } = this.options;
    if (signal?.aborted) return this.failure("aborted", step, "the run was aborted");
    if (error instanceof KernelDied) return this.failure("kernel", step, error.message);
    if (error instanceof NoReply) {
      const fix = "give it more time or less to do";
      return this.failure("timeout", step, `the cell took longer than ${cellTimeoutSeconds} s`, null, [], fix);
    }
    throw error;
  }

  private failure(
    kind: FailureKind,
    { number: cell }: Step,
    what: string,
    line: number | null = null,
    traceback: readonly string[] = [],
    fix?: string,
  ): NotebookFailure {
    return new NotebookFailure(kind, what, { notebook: this.name, cell, line }, traceback, fix);
  }
}

/** The code cells that hold code, numbered as their prompts will be; the others lose what an earlier run left. */
function codeSteps(notebook: Notebook): Step[] {
  const steps: Step[] = [];
  let heading = "";
  for (const cell of notebook.cells) {
    if (cell.cell_type === "markdown") heading = /^#{1,6}\s+(.+)$/m.exec(cell.source)?.[1]?.trim() ?? heading;
    if (cell.cell_type !== "code") continue;
    cell.outputs = [];
    cell.execution_count = null;
    if (cell.source.trim() !== "") steps.push({ cell, number: steps.length + 1, heading });
  }
  return steps;
}

/** When a cell ran, under the names nbclient and JupyterLab give these times. */
function times(start: Date, end: Date): Record<string, string> {
  return { "iopub.execute_input": start.toISOString(), "shell.execute_reply": end.toISOString() };
}

function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
