/** Parquet's page compression. Memory is taken for what the page's header says, never for what a stream claims. */
import { gunzipSync } from "node:zlib";
import { PARQUET_CODECS } from "./parquet-metadata";
import { snappyDecompress } from "./snappy";

/**
 * @param length of the decompressed bytes, exactly.
 * @throws RangeError saying what is wrong with the stream; whoever calls knows file and place.
 */
export function decompressParquet(codec: number, bytes: Uint8Array, length: number): Uint8Array {
  let output: Uint8Array;
  try {
    output = decompress(codec, bytes, length);
  } catch (cause) {
    if (cause instanceof RangeError && !("code" in cause)) throw cause;
    // What zlib and the Zstandard decoder throw for damaged streams is of many kinds.
    throw new RangeError((cause as Error).message, { cause });
  }
  if (output.length !== length) throw new RangeError(`${output.length} bytes where ${length} are expected`);
  return output;
}

function decompress(codec: number, bytes: Uint8Array, length: number): Uint8Array {
  const name = PARQUET_CODECS[codec];
  switch (name) {
    case "UNCOMPRESSED":
      return bytes;
    case "SNAPPY":
      return snappyDecompress(bytes, length);
    case "GZIP":
      return length === 0 ? new Uint8Array(0) : gunzipSync(bytes, { maxOutputLength: length });
    case "ZSTD": {
      const stated = zstdContentBytes(bytes);
      if (stated !== length) throw new RangeError(`a Zstandard frame of ${stated} bytes where ${length} are expected`);
      return zstd()(bytes, new Uint8Array(length));
    }
    default:
      throw new RangeError(
        `compression ${name ?? `number ${codec}`} is not read: only none, Snappy, gzip and Zstandard`,
      );
  }
}

type Compressors = typeof import("hyparquet-compressors");

/** Loaded when first needed: it brings decoders of every kind, which every start would wait for. */
function zstd(): Compressors["decompressZstd"] {
  return (require("hyparquet-compressors") as Compressors).decompressZstd;
}

/** The decompressed size in a Zstandard frame's header (RFC 8878, 3.1.1.1). */
function zstdContentBytes(frame: Uint8Array): number {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 6 || view.getUint32(0, true) !== 0xfd2fb528) throw new RangeError("no Zstandard frame");
  const descriptor = frame[4]!;
  const single = (descriptor & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const at = 5 + (single ? 0 : 1) + dictionaryBytes;
  switch (descriptor >> 6) {
    case 0:
      if (single) return view.getUint8(at);
      throw new RangeError("a Zstandard frame that does not say its size is not read");
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}
