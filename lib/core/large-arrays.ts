/**
 * Large arrays in huge pages. A night's channel is some 50 MB: in pages of 4 KiB its first writes cost more than reading
 * the file, because the system hands out every page on its own. Asked to, Linux hands out 2 MiB at a time (NumPy asks
 * the same for its arrays). Elsewhere, and where the C library cannot be asked, arrays are what they always were.
 */
import koffi from "koffi";

export type NumberArray = Float64Array | Float32Array | Int32Array | Int16Array;

/** Below this many bytes it makes no difference. */
const LARGE_BYTES = 1 << 22;
const PAGE_BYTES = 4096n;
/** MADV_HUGEPAGE of madvise(2). */
const HUGE_PAGES = 14;

type Advise = (address: bigint, bytes: bigint, advice: number) => number;
let advise: Advise | null | undefined;

/** An array of zeros, in huge pages where it is large and the system has them. */
export function largeArray<Type extends NumberArray>(type: new (length: number) => Type, length: number): Type {
  const array = new type(length);
  if (array.byteLength < LARGE_BYTES) return array;
  advise ??= loadAdvise();
  if (advise === null) return array;
  const begin = BigInt(koffi.address(array));
  const first = ((begin + PAGE_BYTES - 1n) / PAGE_BYTES) * PAGE_BYTES;
  const last = ((begin + BigInt(array.byteLength)) / PAGE_BYTES) * PAGE_BYTES;
  // Advice that is not taken changes nothing but the speed.
  advise(first, last - first, HUGE_PAGES);
  return array;
}

function loadAdvise(): Advise | null {
  if (process.platform !== "linux") return null;
  try {
    const madvise = koffi.load("libc.so.6").func("madvise", "int", ["uintptr_t", "size_t", "int"]);
    return (address, bytes, advice) => madvise(address, bytes, advice) as number;
  } catch {
    return null; // another C library
  }
}
