/**
 * The mirrored head: what was recorded over the left is put in the place of the right, and the other way round. Seizures
 * and periodic discharges keep their class; which side they are on changes.
 */
import { SignalbookError } from "../core/errors";
import type { Signal } from "../formats";
import { electrodeKey } from "../preprocessing/electrodes";
import type { FloatImage } from "./image";

/** Electrodes of the head, the ears and the eyes in the 10-10 system: odd numbers are left, even ones right. */
const SIDED = /^(?:FP|AF|F|FT|FC|T|TP|C|CP|P|PO|O|I|A|M|E)(\d+)$/;

/** The label of the mirrored place: "C3-M2" for "C4-M1". Labels without a side (Cz, EKG, chin) stay as they are. */
export function mirroredLabel(label: string): string {
  return label
    .split("-")
    .map((part) => {
      const key = electrodeKey(part);
      const number = SIDED.exec(key)?.[1];
      if (number === undefined) return key;
      const mirrored = Number(number) % 2 === 1 ? Number(number) + 1 : Number(number) - 1;
      return electrodeKey(key.replace(number, String(mirrored)));
    })
    .join("-");
}

/**
 * For each channel, the position of the one that takes its place in a mirrored head.
 * @throws SignalbookError when a side is there and its mirror image is not, or twice.
 */
export function flipPermutation(labels: readonly string[]): number[] {
  const keys = labels.map((label) =>
    label
      .split("-")
      .map((part) => electrodeKey(part))
      .join("-"),
  );
  return labels.map((label, i) => {
    const mirrored = mirroredLabel(label);
    if (mirrored === keys[i]) return i;
    const found = [...keys.keys()].filter((k) => keys[k] === mirrored);
    if (found.length !== 1)
      throw new SignalbookError("a head that cannot be mirrored", {
        place: `channel ${label}`,
        found: labels.join(", "),
        expected: `${mirrored} once`,
        fix: "leave out electrodes without a partner on the other side",
      });
    return found[0]!;
  });
}

/**
 * The mirrored head: each label with the samples of its mirror image. Twice is the recording itself. Samples are not copied.
 */
export function flipSignals(signals: readonly Signal[]): Signal[] {
  const permutation = flipPermutation(signals.map(({ label }) => label));
  return signals.map(({ label }, i) => ({ ...signals[permutation[i]!]!, label }));
}

/** Left temporal, left parasagittal, right, right of both HMS spectrograms: left and right change places. */
export const HMS_BLOCK_FLIP: readonly number[] = [2, 3, 0, 1];

/**
 * An image whose columns are `order.length` blocks of one width, the blocks in another order: block i of the result is
 * block order[i]. The ten-minute spectrogram ([300, 400]: LL, LP, RL, RP of 100 frequencies) and the fifty-second one
 * ([226, 512]: four chains of 128) are both mirrored by {@link HMS_BLOCK_FLIP}.
 */
export function permuteBlocks(image: FloatImage, order: readonly number[] = HMS_BLOCK_FLIP): FloatImage {
  const { height, width, channels } = image;
  if (order.length === 0 || width % order.length !== 0 || [...order].sort((a, b) => a - b).some((n, i) => n !== i))
    throw new SignalbookError("columns that are no such blocks", {
      found: `${width} columns, blocks ${order.join(", ")}`,
      expected: "a width that is a multiple of the number of blocks, and each block once",
    });
  const row = width * channels;
  const block = row / order.length;
  const pixels = new Float32Array(image.pixels.length);
  for (let at = 0; at < height * row; at += row)
    order.forEach((from, i) => {
      pixels.set(image.pixels.subarray(at + from * block, at + (from + 1) * block), at + i * block);
    });
  return { ...image, pixels };
}

/** What an HMS image is made of, before it is drawn. */
export interface HmsParts {
  /** Electrodes against the recording's reference, and EKG. */
  signals: readonly Signal[];
  /** The 10 minutes: time down, frequencies of four regions across. */
  minutes: FloatImage;
  /** The 50 seconds: time down, bands of four chains across. */
  seconds: FloatImage;
}

/** All parts of the mirrored head, as system 002 flips them: before traces are drawn, so with the same clip constants. */
export function flipHms({ signals, minutes, seconds }: HmsParts): HmsParts {
  return {
    signals: flipSignals(signals),
    minutes: permuteBlocks(minutes),
    seconds: permuteBlocks(seconds),
  };
}
