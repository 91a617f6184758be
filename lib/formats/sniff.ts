/** What a file's first bytes look like, whatever its name says. */

/** Whether all bytes are characters of a text: printable, blanks, line ends, or beyond ASCII. */
export function looksLikeText(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}
