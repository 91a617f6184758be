/** NumPy's .npz files: a ZIP archive of .npy arrays, as numpy.savez and savez_compressed write it. */

import type { NdArray } from "./ndarray";
import { decodeNpy } from "./npy";
import { readBytes } from "./text";
import { zipEntries } from "./zip";

/**
 * Reads all arrays, by name (without ".npy").
 * @throws SignalbookError for another format, a damaged archive, and an array that {@link decodeNpy} refuses.
 */
export function readNpz(path: string): Map<string, NdArray> {
  const bytes = readBytes(path, "a .npz archive");
  return new Map(
    zipEntries(bytes, path).map((entry) => {
      const name = entry.name.replace(/\.npy$/, "");
      return [name, decodeNpy(entry.read(), path, `array "${name}"`)];
    }),
  );
}
