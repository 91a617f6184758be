/** For the tests of this folder: runs a notebook of test/fixtures/notebooks and reads the copy. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { after } from "node:test";
import { type NotebookOptions, type NotebookRun, type Output, readNotebook, runNotebook } from "../../lib/kernel";

export const fixtures: string = resolve(__dirname, "..", "fixtures", "notebooks");

const folder = mkdtempSync(join(tmpdir(), "signalbook-test-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Long enough for a machine that does other things too; a cell that must be too slow names its own time. */
const CELL_TIMEOUT_SECONDS = 120;

/** A run and its executed copy, cell by cell. */
export interface Executed {
  run: NotebookRun;
  cells: { count: number | null; outputs: Output[] }[];
  /** What a cell printed to standard output, and its result's text. */
  text(cell: number): string;
}

export async function execute(name: string, options: Partial<NotebookOptions> = {}): Promise<Executed> {
  const notebook = name.endsWith(".ipynb") ? name : join(fixtures, `${name}.ipynb`);
  const output = join(folder, basename(notebook));
  const run = await runNotebook({ notebook, output, cellTimeoutSeconds: CELL_TIMEOUT_SECONDS, ...options });
  const cells = readNotebook(output)
    .cells.filter(({ cell_type }) => cell_type === "code")
    .map(({ outputs, execution_count }) => ({ count: execution_count ?? null, outputs: (outputs ?? []).map(joined) }));
  const text = (cell: number): string => cells[cell - 1]!.outputs.map(textOf).join("");
  return { run, cells, text };
}

/** The folder copies are written to; it is removed at the end. */
export function scratch(name: string): string {
  return join(folder, name);
}

/** Text is a list of lines on disk. */
function joined(output: Output): Output {
  const whole = (value: unknown): unknown =>
    Array.isArray(value) && value.every((line) => typeof line === "string") ? value.join("") : value;
  if (output.output_type === "stream") return { ...output, text: whole(output.text) as string };
  if (output.output_type === "error") return output;
  const data = Object.entries(output.data).map(([type, value]) => [type, whole(value)]);
  return { ...output, data: Object.fromEntries(data) };
}

function textOf(output: Output): string {
  if (output.output_type === "stream") return output.name === "stdout" ? output.text : "";
  if (output.output_type === "error") return "";
  return String(output.data["text/plain"] ?? "");
}
