/** A pickle of one NumPy array, protocol 4, as NumPy 1 writes it: for layouts too large to keep as files. */
export function pickledArray(type: string, shape: readonly number[], data: Float64Array): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x8c, value.length]), Buffer.from(value)]);
  const integer = (value: number): Buffer => {
    const bytes = Buffer.alloc(5, "J");
    bytes.writeInt32LE(value, 1);
    return bytes;
  };
  const name = (module: string, attribute: string): Buffer =>
    Buffer.concat([text(module), text(attribute), Buffer.from([0x93])]);
  const length = Buffer.alloc(9, 0x8e);
  length.writeBigUInt64LE(BigInt(data.byteLength), 1);
  const ops = (letters: string): Buffer => Buffer.from(letters, "latin1");
  return Buffer.concat([
    ops("\x80\x04"),
    name("numpy.core.multiarray", "_reconstruct"),
    name("numpy", "ndarray"),
    ops("K\x00\x85C\x01b\x87R(K\x01("),
    ...shape.map(integer),
    ops("t"),
    name("numpy", "dtype"),
    text(type),
    ops("\x89\x88\x87R(K\x03"),
    text("<"),
    ops("NNN"),
    integer(-1),
    integer(-1),
    ops("K\x00tb\x89"),
    length,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
    ops("tb."),
  ]);
}
