/** Snappy's raw format (https://github.com/google/snappy/blob/main/format_description.txt), decompression. */

/**
 * @param length of the decompressed bytes, as the container says; memory is taken only when the stream says the same.
 * @throws RangeError saying what is wrong, where the stream is damaged.
 */
export function snappyDecompress(input: Uint8Array, length: number): Uint8Array {
  let from = 0;
  let stated = 0;
  for (let scale = 1; ; scale *= 128) {
    if (from >= input.length || from > 4) throw new RangeError("a Snappy stream without a length");
    const byte = input[from++]!;
    stated += (byte & 127) * scale;
    if (byte < 128) break;
  }
  // A copy of 64 bytes takes three: no stream grows by more than 64 / 3.
  if (stated !== length || length > 32 * input.length + 64)
    throw new RangeError(`a Snappy stream of ${stated} bytes where ${length} are expected`);
  const output = new Uint8Array(length);
  let to = 0;
  while (from < input.length) {
    const tag = input[from++]!;
    let size: number;
    let back: number;
    switch (tag & 3) {
      case 0: {
        size = tag >> 2;
        if (size >= 60) {
          const bytes = size - 59;
          size = 0;
          for (let i = 0; i < bytes; i++) size += (input[from + i] ?? 0) * 2 ** (8 * i);
          from += bytes;
        }
        size++;
        if (from + size > input.length || to + size > length) throw new RangeError("a Snappy literal past the end");
        if (size > 24) output.set(input.subarray(from, from + size), to);
        else for (let i = 0; i < size; i++) output[to + i] = input[from + i]!;
        from += size;
        to += size;
        continue;
      }
      case 1:
        size = ((tag >> 2) & 7) + 4;
        back = ((tag >> 5) << 8) | (input[from] ?? 0);
        from += 1;
        break;
      case 2:
        size = (tag >> 2) + 1;
        back = (input[from] ?? 0) | ((input[from + 1] ?? 0) << 8);
        from += 2;
        break;
      default:
        size = (tag >> 2) + 1;
        back = (input[from] ?? 0) + (input[from + 1] ?? 0) * 2 ** 8 + (input[from + 2] ?? 0) * 2 ** 16;
        back += (input[from + 3] ?? 0) * 2 ** 24;
        from += 4;
    }
    if (back === 0 || back > to || to + size > length) throw new RangeError("a Snappy copy from outside the output");
    // Byte by byte: a copy may overlap itself, that is how runs are written.
    for (let i = 0; i < size; i++, to++) output[to] = output[to - back]!;
  }
  if (to !== length) throw new RangeError(`a Snappy stream that ends after ${to} of ${length} bytes`);
  return output;
}
