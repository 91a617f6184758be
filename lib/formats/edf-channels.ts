/** Which signals of an EDF file are meant: by label, by index, or by label and occurrence where labels repeat. */
import { SignalbookError } from "../core/errors";
import type { EdfSignalHeader } from "./edf-header";
import { quoted } from "./text";

/**
 * A label ("EEG Fpz-Cz"), a position among all signals of the file (the header's `index`), or, where labels repeat, a
 * label and which of its signals, from 1: `{ label: "EEG", occurrence: 2 }`, or "EEG#2" for short.
 */
export type EdfChannel = string | number | { readonly label: string; readonly occurrence: number };

/** @throws SignalbookError for a signal that is not there, and for a label of several. */
export function selectChannels(
  signals: readonly EdfSignalHeader[],
  channels: readonly EdfChannel[] | undefined,
  file: string,
): readonly EdfSignalHeader[] {
  return channels === undefined ? signals : channels.map((channel) => selectChannel(signals, channel, file));
}

function selectChannel(signals: readonly EdfSignalHeader[], channel: EdfChannel, file: string): EdfSignalHeader {
  const byLabel = typeof channel === "string";
  let match: EdfSignalHeader | null = null;
  let several = false;
  for (const signal of signals) {
    if ((byLabel ? signal.label : signal.index) !== channel) continue;
    several ||= match !== null;
    match = signal;
  }
  if (several)
    throw new SignalbookError("a label of several signals", {
      file,
      found: `indices ${signals
        .filter(({ label }) => label === channel)
        .map(({ index }) => index)
        .join(", ")}`,
      expected: quoted(String(channel)),
      fix: `name the signal by its index, or by its occurrence: ${quoted(`${String(channel)}#2`)}`,
    });
  if (match !== null) return match;
  const short = typeof channel === "string" ? /^(.*)#(\d+)$/.exec(channel) : null;
  const wanted =
    typeof channel === "object" ? channel : short && { label: short[1]!.trim(), occurrence: Number(short[2]) };
  const found = wanted && signals.filter(({ label }) => label === wanted.label)[wanted.occurrence - 1];
  if (found) return found;
  const labels = signals.map(({ label }) => label);
  throw new SignalbookError("a signal that is not there", {
    file,
    found: `${labels.slice(0, 12).map(quoted).join(", ")}${labels.length > 12 ? " ..." : ""}`,
    expected:
      typeof channel === "object"
        ? `number ${channel.occurrence} of ${quoted(channel.label)}`
        : typeof channel === "string"
          ? quoted(channel)
          : `index ${channel}`,
    fix: "check the label, blanks included",
  });
}
