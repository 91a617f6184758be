/** Our side of loader.bench.ts: `loader-side.ts FOLDER CASE SAVE`. Examples a second, and processor time of each. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageSource } from "../lib/training/image-source";
import type { BatchPlan } from "../lib/training/loader";
import { type WorkerSource, workerLoader } from "../lib/training/worker-loader";
import type { SignalSetup } from "./loader-signals";

const [folder, task, save] = process.argv.slice(2) as [string, "images" | "signals", string];
const setup = JSON.parse(readFileSync(join(folder, "setup.json"), "utf8")) as {
  workers: number[];
  epochs: number;
  prefetch: number;
  side: number;
  images: string[];
  signals: SignalSetup;
  plans: { indices: number[]; seed: number }[];
};

function source(): WorkerSource {
  if (task === "images") {
    const files = setup.images.map((path, i) => ({ id: String(i), path, group: "", target: [1] }));
    const options = { height: setup.side, width: setup.side, augmentation: "system 000, steps only" } as const;
    return imageSource("images", ["any"], files, options);
  }
  const ids = setup.signals.paths.map((_, i) => String(i));
  const { length, leads } = setup.signals;
  return {
    dataset: {
      name: "signals",
      length: ids.length,
      inputShape: [length, leads],
      extraLengths: {},
      classes: ["any"],
      ids,
      groups: ids,
    },
    weighted: false,
    module: join(__dirname, "loader-signals.ts"),
    shared: setup.signals,
  };
}

async function run(): Promise<void> {
  const plans = setup.plans.map(({ indices, seed }): BatchPlan => ({ indices: Int32Array.from(indices), seed }));
  const results: Record<string, { perSecond: number; processorMilliseconds: number }> = {};
  for (const workers of setup.workers) {
    const loader = workerLoader(source(), { workers, prefetch: setup.prefetch * workers });
    let examples = 0;
    let [started, before] = [0, process.cpuUsage()];
    // The first epoch starts threads and compiles what they run.
    for (let epoch = 0; epoch <= setup.epochs; epoch++) {
      if (epoch === 1) [started, before, examples] = [performance.now(), process.cpuUsage(), 0];
      let first = epoch === 0 && save === "yes" && workers === setup.workers[0];
      for await (const batch of loader.batches(plans)) {
        if (first) writeFileSync(join(folder, `ours-${task}.f32`), new Uint8Array(batch.input.slice().buffer));
        first = false;
        examples += batch.size;
      }
    }
    const { user, system } = process.cpuUsage(before);
    results[workers] = {
      perSecond: examples / ((performance.now() - started) / 1000),
      processorMilliseconds: (user + system) / 1000 / examples,
    };
    await loader.close();
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
}

void run();
