/**
 * Thrift's compact protocol (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), as far
 * as Parquet's footers and page headers use it. Every length is checked against the bytes that are there before
 * anything is allocated.
 */
import { SignalbookError } from "../core/errors";

/** A struct: its values by field number. i64 are numbers: offsets and counts beyond 2^53 are of no real file. */
export type ThriftStruct = { readonly [field: number]: ThriftValue | undefined };
export type ThriftValue = number | boolean | Uint8Array | ThriftStruct | readonly ThriftValue[];

const TYPE = { stop: 0, true: 1, false: 2, byte: 3, i16: 4, i32: 5, i64: 6, double: 7, binary: 8, list: 9, struct: 12 };
/** Parquet's own structs nest 6 deep. */
const DEEPEST = 24;

export class ThriftReader {
  position = 0;

  /** @param offset of the first byte within the file, for messages. */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly file: string,
    private readonly offset: number,
  ) {}

  /** @throws SignalbookError with the byte's offset in the file where the bytes are no struct. */
  struct(depth = 0): ThriftStruct {
    if (depth > DEEPEST) throw this.problem("structs nested too deep", `more than ${DEEPEST} levels`);
    const fields: Record<number, ThriftValue> = {};
    let id = 0;
    for (;;) {
      const head = this.byte();
      const type = head & 15;
      if (type === TYPE.stop) return fields;
      id = head >> 4 === 0 ? this.zigzag() : id + (head >> 4);
      fields[id] = type === TYPE.true ? true : type === TYPE.false ? false : this.value(type, depth);
    }
  }

  private value(type: number, depth: number): ThriftValue {
    switch (type) {
      case TYPE.true:
      case TYPE.false:
        return this.byte() === TYPE.true; // inside a list
      case TYPE.byte:
        return (this.byte() << 24) >> 24;
      case TYPE.i16:
      case TYPE.i32:
      case TYPE.i64:
        return this.zigzag();
      case TYPE.double: {
        const bytes = this.take(8);
        return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
      }
      case TYPE.binary:
        return this.take(this.varint());
      case TYPE.list: {
        const head = this.byte();
        const size = head >> 4 === 15 ? this.varint() : head >> 4;
        // Every element takes a byte at least.
        if (size > this.bytes.length - this.position) throw this.problem("a list longer than its bytes", String(size));
        if (depth > DEEPEST) throw this.problem("lists nested too deep", `more than ${DEEPEST} levels`);
        return Array.from({ length: size }, () => this.value(head & 15, depth + 1));
      }
      case TYPE.struct:
        return this.struct(depth + 1);
      default:
        throw this.problem("a Thrift type that Parquet does not use", `type ${type}`);
    }
  }

  private byte(): number {
    if (this.position >= this.bytes.length) throw this.problem("a truncated Thrift struct", "the end of the bytes");
    return this.bytes[this.position++]!;
  }

  private take(length: number): Uint8Array {
    if (length > this.bytes.length - this.position)
      throw this.problem("a truncated Thrift struct", `${this.bytes.length - this.position} bytes of ${length}`);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** Unsigned LEB128, exact to 2^53. */
  private varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 63) throw this.problem("an integer without end", "more than 10 bytes");
    }
  }

  private zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  private problem(what: string, found: string): SignalbookError {
    return new SignalbookError(what, {
      file: this.file,
      place: `byte ${this.offset + this.position}`,
      found,
      expected: "a Parquet file's metadata",
      fix: "the file is damaged: copy or download it again",
    });
  }
}
