/** What a failed cell shows: the error's name and message, where in the cell, and the way there. */
import { sep } from "node:path";
import { type CellPlace, cellPlace, codeFrame } from "./stacks";

/** The content of Jupyter's `error` message, and the line of the cell it happened in. */
export interface CellFailure {
  ename: string;
  evalue: string;
  traceback: string[];
  /** The line of the failing cell, counted from 1; null when the error came from elsewhere. */
  line: number | null;
}

/** One finding of the type checker in a cell, counted from 1. */
export interface TypeFinding {
  line: number;
  column: number;
  message: string;
  code: number;
  /** Set when it is in another file than the cell. */
  file?: string;
}

/** The texts failures are told with. */
export interface FailureContext {
  /** The number of the cell that failed. */
  cell: number;
  textOf: (cell: number) => string | null;
  /** The project's root: paths under it are shown from there. */
  root: string;
}

/** Thrown in a cell whose types do not fit; the cell did not run. */
export class TypeCheckError extends Error {
  constructor(readonly findings: readonly TypeFinding[]) {
    super(findings.map(headline).join("\n"));
    this.name = "TypeCheckError";
  }
}

/** The failure of a cell that threw `thrown`; anything can be thrown. */
export function describeFailure(thrown: unknown, context: FailureContext): CellFailure {
  if (thrown instanceof TypeCheckError) return describeFindings(thrown, context);
  if (!isError(thrown)) {
    const text = safely(() => String(thrown));
    return { ename: "Thrown", evalue: text, traceback: [`Thrown: ${text}`], line: null };
  }
  const [ename, evalue] = [safely(() => String(thrown.name)), safely(() => String(thrown.message))];
  const frames = framesOf(thrown, context.root);
  const place = cellPlace(frames.join("\n"));
  const own = place !== null && place.cell === context.cell;
  const shown = ename === "SignalbookError" ? frames.filter((frame) => cellPlace(frame) !== null) : frames;
  const traceback = [
    ...`${ename}: ${evalue}`.split("\n"),
    ...(place === null ? [] : where(place, context)),
    ...shown,
    ...causes(thrown, context.root),
  ];
  return { ename, evalue, traceback, line: own ? place.line : null };
}

function describeFindings({ name, findings }: TypeCheckError, context: FailureContext): CellFailure {
  const code = context.textOf(context.cell) ?? "";
  const traceback: string[] = [`${name}: the cell was not run`];
  for (const finding of findings) {
    traceback.push(headline(finding));
    if (finding.file === undefined) traceback.push(...codeFrame(code, finding));
  }
  const [first] = findings;
  const evalue = findings.map(headline).join("\n");
  return { ename: name, evalue, traceback, line: first?.file === undefined ? (first?.line ?? null) : null };
}

function headline({ file, line, column, message, code }: TypeFinding): string {
  return `${file === undefined ? "" : `${file} `}${line}:${column} - ${message} (TS${code})`;
}

function where(place: CellPlace, { cell, textOf }: FailureContext): string[] {
  const text = textOf(place.cell);
  const title = `in ${place.cell === cell ? "this cell" : `cell ${place.cell}`}, line ${place.line}:`;
  return text === null ? [title] : [title, ...codeFrame(text, place)];
}

/** The stack's frames a reader can act on: cells and the project's files, without the machinery that runs them. */
function framesOf(error: Error, root: string): string[] {
  const machinery = /\(?(node:|evalmachine|signalbook-cell-)|[\\/]node_modules[\\/]tslab[\\/]|[\\/]lib[\\/]kernel[\\/]/;
  return safely(() => String(error.stack ?? ""))
    .split("\n")
    .filter((line) => /^ {4}at /.test(line) && !machinery.test(line))
    .map((line) => line.replace(root + sep, ""));
}

function causes(error: Error, root: string): string[] {
  const lines: string[] = [];
  let cause = error.cause;
  for (let depth = 0; cause !== undefined && depth < 5; depth++) {
    if (!isError(cause)) return [...lines, `caused by: ${safely(() => String(cause))}`];
    lines.push(`caused by: ${cause.name}: ${cause.message}`, ...framesOf(cause, root).slice(0, 3));
    cause = cause.cause;
  }
  return lines;
}

/** Errors of another realm (a vm context) are errors too. */
function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

function safely(text: () => string): string {
  try {
    return text();
  } catch {
    return "a value that cannot be described";
  }
}
