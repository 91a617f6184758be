/** What functions over several channels share: the types of their samples, what is checked, how results are placed. */
import { SignalbookError } from "../core/errors";

/** Samples of one channel, as signals hold them. */
export type ChannelSamples = Float64Array | Float32Array | Int16Array;
/** Where a filtered channel is written. All is computed in double precision, and rounded once for a Float32Array. */
export type ChannelOutput = Float64Array | Float32Array;

/**
 * The arrays to write to: those given, or new ones.
 * @param length of each output channel.
 * @throws SignalbookError for channels of different lengths, and outputs of another number or length.
 */
export function outputsFor(
  channels: readonly ChannelSamples[],
  length: number,
  into?: readonly ChannelOutput[],
): readonly ChannelOutput[] {
  const expected = channels[0]?.length ?? 0;
  channels.forEach((channel, i) => {
    if (channel.length !== expected)
      throw new SignalbookError("channels of different lengths", {
        place: `channel ${i}`,
        found: `${channel.length} samples`,
        expected: `${expected}, as channel 0`,
        fix: "call this once for the channels of each length",
      });
  });
  if (into === undefined) return channels.map(() => new Float64Array(length));
  if (into.length !== channels.length || into.some((out) => out.length !== length))
    throw new SignalbookError("outputs that do not fit the channels", {
      found: `${into.length} of ${[...new Set(into.map((out) => out.length))].join(", ")} samples`,
      expected: `${channels.length} of ${length} samples`,
    });
  return into;
}
