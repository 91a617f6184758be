/** Numbers as text for tables and figures: a fixed number of decimal places, a real minus sign, intervals with a dash. */
import { SignalbookError } from "../core/errors";

/**
 * `value` with `digits` decimal places. Negative numbers get a minus sign (U+2212); NaN is "–" (no value).
 * @throws SignalbookError when `digits` is not in 0..20.
 */
export function formatNumber(value: number, digits: number): string {
  if (!Number.isInteger(digits) || digits < 0 || digits > 20)
    throw new SignalbookError("a number of decimal places out of range", { found: String(digits), expected: "0..20" });
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text = value.toFixed(digits);
  return /^-/.test(text) && Number(text) !== 0 ? `−${text.slice(1)}` : text.replace(/^-/, "");
}

/** An estimate with its interval: "0.82 (0.78–0.86)". */
export function formatInterval(value: number, interval: readonly [number, number] | undefined, digits: number): string {
  const text = formatNumber(value, digits);
  if (interval === undefined) return text;
  const [low, high] = interval;
  return `${text} (${formatNumber(low, digits)}${low < 0 || high < 0 ? " to " : "–"}${formatNumber(high, digits)})`;
}
