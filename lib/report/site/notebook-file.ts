/** An executed notebook as the report needs it: nbformat 4 read into a few plain types. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { SignalbookError } from "../../core/errors";

export type MimeData = Readonly<Record<string, unknown>>;

export type CellOutput =
  | { kind: "stream"; name: string; text: string }
  | { kind: "data"; data: MimeData }
  | { kind: "error"; name: string; value: string; traceback: string };

export type NotebookCell =
  | { kind: "markdown"; source: string }
  | { kind: "code"; source: string; executionCount: number | null; outputs: CellOutput[]; seconds: number | null };

export interface NotebookFile {
  /** Without folder and extension: "10_data_exploration". Its page is `<name>.html`. */
  name: string;
  path: string;
  /** The first level-one heading, or the name. */
  title: string;
  /** The first paragraph under the heading "Question"; empty where there is none. */
  question: string;
  cells: NotebookCell[];
  /** Whether a cell failed. */
  failed: boolean;
}

interface RawOutput {
  output_type: string;
  name?: string;
  text?: string | string[];
  data?: Record<string, unknown>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

interface RawCell {
  cell_type: string;
  source: string | string[];
  outputs?: RawOutput[];
  execution_count?: number | null;
  metadata?: { execution?: Record<string, string> };
}

/** Reads an executed notebook. @throws SignalbookError when the file is no notebook of format 4. */
export function readNotebook(path: string): NotebookFile {
  let content: { nbformat?: number; cells?: RawCell[] };
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new SignalbookError("a notebook that can't be read", { file: path, found: String(error), cause: error });
  }
  if (content?.nbformat !== 4 || !Array.isArray(content.cells))
    throw new SignalbookError("not a notebook", {
      file: path,
      found: `nbformat ${content?.nbformat}`,
      expected: "nbformat 4 with cells",
    });
  const cells = content.cells.flatMap((cell) => cellOf(cell));
  const text = cells.flatMap((cell) => (cell.kind === "markdown" ? [cell.source] : [])).join("\n\n");
  const name = basename(path).replace(/\.ipynb$/, "");
  return {
    name,
    path,
    title: /^#[ \t]+(.+?)[ \t#]*$/m.exec(text)?.[1] ?? name,
    question: questionIn(text),
    cells,
    failed: cells.some((cell) => cell.kind === "code" && cell.outputs.some((output) => output.kind === "error")),
  };
}

function cellOf(cell: RawCell): NotebookCell[] {
  const source = joined(cell.source);
  if (cell.cell_type === "markdown") return [{ kind: "markdown", source }];
  if (cell.cell_type !== "code") return []; // raw cells are for converters we don't use
  return [
    {
      kind: "code",
      source,
      executionCount: cell.execution_count ?? null,
      outputs: (cell.outputs ?? []).map(outputOf),
      seconds: secondsOf(cell.metadata?.execution),
    },
  ];
}

function outputOf(output: RawOutput): CellOutput {
  if (output.output_type === "stream")
    return { kind: "stream", name: output.name ?? "stdout", text: joined(output.text ?? "") };
  if (output.output_type === "error")
    return {
      kind: "error",
      name: output.ename ?? "Error",
      value: output.evalue ?? "",
      traceback: (output.traceback ?? []).join("\n"),
    };
  const data = Object.entries(output.data ?? {}).map(([type, value]) => [
    type,
    Array.isArray(value) && value.every((line) => typeof line === "string") ? value.join("") : value,
  ]);
  return { kind: "data", data: Object.fromEntries(data) };
}

/** The times nbclient and this project's runner write: from the kernel's start of a cell to its reply. */
function secondsOf(execution: Record<string, string> | undefined): number | null {
  const start = Date.parse(execution?.["iopub.execute_input"] ?? "");
  const stop = Date.parse(execution?.["shell.execute_reply"] ?? "");
  return Number.isNaN(start) || Number.isNaN(stop) ? null : (stop - start) / 1000;
}

function joined(text: string | string[]): string {
  return Array.isArray(text) ? text.join("") : text;
}

function questionIn(text: string): string {
  const after = /^##[ \t]+Question[ \t]*$/m.exec(text);
  if (after === null) return "";
  const rest = text.slice(after.index + after[0].length).trimStart();
  const paragraph = rest.split(/\n\s*\n|\n#/)[0] ?? "";
  return paragraph.startsWith("#") ? "" : paragraph.replace(/\s+/g, " ").trim();
}
