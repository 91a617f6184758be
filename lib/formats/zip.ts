/**
 * ZIP archives (PKWARE's APPNOTE), as far as .npz files use them: stored and deflated entries, ZIP64 sizes. Entries are
 * found by the central directory at the end, and checked by their CRC-32.
 */
import { crc32, inflateRawSync } from "node:zlib";
import { SignalbookError } from "../core/errors";
import { quoted } from "./text";

export interface ZipEntry {
  name: string;
  /** Decompresses the entry. Throws when it is damaged. */
  read(): Uint8Array;
}

const END = 0x06054b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const END64 = 0x06064b50;
const LOCATOR = 0x07064b50;
const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const DAMAGED = "the file is damaged: copy or download it again";
/** What deflate can make of a byte at most. */
const DEFLATE_GROWTH = 1032;

/** An archive's entries, in the directory's order. @param file for messages. */
export function zipEntries(bytes: Uint8Array, file: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const problem = (what: string, place: string, found: string): SignalbookError =>
    new SignalbookError(what, { file, place, found, expected: "a ZIP archive", fix: DAMAGED });
  const end = findEnd(view);
  if (end < 0) throw problem("no ZIP archive, or one cut short", `byte ${bytes.length}`, "no central directory");
  const { count, offset } = directoryAt(view, end);
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let compressed = 0;
  let at = offset;
  for (let i = 0; i < count; i++) {
    if (!(at + 46 <= end) || view.getUint32(at, true) !== DIRECTORY)
      throw problem("a central directory that is cut short", `byte ${at}`, `${i} of ${count} entries`);
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [number, number, number];
    const next = at + 46 + lengths[0] + lengths[1] + lengths[2];
    if (next > end) throw problem("a central directory that is cut short", `byte ${at}`, `${i} of ${count} entries`);
    const name = Buffer.from(bytes.subarray(at + 46, at + 46 + lengths[0])).toString("utf8");
    if (names.has(name)) throw problem("two entries of one name", `byte ${at}`, quoted(name));
    names.add(name);
    const sizes = entrySizes(view, at, lengths);
    if (sizes === null) throw problem("an entry without its sizes", `entry ${quoted(name)}`, "no ZIP64 field");
    // Entries that share bytes would let a small file fill any memory.
    compressed += sizes.compressed;
    if (compressed > bytes.length)
      throw problem("entries larger than the file", `entry ${quoted(name)}`, `${compressed} bytes of ${bytes.length}`);
    const method = view.getUint16(at + 10, true);
    const flags = view.getUint16(at + 8, true);
    const crc = view.getUint32(at + 16, true);
    const read = (): Uint8Array => readEntry(bytes, view, { ...sizes, method, flags, crc }, file, name);
    entries.push({ name, read });
    at = next;
  }
  return entries;
}

interface EntryFacts {
  compressed: number;
  size: number;
  /** Of the local header. */
  offset: number;
  method: number;
  flags: number;
  crc: number;
}

function readEntry(bytes: Uint8Array, view: DataView, entry: EntryFacts, file: string, name: string): Uint8Array {
  const { compressed, size, offset, method, flags, crc } = entry;
  const problem = (what: string, found: string, expected: string, cause?: unknown): SignalbookError =>
    new SignalbookError(what, { file, place: `entry ${quoted(name)}`, found, expected, fix: DAMAGED, cause });
  if ((flags & 1) !== 0) throw problem("an encrypted entry", "encryption", "none");
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== LOCAL)
    throw problem("an entry that is not there", `nothing at byte ${offset}`, "its local header");
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + compressed > bytes.length)
    throw problem("an entry past the file's end", `bytes ${start} to ${start + compressed}`, `${bytes.length} bytes`);
  const stored = bytes.subarray(start, start + compressed);
  let content = stored;
  if (method === 8) {
    if (size > DEFLATE_GROWTH * compressed)
      throw problem(
        "an entry larger than its bytes can make",
        `${size} bytes`,
        `${DEFLATE_GROWTH * compressed} at most`,
      );
    try {
      content = size === 0 ? new Uint8Array(0) : inflateRawSync(stored, { maxOutputLength: size });
    } catch (cause) {
      throw problem("an entry that cannot be decompressed", (cause as Error).message, "a deflate stream", cause);
    }
  } else if (method !== 0) throw problem("a compression that is not read", `method ${method}`, "none or deflate");
  if (content.length !== size) throw problem("an entry of another size", `${content.length} bytes`, `${size}`);
  if (crc32(content) !== crc)
    throw problem("an entry whose check sum is wrong", crc32(content).toString(16), crc.toString(16));
  return content;
}

/** Where the end record starts: at the end, but for a comment. -1 where there is none. */
function findEnd(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_BYTES - 0xffff);
  for (let at = view.byteLength - END_BYTES; at >= first; at--)
    if (view.getUint32(at, true) === END && at + END_BYTES + view.getUint16(at + 20, true) === view.byteLength)
      return at;
  return -1;
}

/** How many entries the directory has and where it starts: in ZIP64's own record where the short fields are full. */
function directoryAt(view: DataView, end: number): { count: number; offset: number } {
  const short = { count: view.getUint16(end + 10, true), offset: view.getUint32(end + 16, true) };
  if (short.count !== 0xffff && short.offset !== 0xffffffff) return short;
  const locator = end - LOCATOR_BYTES;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR) return short;
  const at = Number(view.getBigUint64(locator + 8, true));
  if (at + 56 > locator || view.getUint32(at, true) !== END64) return short;
  return { count: Number(view.getBigUint64(at + 32, true)), offset: Number(view.getBigUint64(at + 48, true)) };
}

/** Sizes and offset of a directory's entry; those that say "see ZIP64" from the extra field, null where it lacks them. */
function entrySizes(
  view: DataView,
  at: number,
  [nameBytes, extraBytes]: readonly [number, number, number],
): Pick<EntryFacts, "compressed" | "size" | "offset"> | null {
  const fields = [24, 20, 42].map((offset) => view.getUint32(at + offset, true));
  let extra = at + 46 + nameBytes;
  const end = extra + extraBytes;
  const wide: number[] = [];
  for (; extra + 4 <= end; extra += 4 + view.getUint16(extra + 2, true)) {
    if (view.getUint16(extra, true) !== 1) continue;
    const stop = Math.min(end, extra + 4 + view.getUint16(extra + 2, true));
    for (let field = extra + 4; field + 8 <= stop; field += 8) wide.push(Number(view.getBigUint64(field, true)));
  }
  const resolved = fields.map((field) => (field === 0xffffffff ? wide.shift() : field));
  const [size, compressed, offset] = resolved;
  if (size === undefined || compressed === undefined || offset === undefined) return null;
  return { size, compressed, offset };
}
