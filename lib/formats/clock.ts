/** Dates and times of recordings' headers. The formats name no time zone: clocks are read as UTC. */

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The month's number from 1, from its English short name in any case; null for anything else. */
export function monthNumber(name: string): number | null {
  const index = MONTHS.indexOf(name.toLowerCase());
  return index < 0 ? null : index + 1;
}

/** A moment from its parts; null where they are not a date of the calendar or a time of the day. Months from 1. */
export function moment(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): Date | null {
  if (hour > 23 || minute > 59 || second >= 60) return null;
  // Whole milliseconds: 18.529 s is 18528.999... of them in binary, and dates cut the rest off.
  const milliseconds = Math.floor(1000 * second + 1e-6);
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, 0, milliseconds));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

/**
 * A date and a time from a WFDB record line's last fields, in either order: `10:30:00 12/05/2020` as WFDB writes them, or
 * `12-May-2020 12:33:59`. Null unless both are there and valid (a time alone does not say the day).
 */
export function clockTime(fields: readonly string[]): Date | null {
  let date: [number, number, number] | null = null;
  let time: [number, number, number] | null = null;
  for (const field of fields) {
    const d = /^(\d{1,2})[/-](\d{1,2}|[A-Za-z]{3})[/-](\d{4})$/.exec(field);
    const t = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(field);
    if (d !== null) date = [Number(d[3]), monthNumber(d[2]!) ?? Number(d[2]), Number(d[1])];
    if (t !== null) time = [Number(t[1]), Number(t[2]), Number(t[3] ?? 0)];
  }
  return date === null || time === null ? null : moment(...date, ...time);
}
