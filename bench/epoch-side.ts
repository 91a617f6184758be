/**
 * One epoch of fit on images, as epoch.bench.ts runs it: `epoch-side.ts FOLDER MODEL BATCH STEPS WORKERS`. The images are
 * PNG files, decoded, resized and augmented in worker threads. Prints the second epoch's timing (the first one traces and
 * starts threads), and what a step takes by itself, on a batch that lies ready.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Generator } from "../lib/core/random";
import { createModel } from "../lib/models";
import { blankImage, encodePng } from "../lib/preprocessing";
import { adam, constantRate, crossEntropy } from "../lib/training";
import { fit } from "../lib/training/fit";
import { imageSource } from "../lib/training/image-source";
import { createTrainStep } from "../lib/training/train-step";
import { workerLoader } from "../lib/training/worker-loader";

const [folder, name] = process.argv.slice(2) as [string, string];
const [batchSize, steps, workers] = process.argv.slice(4).map(Number) as [number, number, number];
const [classes, side, epochs, warmUps] = [["first", "second"], 224, 2, 1];

/** Bars of random heights, as large as the MAIC challenge's images. */
function bars(random: Generator): Promise<Uint8Array> {
  const image = blankImage(480, 270);
  const heights = Array.from({ length: image.width }, () => random.below(image.height));
  image.pixels.forEach((_, i) => {
    if (Math.floor(i / image.width) < heights[i % image.width]!) image.pixels[i] = 255;
  });
  return encodePng(image);
}

async function main(): Promise<void> {
  const random = new Generator(1);
  const files = [];
  for (let i = 0; i < batchSize * steps; i++) {
    const path = join(folder, `${i}.png`);
    writeFileSync(path, await bars(random));
    files.push({ id: String(i), path, group: String(i), target: i % 2 === 0 ? [1, 0] : [0, 1] });
  }
  const source = imageSource("images", classes, files, {
    ...{ height: side, width: side, augmentation: "system 000, steps only" as const },
  });
  const loader = workerLoader(source, { workers });
  const model = createModel(name as "resnet50", { classes: classes.length }, new Generator(0));
  const [loss, optimizer, seed] = [crossEntropy(), adam(), 1];
  const run = { model, loader, loss, optimizer, schedule: constantRate(1e-4), batchSize, epochs, seed };
  const checkpoint = { folder: join(folder, name), resume: false };
  const { history } = await fit({ ...run, checkpoint });

  const slots = optimizer.create(model.parameters);
  const { inputShape } = source.dataset;
  const step = createTrainStep({
    model,
    loss,
    optimizer: slots,
    inputShape,
    seed,
    precision: "float32",
    weighted: false,
  });
  const alone: number[] = [];
  const plan = { indices: Int32Array.from({ length: batchSize }, (_, i) => i), seed };
  for await (const batch of loader.batches([plan]))
    for (let i = 0; i < warmUps + steps; i++) {
      const started = performance.now();
      await step.run(batch, i, 1e-4);
      if (i >= warmUps) alone.push((performance.now() - started) / 1000);
    }
  await loader.close();
  const { timing, loss: reached } = history[1]!;
  process.stdout.write(`${JSON.stringify({ timing, steps, alone, loss: reached })}\n`);
}

void main();
