import { SignalbookError } from "../core/errors";

/** @throws SignalbookError unless `value` is an integer in `low .. high`. */
export function checkInteger(what: string, value: number, low: number, high = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  const range = high === Number.MAX_SAFE_INTEGER ? `>= ${low}` : `in ${low} .. ${high}`;
  throw new SignalbookError(`${what} out of range`, { found: String(value), expected: `an integer ${range}` });
}

/** @throws SignalbookError unless 0 <= rate < 1. */
export function checkRate(what: string, rate: number): number {
  if (rate >= 0 && rate < 1) return rate;
  throw new SignalbookError(`${what} out of range`, { found: String(rate), expected: "0 <= rate < 1" });
}
