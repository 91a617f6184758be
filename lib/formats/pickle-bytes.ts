/** A pickle's bytes in turn. Nothing is taken beyond the end; all throw a RangeError there. */
import { narrow } from "./pickle-numpy";

export class ByteReader {
  private readonly view: DataView;

  constructor(
    private readonly content: Uint8Array,
    public position: number,
  ) {
    this.view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  }

  byte(): number {
    return this.view.getUint8(this.advance(1));
  }

  /** Little-endian, 1, 2, 4 or 8 bytes. */
  unsigned(size: 1 | 2 | 4 | 8): number {
    const at = this.advance(size);
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at, true);
    return size === 4 ? this.view.getUint32(at, true) : Number(this.view.getBigUint64(at, true));
  }

  /** Little-endian, 4 bytes. */
  signed(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  double(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  /** Shared with the file's memory. */
  bytes(length: number): Uint8Array {
    const at = this.advance(length);
    return this.content.subarray(at, at + length);
  }

  utf8(length: number): string {
    // Python writes halves of surrogate pairs as they are; a text that is no UTF-8 is kept readable, not refused.
    return new TextDecoder("utf-8").decode(this.bytes(length));
  }

  latin1(length: number): string {
    return text(this.bytes(length));
  }

  /** Little-endian two's complement. */
  long(length: number): bigint | number {
    const bytes = this.bytes(length);
    if (length === 0) return 0;
    const digits = Buffer.from(bytes).reverse().toString("hex");
    return narrow(BigInt.asIntN(8 * length, BigInt(`0x${digits}`)));
  }

  /** To the next line end, which is skipped. */
  line(): string {
    const end = this.content.indexOf(0x0a, this.position);
    if (end < 0) throw new RangeError("a line that does not end");
    const line = this.latin1(end - this.position);
    this.position++;
    return line;
  }

  /** A Python string literal: Python 2's str. */
  quotedLine(): string {
    const line = this.line();
    const quote = line[0];
    if (line.length < 2 || (quote !== "'" && quote !== '"') || !line.endsWith(quote))
      throw new RangeError("a string without its quotes");
    return withoutEscapes(line.slice(1, -1));
  }

  /** Raw-unicode-escape: \uXXXX and \UXXXXXXXX, all else as Latin-1. */
  escapedLine(): string {
    return this.line().replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_, short?: string, long?: string) =>
      String.fromCodePoint(Number.parseInt((short ?? long)!, 16)),
    );
  }

  private advance(length: number): number {
    const at = this.position;
    if (!(length >= 0 && length <= this.content.length - at))
      throw new RangeError(`a pickle that ends after byte ${this.content.length}`);
    this.position = at + length;
    return at;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b", f: "\f", v: "\v" };

function withoutEscapes(line: string): string {
  return line.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex?: string, char?: string) =>
    hex !== undefined ? String.fromCharCode(Number.parseInt(hex, 16)) : (ESCAPES[char!] ?? char!),
  );
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
