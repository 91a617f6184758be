/** Stack traces in the reader's own terms: cells and TypeScript files instead of the code that really runs. */
import { SourceMap, type SourceMapPayload } from "node:module";
import type { Place } from "./compiler";

interface CompiledCell {
  /** The cell's text. */
  code: string;
  /** From a place in the code that runs to a place in the cell's text. */
  original: (place: Place) => Place | null;
}

/** A frame's place, mapped. */
export interface CellPlace extends Place {
  /** The number of the cell, as in `[3]`. */
  cell: number;
}

const CELL_NAME = /^signalbook-cell-(\d+)$/;
/** A place in a cell, as mapped stack traces write it. */
const CELL_PLACE = /\bcell (\d+):(\d+):(\d+)/;

/** Knows what has been compiled, and maps the stacks of errors back to it. */
export class StackMapper {
  private readonly cells = new Map<number, CompiledCell>();
  private readonly modules = new Map<string, SourceMap | null>();

  /** @param moduleMap the source map of a project file that was loaded, or null. */
  constructor(private readonly moduleMap: (filename: string) => SourceMapPayload | null) {}

  /** The name a cell's script runs under (V8's `sourceURL`). */
  static scriptName(cell: number): string {
    return `signalbook-cell-${cell}`;
  }

  addCell(cell: number, compiled: CompiledCell): void {
    this.cells.set(cell, compiled);
  }

  textOf(cell: number): string | null {
    return this.cells.get(cell)?.code ?? null;
  }

  /** Project modules were forgotten: their maps with them. */
  forgetModules(): void {
    this.modules.clear();
  }

  /** Maps every stack of this process from now on (V8's `Error.prepareStackTrace`). */
  install(): void {
    Error.prepareStackTrace = (error, frames) =>
      [describe(error), ...frames.map((frame) => `    at ${this.frame(frame)}`)].join("\n");
  }

  private frame(frame: NodeJS.CallSite): string {
    const text = String(frame);
    const name = frame.getScriptNameOrSourceURL();
    const [line, column] = [frame.getLineNumber(), frame.getColumnNumber()];
    if (!name || line === null || column === null) return text;
    const here = `${name}:${line}:${column}`;
    const mapped = this.map(name, { line, column });
    return mapped === null ? text : text.replace(here, () => mapped);
  }

  private map(name: string, place: Place): string | null {
    const cell = CELL_NAME.exec(name);
    if (cell !== null) {
      const number = Number(cell[1]);
      const original = this.cells.get(number)?.original(place);
      return original ? `cell ${number}:${original.line}:${original.column}` : null;
    }
    const entry = this.moduleMapOf(name)?.findEntry(place.line - 1, place.column - 1);
    return entry && "originalLine" in entry ? `${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}` : null;
  }

  private moduleMapOf(name: string): SourceMap | null {
    let map = this.modules.get(name);
    if (map === undefined) {
      const payload = this.moduleMap(name);
      map = payload === null ? null : new SourceMap(payload);
      this.modules.set(name, map);
    }
    return map;
  }
}

/** The innermost place in a cell that a mapped stack goes through, or null. */
export function cellPlace(stack: string): CellPlace | null {
  const found = CELL_PLACE.exec(stack);
  return found === null ? null : { cell: Number(found[1]), line: Number(found[2]), column: Number(found[3]) };
}

/** The lines around a place, the place marked: what a compiler's message shows. */
export function codeFrame(code: string, { line, column }: Place, around = 1): string[] {
  const lines = code.split("\n");
  const [first, last] = [Math.max(1, line - around), Math.min(lines.length, line + around)];
  const width = String(last).length;
  const frame: string[] = [];
  for (let n = first; n <= last; n++) {
    frame.push(`${n === line ? ">" : " "} ${String(n).padStart(width)} | ${lines[n - 1]}`);
    if (n === line) frame.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}^`);
  }
  return frame;
}

function describe(error: unknown): string {
  try {
    return String(error);
  } catch {
    return "an error that cannot be described";
  }
}
