/** A process that caches 40 examples of one file, for the tests of the cache: `cache-child.ts FOLDER FILE FROM`. */
import { cacheSetup, cacheStats, ExampleCache } from "../../lib/training/cache";

const [folder, file, from] = process.argv.slice(2) as [string, string, string];
const setup = cacheSetup({ folder, parameters: { gain: 2 }, version: 1 });
const cache = new ExampleCache(setup);
let sum = 0;
for (let i = 0; i < 40; i++) {
  const part = (Number(from) + i) % 40;
  const { samples } = cache.arrays([file], part, () => ({ samples: new Float32Array(4000).fill(part) }));
  if (!samples!.every((value) => value === part)) throw new Error(`another example than ${part}`);
  sum += samples![0]!;
}
process.stdout.write(`${JSON.stringify({ sum, ...cacheStats(setup) })}\n`);
