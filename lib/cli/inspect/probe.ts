/** A file's first bytes and name: what a format is recognised by. */
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { extname } from "node:path";
import { SignalbookError } from "../../core/errors";
import { looksLikeText } from "../../formats/sniff";
import { unreadable } from "../../formats/text";
import type { FileSummary } from "./summary";

const HEAD_BYTES = 1 << 16;

export interface Probe {
  path: string;
  /** Lower case, with its dot. */
  extension: string;
  /** Names in a folder; null for a file. */
  folder: readonly string[] | null;
  /** Bytes. */
  size: number;
  head: Buffer;
  /** The first lines, where the file looks like text: the last one may be cut. */
  lines: readonly string[] | null;
}

/** @throws SignalbookError for what cannot be read, and an empty file. */
export function probe(path: string): Probe {
  const expected = "a recording, a table or an array";
  try {
    const stat = statSync(path);
    const extension = extname(path).toLowerCase();
    if (stat.isDirectory())
      return { path, extension, folder: readdirSync(path).sort(), size: 0, head: Buffer.alloc(0), lines: null };
    const head = readHead(path, stat.size);
    return { path, extension, folder: null, size: stat.size, head, lines: linesIn(head) };
  } catch (cause) {
    if (cause instanceof SignalbookError) throw cause;
    throw unreadable(path, expected, cause);
  }
}

function readHead(path: string, size: number): Buffer {
  const fd = openSync(path, "r");
  try {
    const head = Buffer.alloc(Math.min(size, HEAD_BYTES));
    return head.subarray(0, readSync(fd, head, 0, head.length, 0));
  } finally {
    closeSync(fd);
  }
}

function linesIn(head: Buffer): readonly string[] | null {
  if (!looksLikeText(head)) return null;
  return head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .split(/\r?\n/);
}

/** Text at a position of the head. */
export function headIs({ head }: Probe, text: string, at = 0): boolean {
  return head.subarray(at, at + text.length).toString("latin1") === text;
}

/** Recognises one format and tells what is in such a file. */
export interface InspectFormat {
  /** How help and messages call it. */
  name: string;
  /** By content, and by the name where content says too little. */
  matches(file: Probe): boolean;
  /** @throws SignalbookError where the file is damaged. */
  inspect(file: Probe): FileSummary | Promise<FileSummary>;
}
