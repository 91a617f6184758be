/**
 * Time-stamped annotation lists (TALs) of EDF+ and BDF+: `+onset[0x15 duration]0x14 text 0x14 ... 0x14 0x00`.
 * https://www.edfplus.info/specs/edfplus.html#annotationssignals
 */
import { SignalbookError } from "../core/errors";
import { quoted } from "./text";
import type { Annotation } from "./types";

/** What the annotation signals of one data record say. */
export interface RecordAnnotations {
  /** When the data record begins, in seconds after the header's start; null without a time-keeping TAL. */
  recordOnset: number | null;
  /** Onsets in seconds after the header's start. */
  annotations: Annotation[];
}

const DURATION = 0x15;
const TEXT = 0x14;

/**
 * Reads the TALs of one annotation signal in one data record.
 * @param bytes the signal's bytes in that record.
 * @param place names record and byte for messages.
 * @throws SignalbookError for bytes that are no TAL.
 */
export function parseTals(bytes: Buffer, file: string, place: (byte: number) => string): RecordAnnotations {
  const result: RecordAnnotations = { recordOnset: null, annotations: [] };
  let position = 0;
  while (position < bytes.length) {
    if (bytes[position] === 0) {
      position++;
      continue;
    }
    const end = bytes.indexOf(0, position);
    const stop = end < 0 ? bytes.length : end;
    parseTal(bytes.subarray(position, stop), position === 0, result, (found) => {
      return new SignalbookError("an annotation that cannot be read", {
        file,
        place: place(position),
        found: quoted(found),
        expected: "+seconds, then texts between bytes 0x14",
        fix: "the file may be damaged, or the signal's label wrongly says Annotations",
      });
    });
    position = stop + 1;
  }
  return result;
}

function parseTal(
  tal: Buffer,
  isFirst: boolean,
  result: RecordAnnotations,
  wrong: (found: string) => SignalbookError,
): void {
  const textStart = tal.indexOf(TEXT);
  if (textStart < 0 || tal[tal.length - 1] !== TEXT) throw wrong(tal.toString("latin1"));
  const stamp = tal.toString("latin1", 0, textStart).split(String.fromCharCode(DURATION));
  const [onsetText = "", durationText] = stamp;
  if (stamp.length > 2 || !/^[+-]\d+(\.\d*)?$/.test(onsetText)) throw wrong(stamp.join(" "));
  if (durationText !== undefined && !/^\d*(\.\d*)?$/.test(durationText)) throw wrong(stamp.join(" "));
  const onset = Number(onsetText);
  const duration = durationText === undefined || durationText === "" ? null : Number(durationText);
  const texts = decode(tal.subarray(textStart + 1, tal.length - 1)).split(String.fromCharCode(TEXT));
  // The record's first TAL begins with an empty text: it keeps the record's time. Texts after it are annotations.
  if (isFirst && texts[0] === "" && duration === null) result.recordOnset = onset;
  for (const text of texts) if (text !== "") result.annotations.push({ onset, duration, text });
}

/** UTF-8 by the standard; Latin-1 where it is not valid. */
function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}
