/** A process that reads batches from threads and does not close its loader: it is to end by itself. */
import { workerLoader } from "../../lib/training/worker-loader";
import { noiseSource } from "./loader-examples";

async function read(): Promise<void> {
  const loader = workerLoader(noiseSource(8), { workers: 2 });
  const plans = [0, 1, 2, 3].map((seed) => ({ indices: Int32Array.of(seed, seed + 4), seed }));
  for await (const { ids } of loader.batches(plans)) process.stdout.write(`${ids.join(" ")}\n`);
}

void read();
