/** Fields of EDF headers: text, numbers and the start's clock. Offsets are from the file's first byte. */
import { isAscii } from "node:buffer";
import { moment, monthNumber } from "./clock";
import type { EdfDamage } from "./edf-damage";
import { quoted } from "./text";

const utf8 = new TextDecoder("utf-8", { fatal: true });
/** What a decimal number may look like; JavaScript's own rules would also take "0x10" and "Infinity". */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** UTF-8 where it is valid UTF-8, else Latin-1: the standard wants ASCII in headers; recorders write both. */
export function decodeText(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes.toString("latin1");
  }
}

/** A header's bytes as text: fields are cut from it, hundreds of them, each time a file is opened. */
export class HeaderText {
  private readonly latin1: string;
  private readonly isAscii: boolean;

  constructor(private readonly bytes: Buffer) {
    this.latin1 = bytes.toString("latin1");
    this.isAscii = isAscii(bytes);
  }

  /** A field, up to a zero byte, without the blanks that fill it up. */
  field(start: number, length: number): string {
    const text = this.isAscii
      ? this.latin1.slice(start, start + length)
      : decodeText(this.bytes.subarray(start, start + length));
    const end = text.indexOf("\0");
    return (end < 0 ? text : text.slice(0, end)).trim();
  }
}

/** What a field holds, for messages; put together only when there is one. */
export type FieldName = string | (() => string);

const nameOf = (what: FieldName): string => (typeof what === "string" ? what : what());

/** NaN where a lenient reader finds no number. A decimal comma is damage too, but its number can be read. */
export function numberField(
  text: HeaderText,
  start: number,
  length: number,
  what: FieldName,
  damage: EdfDamage,
): number {
  const field = text.field(start, length);
  const number = Number(field);
  if (Number.isFinite(number) && NUMBER.test(field)) return number;
  const withPoint = field.replace(",", ".");
  const details = { found: quoted(field), expected: "a number" };
  if (NUMBER.test(withPoint) && Number.isFinite(Number(withPoint))) {
    damage.found(`${nameOf(what)} is not a number`, start, details, `read as ${withPoint}`);
    return Number(withPoint);
  }
  damage.found(`${nameOf(what)} is not a number`, start, details, "taken as unknown");
  return Number.NaN;
}

/** NaN where a lenient reader finds no integer of at least `least`. */
export function integerField(
  text: HeaderText,
  start: number,
  length: number,
  what: FieldName,
  damage: EdfDamage,
  least = 0,
): number {
  const value = numberField(text, start, length, what, damage);
  if (Number.isNaN(value)) return value;
  if (Number.isInteger(value) && value >= least) return value;
  const [problem, expected] = Number.isInteger(value)
    ? ["is out of range", `${least} or more`]
    : ["is not an integer", "an integer"];
  damage.found(`${nameOf(what)} ${problem}`, start, { found: String(value), expected }, "taken as unknown");
  return Number.NaN;
}

/**
 * The start's clock, null where it is unknown: a date of blanks or zeros, or EDF+'s "Startdate X" with the date 01.01.85
 * that stands for none. EDF+ writes the year in full after "Startdate"; the old field has two digits (85-99 are 19xx).
 * @param recording the recording identification of an EDF+ file; empty for others.
 */
export function startField(text: HeaderText, recording: string, damage: EdfDamage): Date | null {
  const date = text.field(168, 8);
  const time = text.field(176, 8);
  const clock = /^(\d\d?)[.:](\d\d?)[.:](\d\d?)$/.exec(time);
  const day = /^(\d\d?)[.:](\d\d?)[.:](\d\d)$/.exec(date);
  const full = /^Startdate (\d\d?)-([A-Za-z]{3})-(\d{4})\b/.exec(recording);
  const unknown = /^[0.\s]*$/.test(date) || (date === "01.01.85" && /^Startdate X\b/.test(recording));
  if (unknown && full === null) return null;
  const shortYear = Number(day?.[3] ?? 0);
  const [year, month, dayOfMonth] =
    full !== null
      ? [Number(full[3]), monthNumber(full[2]!) ?? 0, Number(full[1])]
      : [shortYear + (shortYear >= 85 ? 1900 : 2000), Number(day?.[2]), Number(day?.[1])];
  const start =
    clock === null ? null : moment(year, month, dayOfMonth, Number(clock[1]), Number(clock[2]), Number(clock[3]));
  if (start === null)
    damage.found(
      "a start that is no date and time",
      168,
      { found: quoted(`${date} ${time}`), expected: "dd.mm.yy hh.mm.ss" },
      "the start is unknown",
    );
  return start;
}
