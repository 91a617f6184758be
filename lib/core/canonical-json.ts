/** JSON that is the same for the same value, however it was put together: to be hashed. */
import { SignalbookError } from "./errors";

/**
 * Keys sorted, no spaces; members that are undefined are left out, as JSON does.
 * @throws SignalbookError for what JSON would quietly change: functions, NaN, infinities, dates, maps, typed arrays.
 */
export function canonicalJson(value: unknown, place = "value"): string {
  if (value === null || typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, i) => canonicalJson(item, `${place}[${i}]`)).join(",")}]`;
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const members = Object.entries(value as object).filter(([, member]) => member !== undefined);
    const sorted = members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    const text = sorted.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member, `${place}.${key}`)}`);
    return `{${text.join(",")}}`;
  }
  throw new SignalbookError("a value that JSON does not hold", {
    place,
    found: typeof value === "object" ? value.constructor.name : String(value),
    expected: "text, finite numbers, true, false, null, and lists and objects of them",
  });
}
