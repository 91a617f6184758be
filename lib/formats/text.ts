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
  return textLines(decodeUtf8(readBytes(path, expected), path));
}

/** Lines of a text without their ends (LF or CRLF), a last empty line dropped. */
export function textLines(text: string): string[] {
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
    const position = firstInvalidUtf8(bytes);
    throw new SignalbookError("not UTF-8", {
      file: path,
      place: `byte ${position}`,
      found: `byte 0x${bytes[position]!.toString(16)}`,
      expected: "UTF-8 text",
      fix: "save the file as UTF-8",
      cause,
    });
  }
}

/** The offset of the first byte of a character that is not UTF-8. */
function firstInvalidUtf8(bytes: Uint8Array): number {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let position = 0;
  while (position < bytes.length) {
    const lead = bytes[position]!;
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    try {
      if (length > 1) decoder.decode(bytes.subarray(position, position + length));
    } catch {
      return position;
    }
    position += length;
  }
  return position;
}

/** Text for an error message: quoted, control characters escaped, long text cut. */
export function quoted(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(shown);
}
