/** What a reader of an error needs: where, what was found, what was expected, and what to do about it. */
export interface ProblemDetails {
  /** The file the problem is in, as the user named it. */
  file?: string;
  /** Where in the file: "line 12", "byte 256", "cell 3", "record 00012_lr". */
  place?: string;
  /** What was found there. */
  found?: string;
  /** What was expected instead. */
  expected?: string;
  /** What the user can do. */
  fix?: string;
  /** The lower-level error this one explains. */
  cause?: unknown;
}

/**
 * An error a user can act on. The command line prints it without a stack; notebooks show it as the cell's error.
 * The message is one line: `file, place: what; found ..., expected ...; fix`.
 */
export class SignalbookError extends Error {
  readonly details: Readonly<ProblemDetails>;

  constructor(what: string, details: ProblemDetails = {}) {
    super(describe(what, details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "SignalbookError";
    this.details = details;
  }
}

function describe(what: string, { file, place, found, expected, fix }: ProblemDetails): string {
  const where = [file, place].filter((part) => part !== undefined && part !== "").join(", ");
  const parts = [where === "" ? what : `${where}: ${what}`];
  if (found !== undefined) parts.push(`found ${found}`);
  if (expected !== undefined) parts.push(`expected ${expected}`);
  if (fix !== undefined) parts.push(fix);
  return parts.join("; ");
}
