/** What is wrong with an EDF file: an error with its byte, or, when reading leniently, a loss that is noted. */
import { type ProblemDetails, SignalbookError } from "../core/errors";

/** Something that a lenient reader could not take as it stands. */
export interface EdfLoss {
  /** What is wrong, and what was found. */
  what: string;
  /** Offset in the file. */
  byte: number;
  /** What was done about it. */
  instead: string;
}

type Details = Omit<ProblemDetails, "file">;

/** Losses beyond this many are counted, not listed: a file of noise must not fill the memory. */
const MOST_LOSSES = 1000;

export class EdfDamage {
  readonly losses: EdfLoss[] = [];
  private unlisted = 0;

  constructor(
    readonly file: string,
    readonly lenient: boolean,
  ) {}

  /** Damage that can be read around. @throws SignalbookError unless lenient. */
  found(what: string, byte: number, details: Details, instead: string): void {
    if (!this.lenient) this.fatal(what, byte, details);
    const found = details.found === undefined ? what : `${what}: ${details.found}`;
    if (this.losses.length < MOST_LOSSES) this.losses.push({ what: found, byte, instead });
    else {
      this.unlisted++;
      this.losses[MOST_LOSSES - 1] = {
        what: `${this.unlisted + 1} more problems`,
        byte,
        instead: "not listed one by one",
      };
    }
  }

  /** Damage that leaves nothing to read. */
  fatal(what: string, byte: number, details: Details): never {
    throw new SignalbookError(what, {
      file: this.file,
      place: `byte ${byte}`,
      ...details,
      fix: details.fix ?? (this.lenient ? undefined : "read it with lenient: true to save what can be saved"),
    });
  }
}
