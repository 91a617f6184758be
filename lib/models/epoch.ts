/** The vocabulary of models that look at one epoch of sleep: how long it is and how often it was sampled. */
import { SignalbookError } from "../core/errors";
import { checkInteger } from "../nn";

export interface EpochOptions {
  /** Derivations. */
  channels?: number;
  /** Hz. Default 100. */
  sampleRate?: number;
  /** Default 30. */
  windowSeconds?: number;
  classes?: number;
}

/** The options with defaults filled in, and the samples they make. @throws SignalbookError for values out of range. */
export function settleEpoch(
  name: string,
  options: EpochOptions,
  defaults: { channels: number; classes: number },
): { config: Required<EpochOptions>; samples: number } {
  const { sampleRate = 100, windowSeconds = 30 } = options;
  const config = {
    channels: checkInteger(`${name}: channels`, options.channels ?? defaults.channels, 1, 1024),
    sampleRate,
    windowSeconds,
    classes: checkInteger(`${name}: classes`, options.classes ?? defaults.classes, 1, 100_000),
  };
  const samples = sampleRate * windowSeconds;
  if (!(sampleRate > 0 && windowSeconds > 0 && Number.isInteger(samples)))
    throw new SignalbookError(`${name}: a window that is no whole number of samples`, {
      found: `${windowSeconds} s at ${sampleRate} Hz`,
      expected: "a positive whole number of samples; published: 30 s at 100 Hz",
    });
  return { config, samples };
}

/** @throws SignalbookError unless the signal has the length the model was made for. */
export function needSamples(model: string, found: number, { config, samples }: ReturnType<typeof settleEpoch>): void {
  if (found === samples) return;
  throw new SignalbookError(`${model} was given a window of the wrong length`, {
    found: `${found} samples`,
    expected: `${samples}: ${config.windowSeconds} s at ${config.sampleRate} Hz, which it was made for`,
    fix: "resample or cut the window, or make the model with this sampleRate and windowSeconds",
  });
}
