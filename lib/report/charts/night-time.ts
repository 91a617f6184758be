/** The unit that a recording's time axis is told in. */
export interface NightUnit {
  /** Seconds of one. */
  divisor: number;
  name: "h" | "min" | "s";
}

/** Whole nights in hours, shorter recordings in minutes or seconds. */
export function nightUnit(seconds: number): NightUnit {
  if (seconds >= 2 * 3600) return { divisor: 3600, name: "h" };
  return seconds >= 300 ? { divisor: 60, name: "min" } : { divisor: 1, name: "s" };
}
