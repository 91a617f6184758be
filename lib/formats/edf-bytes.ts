/** A file's bytes by position: exact reads, and many small pieces read in few calls. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { SignalbookError } from "../core/errors";
import { unreadable } from "./text";

/** Bytes between two pieces that are read through rather than skipped: copying them costs less than another call. */
const NEAR = 8192;
/** Bytes read in one go, where pieces lie side by side: small enough to stay in the processor's cache. */
const RUN_BYTES = 1 << 18;
/** Pieces in one go. */
const RUN_PIECES = 4096;

/** The longest piece to ask a {@link PieceReader} for, unless it must be in one: longer ones make its buffer grow. */
export const PIECE_BYTES: number = RUN_BYTES;

/** An open file. */
export class ByteFile {
  readonly size: number;
  private fd: number | null;

  /** @param expected what should be there, for messages. */
  constructor(
    readonly path: string,
    private readonly expected: string,
  ) {
    this.fd = this.open();
    const status = fstatSync(this.fd);
    this.size = status.size;
    if (!status.isDirectory()) return;
    this.close();
    throw unreadable(path, expected, { code: "EISDIR" });
  }

  private open(): number {
    try {
      return openSync(this.path, "r");
    } catch (cause) {
      throw unreadable(this.path, this.expected, cause);
    }
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  /** Does something that reads; opens the file for it, where it was closed. */
  whileOpen<Result>(action: () => Result): Result {
    if (this.fd !== null) return action();
    this.fd = this.open();
    try {
      return action();
    } finally {
      this.close();
    }
  }

  /** Up to `length` bytes: fewer at the file's end. */
  upTo(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, this.size - position)));
    return bytes.subarray(0, this.fill(bytes, bytes.length, position));
  }

  /** Reads `length` bytes into the start of `target`. @throws SignalbookError where the file has become shorter. */
  into(target: Uint8Array, length: number, position: number): void {
    const got = this.fill(target, length, position);
    if (got < length)
      throw new SignalbookError("a file that became shorter while it was read", {
        file: this.path,
        place: `byte ${position + got}`,
        found: `${got} bytes`,
        expected: `${length}`,
      });
  }

  private fill(target: Uint8Array, length: number, position: number): number {
    if (this.fd === null) throw new SignalbookError("a file that is closed", { file: this.path, fix: "open it again" });
    let read = 0;
    while (read < length) {
      const got = readSync(this.fd, target, read, length - read, position + read);
      if (got === 0) break;
      read += got;
    }
    return read;
  }
}

/** Where a run's bytes are: valid until the next piece is asked for. */
export interface Run {
  bytes: Buffer;
  /** The same bytes as 16-bit integers, in the machine's order. */
  integers: Int16Array;
}

/** What reading needs besides the file: kept from one read to the next, for windows are small and many. */
interface Desk {
  run: Run;
  /** Where the pieces start in the file. */
  starts: Float64Array;
}
let spareDesk: Desk | null = null;

/** Reads pieces of a file, asked for in rising order: those that lie near each other in one call. */
export class PieceReader {
  private readonly desk: Desk;
  private pieces = 0;
  private end = 0;

  /** @param take gets every piece: the run, the piece's offset in it, and the piece's number within the run. */
  constructor(
    private readonly file: ByteFile,
    private readonly take: (run: Run, offset: number, piece: number) => void,
  ) {
    this.desk = spareDesk ?? makeDesk();
    spareDesk = null;
  }

  /** Asks for a piece. @returns its number within the run to come. */
  add(position: number, length: number): number {
    const { starts } = this.desk;
    if (this.pieces > 0) {
      const far = position > this.end + NEAR || position + length > starts[0]! + RUN_BYTES;
      if (far || this.pieces === RUN_PIECES) this.flush();
    }
    starts[this.pieces] = position;
    this.end = position + length;
    return this.pieces++;
  }

  /** Reads a single piece of at most {@link PIECE_BYTES}: what most windows come down to. */
  static readOne(file: ByteFile, position: number, length: number, take: (run: Run, offset: number) => void): void {
    const desk = spareDesk ?? makeDesk();
    spareDesk = null;
    file.into(desk.run.bytes, length, position);
    take(desk.run, 0);
    spareDesk = desk;
  }

  /** Reads what was asked for last. Nothing may be asked for after it. */
  finish(): void {
    this.flush();
    if (this.desk.run.bytes.length === RUN_BYTES) spareDesk = this.desk;
  }

  private flush(): void {
    if (this.pieces === 0) return;
    const { desk } = this;
    const start = desk.starts[0]!;
    const length = this.end - start;
    if (length > desk.run.bytes.length) desk.run = makeRun(length + (length % 2));
    this.file.into(desk.run.bytes, length, start);
    for (let piece = 0; piece < this.pieces; piece++) this.take(desk.run, desk.starts[piece]! - start, piece);
    this.pieces = 0;
  }
}

function makeDesk(): Desk {
  return { run: makeRun(RUN_BYTES), starts: new Float64Array(RUN_PIECES) };
}

function makeRun(length: number): Run {
  const memory = new ArrayBuffer(length);
  return { bytes: Buffer.from(memory), integers: new Int16Array(memory) };
}
