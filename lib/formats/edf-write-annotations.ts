/** Annotations as EDF+ writes them: lists of time-stamped texts, shared out over the data records. */
import { SignalbookError } from "../core/errors";
import { DURATION, TEXT } from "./edf-annotations";
import { quoted } from "./text";
import type { Annotation } from "./types";

/** Seconds in either direction that a time stamp may say. */
const MOST_SECONDS = 1e10;
/** Times are written to the nanosecond. */
const DECIMALS = 9;
/** What EDF+ forbids in a text: control characters but tab, line feed and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const FORBIDDEN = /[\x00-\x08\x0b\x0c\x0e-\x1f]/;

/**
 * The annotation signal's bytes, one array a data record, all of one length: first the record's own time, then the
 * annotations that begin in it, or before it where there was no room.
 * @param recordOnsets of every data record, in seconds after the header's start.
 * @param first seconds from the header's start to the recording's, from which annotations count.
 * @param multiple of bytes that a record's list must have: a sample's.
 * @throws SignalbookError for a text that cannot be written, and for times that are no numbers.
 */
export function annotationRecords(
  annotations: readonly Annotation[],
  recordOnsets: Float64Array,
  first: number,
  multiple: number,
  file: string,
): Buffer[] {
  const sorted = [...annotations].sort((a, b) => a.onset - b.onset);
  const lists = sorted.map((annotation) => ({ onset: first + annotation.onset, bytes: tal(annotation, first, file) }));
  const keepers = Array.from(recordOnsets, (onset) => Buffer.from(`${stamp(onset)}\x14\x14\0`, "latin1"));
  const longest = longestOf(keepers);
  const total = lists.reduce((sum, { bytes }) => sum + bytes.length, 0);
  // As little room as will do: from a fair share of all, or the longest one, upwards.
  let room = Math.max(Math.ceil(total / Math.max(1, keepers.length)), longestOf(lists.map(({ bytes }) => bytes)));
  for (;;) {
    const length = Math.ceil((longest + room) / multiple) * multiple;
    const placed = place(lists, keepers, recordOnsets, length);
    if (placed !== null) return placed;
    room = Math.min(total, Math.ceil(1.5 * room));
  }
}

function longestOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((longest, { length }) => Math.max(longest, length), 0);
}

/** Null where the room does not suffice. */
function place(
  lists: readonly { onset: number; bytes: Buffer }[],
  keepers: readonly Buffer[],
  recordOnsets: Float64Array,
  length: number,
): Buffer[] | null {
  let next = 0;
  const records = keepers.map((keeper, record) => {
    const bytes = Buffer.alloc(length);
    let at = keeper.copy(bytes);
    const until = recordOnsets[record + 1] ?? Number.POSITIVE_INFINITY;
    for (; next < lists.length; next++) {
      const list = lists[next]!;
      if (list.onset >= until || at + list.bytes.length > length) break;
      at += list.bytes.copy(bytes, at);
    }
    return bytes;
  });
  return next === lists.length ? records : null;
}

function tal({ onset, duration, text }: Annotation, first: number, file: string): Buffer {
  const time = duration === null ? [onset] : [onset, duration];
  const wrong = FORBIDDEN.test(text)
    ? "a control character in its text"
    : text === ""
      ? "no text"
      : time.some((seconds) => !(Math.abs(seconds) < MOST_SECONDS)) || (duration ?? 0) < 0
        ? `${onset} s, duration ${duration}`
        : null;
  if (wrong !== null)
    throw new SignalbookError("an annotation that cannot be written", {
      file,
      place: `annotation ${quoted(text)} at ${onset} s`,
      found: wrong,
      expected: "text of one or more characters, times in seconds",
    });
  const length = duration === null ? "" : `${String.fromCharCode(DURATION)}${decimal(duration)}`;
  const mark = String.fromCharCode(TEXT);
  return Buffer.from(`${stamp(first + onset)}${length}${mark}${text}${mark}\0`, "utf8");
}

function stamp(seconds: number): string {
  const text = decimal(seconds);
  return text.startsWith("-") ? text : `+${text}`;
}

function decimal(seconds: number): string {
  const text = seconds.toFixed(DECIMALS).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}
