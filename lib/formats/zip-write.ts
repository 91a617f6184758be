/** ZIP archives (PKWARE's APPNOTE), written: entries are stored as they are, none compressed. Same entries, same bytes. */
import { crc32 } from "node:zlib";
import { SignalbookError } from "../core/errors";
import { quoted } from "./text";

export interface ZipContent {
  /** Path in the archive, with forward slashes. */
  name: string;
  bytes: Uint8Array;
}

/** "PK\3\4", "PK\1\2", "PK\5\6", read as little-endian numbers. */
const LOCAL = 0x04034b50;
const DIRECTORY = 0x02014b50;
const END = 0x06054b50;
/** What is needed to unpack: version 2.0. */
const VERSION = 20;
/** Flag 11: names are UTF-8. */
const UTF8 = 0x0800;
/** The format's first day, 1 January 1980: no clock in the bytes. */
const DATE = (1 << 5) | 1;
/** Sizes and offsets have 32 bits, the number of entries 16; larger archives need ZIP64, which is not written. */
const LARGEST = 0xffffffff;
const MOST_ENTRIES = 0xfffe;

/** @throws SignalbookError for a name that stands twice, is empty or leads out of the archive, and for more than ZIP64-less archives hold */
export function zipArchive(contents: readonly ZipContent[]): Uint8Array {
  requireNames(contents.map(({ name }) => name));
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of contents) {
    const encoded = Buffer.from(name, "utf8");
    const facts = factsOf(encoded, bytes);
    const local = Buffer.concat([Buffer.alloc(4), facts, encoded, bytes]);
    local.writeUInt32LE(LOCAL, 0);
    const entry = Buffer.alloc(46 + encoded.length);
    entry.writeUInt32LE(DIRECTORY, 0);
    entry.writeUInt16LE(VERSION, 4);
    facts.copy(entry, 6);
    entry.writeUInt32LE(offset, 42);
    encoded.copy(entry, 46);
    locals.push(local);
    directory.push(entry);
    offset += local.length;
  }
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  if (offset + directoryBytes > LARGEST || contents.length > MOST_ENTRIES)
    throw new SignalbookError("contents too large for a plain ZIP archive", {
      found: `${contents.length} entries, ${offset + directoryBytes} bytes`,
      expected: `${MOST_ENTRIES} entries and ${LARGEST} bytes at most`,
    });
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(contents.length, 8);
  end.writeUInt16LE(contents.length, 10);
  end.writeUInt32LE(directoryBytes, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, ...directory, end]));
}

/** The 26 bytes that a local header and the directory have in common: version, flags, method 0, time, date, CRC-32, sizes. */
function factsOf(name: Uint8Array, bytes: Uint8Array): Buffer {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(VERSION, 0);
  facts.writeUInt16LE(UTF8, 2);
  facts.writeUInt16LE(DATE, 8);
  facts.writeUInt32LE(crc32(bytes), 10);
  facts.writeUInt32LE(bytes.length, 14);
  facts.writeUInt32LE(bytes.length, 18);
  facts.writeUInt16LE(name.length, 22);
  return facts;
}

function requireNames(names: readonly string[]): void {
  const wrong = names.find((name, i) => names.indexOf(name) !== i || !/^[^/\\\0][^\\\0]*$/.test(name) || outside(name));
  if (wrong !== undefined)
    throw new SignalbookError("a name that cannot stand in an archive", {
      found: quoted(wrong),
      expected: "a path with forward slashes, inside the archive, once",
    });
}

const outside = (name: string): boolean => name.split("/").includes("..");
