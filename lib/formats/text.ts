/** Text files as lines, and errors that name the line. */
import { readFileSync } from "node:fs";
import { SignalbookError } from "../core/errors";

/**
 * A file's bytes.
 * @throws SignalbookError when it cannot be read, with `expected` saying what should be there.
 */
export function readBytes(path: string, expected: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadable(path, expected, cause);
  }
}

/** The error for a file or folder that cannot be opened. */
export function unreadable(path: string, expected: string, cause: unknown): SignalbookError {
  const code = (cause as NodeJS.ErrnoException).code;
  const found =
    code === "ENOENT" || code === "ENOTDIR"
      ? "nothing there"
      : code === "EISDIR"
        ? "a folder"
        : code === "EACCES" || code === "EPERM"
          ? "a file this user may not read"
          : String((cause as Error).message);
  const fix = code === "EACCES" || code === "EPERM" ? "change the file's permissions" : "check the path";
  return new SignalbookError("cannot be read", { file: path, found, expected, fix, cause });
}

/**
 * A UTF-8 file's lines without their ends (LF or CRLF). A byte-order mark is skipped, a last empty line dropped.
 * @throws SignalbookError for UTF-16 and for bytes that are not UTF-8: a guess would garble names.
 */
export function readLines(path: string, expected: string): string[] {
  const text = decodeUtf8(readBytes(path, expected), path);
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/** UTF-8 bytes as text, without a byte-order mark. Throws where they are something else. */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  if (bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)))
    throw new SignalbookError("not UTF-8", {
      file: path,
      place: "byte 0",
      found: "the byte-order mark of UTF-16",
      expected: "UTF-8 text",
      fix: "save the file as UTF-8",
    });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SignalbookError("not UTF-8", {
      file: path,
      place: `byte ${firstInvalidUtf8(bytes)}`,
      found: `byte 0x${bytes[firstInvalidUtf8(bytes)]?.toString(16) ?? "??"}`,
      expected: "UTF-8 text",
      fix: "save the file as UTF-8",
      cause,
    });
  }
}

/** The offset of the first byte that a UTF-8 decoder replaces. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let low = 0;
  let high = bytes.length;
  // The longest valid prefix, by halving: a prefix that ends inside a character is still valid when more may follow.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    try {
      decoder.decode(bytes.subarray(0, middle), { stream: true });
      low = middle;
    } catch {
      high = middle - 1;
    }
    try {
      decoder.decode(); // resets the decoder's state
    } catch {
      // a character cut at the prefix's end: not of interest here
    }
  }
  return low;
}

/** Text for an error message: quoted, control characters escaped, long text cut. */
export function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(shown);
}
