/**
 * A small zip reader for packages: the directory at the end of the file, then single entries streamed to disk, with
 * their CRC-32 and SHA-256. Zip64 is read; encryption and methods other than stored and deflate are refused.
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { Problem } from "./problem.mjs";

const endSignature = 0x06054b50;
const end64LocatorSignature = 0x07064b50;
const end64Signature = 0x06064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;

const damaged = (file, what) =>
  new Problem(`${file} is not a whole zip file: ${what}`, "remove it and run the command again to download it afresh");

/**
 * @typedef {{ name: string, method: number, flags: number, crc32: number, compressedBytes: number, bytes: number,
 *   offset: number, mode: number }} Entry
 */

/**
 * The entries of a zip file, by its directory.
 * @param {string} file
 * @returns {Promise<Entry[]>}
 * @throws Problem when the file is cut off or no zip file
 */
export async function listEntries(file) {
  const handle = await open(file, "r");
  try {
    const { size } = await handle.stat();
    const tailBytes = Math.min(size, 22 + 0xffff);
    const tail = await readAt(handle, file, size - tailBytes, tailBytes);
    const end = findEnd(tail);
    if (end === undefined) throw damaged(file, "its end record is missing");
    let count = tail.readUInt16LE(end + 10);
    let directoryBytes = tail.readUInt32LE(end + 12);
    let directoryAt = tail.readUInt32LE(end + 16);
    if (count === 0xffff || directoryBytes === 0xffffffff || directoryAt === 0xffffffff) {
      const locator = end - 20;
      if (locator < 0 || tail.readUInt32LE(locator) !== end64LocatorSignature)
        throw damaged(file, "its zip64 locator is missing");
      const record = await readAt(handle, file, safe(tail.readBigUInt64LE(locator + 8)), 56);
      if (record.readUInt32LE(0) !== end64Signature) throw damaged(file, "its zip64 end record is missing");
      count = safe(record.readBigUInt64LE(32));
      directoryBytes = safe(record.readBigUInt64LE(40));
      directoryAt = safe(record.readBigUInt64LE(48));
    }
    return parseDirectory(file, await readAt(handle, file, directoryAt, directoryBytes), count);
  } finally {
    await handle.close();
  }
}

function findEnd(tail) {
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) === endSignature && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return undefined;
}

function parseDirectory(file, bytes, count) {
  const entries = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== entrySignature)
      throw damaged(file, `its directory ends at entry ${i} of ${count}`);
    const nameBytes = bytes.readUInt16LE(at + 28);
    const extraBytes = bytes.readUInt16LE(at + 30);
    const commentBytes = bytes.readUInt16LE(at + 32);
    const sizes = {
      bytes: bytes.readUInt32LE(at + 24),
      compressedBytes: bytes.readUInt32LE(at + 20),
      offset: bytes.readUInt32LE(at + 42),
    };
    const extraAt = at + 46 + nameBytes;
    readZip64(bytes.subarray(extraAt, extraAt + extraBytes), sizes);
    entries.push({
      name: bytes.toString("utf8", at + 46, extraAt),
      flags: bytes.readUInt16LE(at + 8),
      method: bytes.readUInt16LE(at + 10),
      crc32: bytes.readUInt32LE(at + 16),
      ...sizes,
      // Unix permissions lie in the upper half of the external attributes when the file was made on Unix (3).
      mode: bytes.readUInt8(at + 5) === 3 ? (bytes.readUInt32LE(at + 38) >>> 16) & 0o777 : 0o644,
    });
    at = extraAt + extraBytes + commentBytes;
  }
  return entries;
}

/** The zip64 extra field holds, in this order, only those of the three figures that are saturated in the entry. */
function readZip64(extra, sizes) {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let field = at + 4;
    for (const key of ["bytes", "compressedBytes", "offset"]) {
      if (sizes[key] !== 0xffffffff) continue;
      sizes[key] = safe(extra.readBigUInt64LE(field));
      field += 8;
    }
  }
}

/**
 * Streams one entry to `target` (which must not exist) and checks its length and CRC-32.
 * @param {string} file
 * @param {Entry} entry
 * @param {string} target
 * @param {(bytes: number) => void} [onBytes] called with the length of every piece written
 * @returns {Promise<{ sha256: Buffer, bytes: number }>} of the extracted file
 */
export async function extractEntry(file, entry, target, onBytes = () => {}) {
  const hash = createHash("sha256");
  await pipeline(
    ...(await contentOf(file, entry, (chunk) => {
      hash.update(chunk);
      onBytes(chunk.length);
    })),
    createWriteStream(target, { flags: "wx", mode: entry.mode & 0o111 ? 0o755 : 0o644, flush: true }),
  );
  return { sha256: hash.digest(), bytes: entry.bytes };
}

/** A small entry's bytes. */
export async function readEntry(file, entry) {
  const chunks = [];
  await pipeline(...(await contentOf(file, entry, (chunk) => chunks.push(chunk))), async (source) => {
    for await (const _ of source);
  });
  return Buffer.concat(chunks);
}

async function contentOf(file, entry, onChunk) {
  if (entry.flags & 1)
    throw new Problem(`${file}: ${entry.name} is encrypted`, "use the package as its index serves it");
  if (entry.method !== 0 && entry.method !== 8)
    throw new Problem(
      `${file}: ${entry.name} uses compression method ${entry.method}`,
      "stored (0) or deflate (8) is read",
    );
  const handle = await open(file, "r");
  let start;
  try {
    const local = await readAt(handle, file, entry.offset, 30);
    if (local.readUInt32LE(0) !== localSignature) throw damaged(file, `${entry.name} has no local header`);
    start = entry.offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    const { size } = await handle.stat();
    if (start + entry.compressedBytes > size) throw damaged(file, `${entry.name} is cut off`);
  } finally {
    await handle.close();
  }
  let crc = 0;
  let bytes = 0;
  const check = new Transform({
    transform(chunk, _encoding, done) {
      crc = crc32(chunk, crc);
      bytes += chunk.length;
      try {
        onChunk(chunk);
        done(null, chunk);
      } catch (error) {
        done(error);
      }
    },
    flush(done) {
      if (bytes !== entry.bytes) done(damaged(file, `${entry.name} has ${bytes} bytes, not ${entry.bytes}`));
      else if (crc !== entry.crc32) done(damaged(file, `${entry.name} has another checksum than its directory says`));
      else done();
    },
  });
  const source =
    entry.compressedBytes === 0
      ? Readable.from([])
      : createReadStream(file, { start, end: start + entry.compressedBytes - 1, highWaterMark: 1 << 20 });
  return entry.method === 8 ? [source, createInflateRaw({ chunkSize: 1 << 20 }), check] : [source, check];
}

async function readAt(handle, file, position, length) {
  if (position < 0) throw damaged(file, "it points before its own start");
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await handle.read(buffer, 0, length, position);
  if (bytesRead !== length) throw damaged(file, `it ends at byte ${position + bytesRead}`);
  return buffer;
}

function safe(value) {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new Problem(`a zip field of ${value}`, "the file is damaged");
  return Number(value);
}
