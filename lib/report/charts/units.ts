/** Physical units as figures show them: volts in the unit clinicians read, micro written as µ. */
import { SignalbookError } from "../../core/errors";
import type { Signal } from "../../formats/types";

const voltsPerUnit: Readonly<Record<string, number>> = { V: 1, mV: 1e-3, uV: 1e-6, µV: 1e-6, μV: 1e-6, nV: 1e-9 };

/** A unit to draw in: samples times `factor` are in `unit`. */
export interface DisplayUnit {
  unit: string;
  factor: number;
}

/** The factor from a signal's unit to millivolts. @throws SignalbookError when the unit is no voltage. */
export function toMillivolts(signal: Signal): number {
  const volts = voltsPerUnit[signal.unit];
  if (volts === undefined)
    throw new SignalbookError(`lead ${signal.label} is not in volts`, {
      found: `unit "${signal.unit}"`,
      expected: Object.keys(voltsPerUnit).join(", "),
    });
  return volts * 1e3;
}

/** Volts are shown in µV or mV, whichever gives numbers from 1 up for a deflection of `span` (in the signal's unit). */
export function displayUnit(unit: string, span: number): DisplayUnit {
  const volts = voltsPerUnit[unit];
  if (volts === undefined) return { unit: unit === "" ? "no unit" : unit, factor: 1 };
  return volts * span >= 1e-3 ? { unit: "mV", factor: volts * 1e3 } : { unit: "µV", factor: volts * 1e6 };
}

/** The smallest of 1, 2, 5 times a power of ten that is not below `value` (> 0). */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((candidate) => candidate * power >= value * (1 - 1e-9));
  return Number(((step ?? 10) * power).toPrecision(6));
}
