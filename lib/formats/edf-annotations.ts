/**
 * Time-stamped annotation lists (TALs) of EDF+ and BDF+: `+onset[0x15 duration]0x14 text 0x14 ... 0x14 0x00`.
 * https://www.edfplus.info/specs/edfplus.html#annotationssignals
 */
import type { EdfDamage } from "./edf-damage";
import { decodeText } from "./edf-fields";
import { quoted } from "./text";
import type { Annotation } from "./types";

/** What one annotation signal says in one data record. */
export interface RecordAnnotations {
  /** When the data record begins, in seconds after the header's start; null without a time-keeping TAL. */
  recordOnset: number | null;
  /** Onsets in seconds after the header's start. */
  annotations: Annotation[];
}

/** The byte before a duration. */
export const DURATION = 0x15;
/** The byte before and after a text. */
export const TEXT = 0x14;
/** Seconds, either way: some 300 years. Beyond it a number of seconds is damaged. */
const MOST_SECONDS = 1e10;

/**
 * Reads the TALs of one annotation signal in one data record.
 * @param bytes the signal's bytes in that record.
 * @param at their offset in the file.
 * @param record the data record's number, from 1.
 * @throws SignalbookError for bytes that are no TAL; when lenient, those are left out.
 */
export function parseTals(bytes: Buffer, at: number, record: number, damage: EdfDamage): RecordAnnotations {
  const result: RecordAnnotations = { recordOnset: null, annotations: [] };
  let position = 0;
  while (position < bytes.length) {
    if (bytes[position] === 0) {
      position++;
      continue;
    }
    const end = bytes.indexOf(0, position);
    const stop = end < 0 ? bytes.length : end;
    const wrong = parseTal(bytes.subarray(position, stop), position === 0, result);
    if (wrong !== null)
      damage.found(
        "an annotation that cannot be read",
        at + position,
        {
          place: `data record ${record}, byte ${at + position}`,
          found: quoted(wrong),
          expected: "+seconds, then texts between bytes 0x14",
        },
        "left out",
      );
    position = stop + 1;
  }
  return result;
}

/** @returns the text that cannot be read; null when all is well. */
function parseTal(tal: Buffer, isFirst: boolean, result: RecordAnnotations): string | null {
  const textStart = tal.indexOf(TEXT);
  if (textStart < 0 || tal[tal.length - 1] !== TEXT) return tal.toString("latin1");
  const stamp = tal.toString("latin1", 0, textStart);
  const [onsetText = "", durationText = "", ...more] = stamp.split(String.fromCharCode(DURATION));
  const onset = Number(onsetText);
  const duration = durationText === "" ? null : Number(durationText);
  if (more.length > 0 || !/^[+-]\d+(\.\d*)?$/.test(onsetText) || Math.abs(onset) > MOST_SECONDS) return stamp;
  if (duration !== null && (!/^(\d+\.?\d*|\.\d+)$/.test(durationText) || duration > MOST_SECONDS)) return stamp;
  const texts = decodeText(tal.subarray(textStart + 1, Math.max(textStart + 1, tal.length - 1)));
  const split = texts.split(String.fromCharCode(TEXT));
  // The record's first TAL begins with an empty text: it keeps the record's time. Texts after it are annotations.
  if (isFirst && split[0] === "" && duration === null) result.recordOnset = onset;
  for (const text of split) if (text !== "") result.annotations.push({ onset, duration, text });
  return null;
}
