/**
 * Strips of four epochs side by side, the input of the YAI team's image BiLSTM (MAIC 2021 sleep challenge,
 * https://github.com/oungji212/Sleep-AI-Challenge): some rows of the image, the current epoch last.
 */
import { SignalbookError } from "../core/errors";
import { checkImage, type Image } from "./image";

/** Rows of the 270 that a strip keeps, both ends included: the eyes alone (21), and EEG, eyes and chin (75). */
export const STRIP_ROWS = {
  eog: { first: 75, last: 95 },
  eegEogChin: { first: 32, last: 106 },
} as const;

/** Epochs a strip holds: two minutes. */
export const STRIP_EPOCHS = 4;

/**
 * Which epoch lies in each of the four slots of an epoch's strip, from left to right; -1 is black.
 *
 * As described, the slots hold the three epochs before and the current one. The published code keeps the index of its
 * last slot from the fourth epoch on and writes every crop into that slot, so all later strips hold the exam's first two
 * epochs and the current one: `asPublished` gives those, on which the published scores were made.
 * @param epoch position in its exam, from 0.
 */
export function stripSlots(epoch: number, { asPublished = false }: { asPublished?: boolean } = {}): number[] {
  if (!Number.isInteger(epoch) || epoch < 0)
    throw new SignalbookError("an epoch out of range", { found: String(epoch), expected: "an integer, 0 or more" });
  if (asPublished && epoch >= STRIP_EPOCHS - 1) return [-1, 0, 1, epoch];
  return Array.from({ length: STRIP_EPOCHS }, (_, slot) => Math.max(-1, epoch - STRIP_EPOCHS + 1 + slot));
}

/** Rows `first` to `last` of an image, both included. @throws SignalbookError for rows the image does not have. */
export function cropRows(
  image: Image<Uint8Array>,
  { first, last }: { first: number; last: number },
): Image<Uint8Array> {
  checkImage(image);
  const { width, height, channels, pixels } = image;
  if (!(Number.isInteger(first) && Number.isInteger(last) && first >= 0 && first <= last && last < height))
    throw new SignalbookError("rows that the image does not have", {
      found: `${first} to ${last}`,
      expected: `within 0 to ${height - 1}`,
    });
  const line = width * channels;
  return { width, height: last - first + 1, channels, pixels: pixels.slice(first * line, (last + 1) * line) };
}

/**
 * The strip of one epoch of an exam: [21 or 75, 1920], grey.
 * @param exam the images of one exam in the order of time; epochs of another exam have no place in a strip.
 * @throws SignalbookError for an epoch the exam does not have, and images that are not grey and of one size.
 */
export function epochStrip(
  exam: readonly Image<Uint8Array>[],
  epoch: number,
  { rows = STRIP_ROWS.eegEogChin, asPublished = false }: StripOptions = {},
): Image<Uint8Array> {
  const current = exam[epoch];
  if (current === undefined)
    throw new SignalbookError("an epoch that the exam does not have", {
      found: String(epoch),
      expected: exam.length === 0 ? "images" : `0 to ${exam.length - 1}`,
    });
  const { width } = current;
  const slots = stripSlots(epoch, { asPublished });
  const height = rows.last - rows.first + 1;
  const strip = {
    width: width * slots.length,
    height,
    channels: 1,
    pixels: new Uint8Array(width * slots.length * height),
  };
  slots.forEach((from, slot) => {
    if (from < 0) return;
    const image = exam[from]!;
    if (image.width !== width || image.height !== current.height || image.channels !== 1)
      throw new SignalbookError("images that do not fit side by side", {
        place: `epoch ${from}`,
        found: `${image.width} x ${image.height}, ${image.channels} channels`,
        expected: `${width} x ${current.height}, 1 channel`,
      });
    const { pixels } = cropRows(image, rows);
    for (let y = 0; y < height; y++)
      strip.pixels.set(pixels.subarray(y * width, (y + 1) * width), y * strip.width + slot * width);
  });
  return strip;
}

export interface StripOptions {
  /** Default: EEG, eyes and chin. */
  rows?: { first: number; last: number };
  /** The slots of the published code, see {@link stripSlots}. Default false. */
  asPublished?: boolean;
}

/** Where the network's five overlapping slices of a strip begin, and how wide they are, in pixels. */
export const STRIP_SLICES = { starts: [0, 380, 760, 1140, 1520], width: 400 } as const;
