/** Notebooks on disk: nbformat 4 (https://nbformat.readthedocs.io/en/stable/format_description.html). */
import { readFileSync } from "node:fs";
import { SignalbookError } from "../core/errors";
import { writeFileAtomic } from "../core/files";

/** Output data by MIME type. Text is one string in memory and a list of lines on disk. */
export type MimeBundle = Record<string, unknown>;

export type Output =
  | { output_type: "stream"; name: string; text: string }
  | { output_type: "display_data"; data: MimeBundle; metadata: Record<string, unknown> }
  | { output_type: "execute_result"; data: MimeBundle; metadata: Record<string, unknown>; execution_count: number }
  | { output_type: "error"; ename: string; evalue: string; traceback: string[] };

export interface NotebookCell {
  cell_type: "code" | "markdown" | "raw";
  source: string;
  metadata: Record<string, unknown> & { tags?: string[] };
  outputs?: Output[];
  execution_count?: number | null;
  [more: string]: unknown;
}

export interface Notebook {
  cells: NotebookCell[];
  metadata: Record<string, unknown> & { kernelspec?: { name?: string } };
  nbformat: number;
  nbformat_minor: number;
}

/** @throws SignalbookError when the file is missing, no JSON, or no notebook of format 4. */
export function readNotebook(path: string): Notebook {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new SignalbookError("the notebook cannot be read", { file: path, fix: "check the path", cause });
  }
  let parsed: Partial<Notebook> | null;
  try {
    parsed = JSON.parse(text) as Partial<Notebook> | null;
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new SignalbookError("a notebook that is no JSON", { file: path, found, cause });
  }
  if (parsed === null || parsed.nbformat !== 4 || !Array.isArray(parsed.cells))
    throw new SignalbookError("not a notebook this project reads", {
      file: path,
      found: `nbformat ${parsed?.nbformat ?? "missing"}`,
      expected: "nbformat 4 with a list of cells",
    });
  const cells = parsed.cells.map((cell, index) => readCell(cell, index, path));
  return { cells, metadata: parsed.metadata ?? {}, nbformat: 4, nbformat_minor: parsed.nbformat_minor ?? 5 };
}

/** Writes a notebook as Jupyter does: lines as lists, one space of indentation. */
export function writeNotebook(path: string, notebook: Notebook): void {
  const cells = notebook.cells.map(({ source, outputs, ...cell }) => ({
    ...cell,
    source: lines(source),
    ...(cell.cell_type === "code" ? { outputs: (outputs ?? []).map(onDisk) } : {}),
  }));
  writeFileAtomic(path, `${JSON.stringify({ ...notebook, cells }, null, 1)}\n`);
}

function readCell(cell: NotebookCell, index: number, file: string): NotebookCell {
  const source: unknown = Array.isArray(cell.source) ? cell.source.join("") : cell.source;
  if (typeof source !== "string" || !["code", "markdown", "raw"].includes(cell.cell_type))
    throw new SignalbookError("a cell that is none", {
      file,
      place: `element ${index} of cells`,
      found: `type ${cell.cell_type}`,
      expected: "code, markdown or raw with its source",
    });
  return { ...cell, source, metadata: cell.metadata ?? {} };
}

function onDisk(output: Output): unknown {
  if (output.output_type === "stream") return { ...output, text: lines(output.text) };
  if (output.output_type === "error") return output;
  const data = Object.entries(output.data).map(([type, value]) => [type, isText(type, value) ? lines(value) : value]);
  return { ...output, data: Object.fromEntries(data) };
}

function isText(type: string, value: unknown): value is string {
  return typeof value === "string" && (type.startsWith("text/") || type === "image/svg+xml");
}

function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
