import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c, encodeRecord, maskedCrc32c } from "../../lib/formats/tfrecord";

test("CRC-32C: the vectors of RFC 3720, and of the usual check word", () => {
  const upwards = Uint8Array.from({ length: 32 }, (_, i) => i);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(upwards), 0x46dd794e);
  assert.equal(crc32c(upwards.slice().reverse()), 0x113fdb5c);
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(0)), 0);
});

test("a record as TensorBoard 2.21 writes it: the first one of an event file, byte for byte", () => {
  const event = Buffer.concat([Buffer.from("0900001040fc54d9411a0d", "hex"), Buffer.from("brain.Event:2")]);
  const expected = `1800000000000000a37f4b22${event.toString("hex")}338d2fe9`;
  assert.equal(Buffer.from(encodeRecord(event)).toString("hex"), expected);
  assert.equal(maskedCrc32c(event), 0xe92f8d33);
});
