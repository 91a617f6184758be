/** A small learning task, for tests of the training loop; worker threads load it without the engine. */
import { Generator } from "../../lib/core/random";
import { type Dataset, type Example, memoryDataset } from "../../lib/training/dataset";

const SAMPLES = 64;

/** Two classes of two-channel noise: a wave in the first channel, a wave in the second; any, both or none. */
export function toyDataset(name: string, length: number, seed: number): Dataset {
  const random = new Generator(seed);
  const examples = Array.from({ length }, (_, i): Example => {
    const target = Float32Array.of(random.below(2), random.below(2));
    const input = new Float32Array(SAMPLES * 2);
    const phase = random.uniform(0, 2 * Math.PI);
    for (let t = 0; t < SAMPLES; t++) {
      for (let c = 0; c < 2; c++)
        input[t * 2 + c] = random.normal() + 2 * target[c]! * Math.sin(phase + (t * (c + 1)) / 3);
    }
    return { id: `${name}-${i}`, input, extras: {}, target, group: `${name}-${i}`, weight: 1 };
  });
  return memoryDataset(name, ["first", "second"], [SAMPLES, 2], examples);
}
