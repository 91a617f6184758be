/**
 * An exam of 1,000 epochs as the MAIC challenge's images, from arrays in memory to PNG files, on all cores: ours beside the
 * same drawing in NumPy and Pillow. The clock of each side includes starting its threads or processes.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { SignalbookError } from "../lib/core/errors";
import { Generator } from "../lib/core/random";
import { MAIC_LAYOUT } from "../lib/preprocessing";
import type { BenchRow } from "../lib/report/speed";
import { alternate, median, type ProcessRun, peersAvailable, runBench, runOurs, runPeer, writeBench } from "./harness";
import type { ExamInput } from "./psg-images-exam";

const epochs = 1000;
const rounds = 3;
const goal = 3;
/** Every one of so many images is compared pixel by pixel. */
const compareEvery = 25;

/** Sampling rates of a clinical recorder, by the layout's rows, in Hz. */
const rates = [...[20, 20, 20], ...new Array(10).fill(200), 25, 25, 200, 100, 200, 200, 3, 3] as number[];

/**
 * Writes an exam that looks like a night to a line drawer: noise that wanders about the middle of each row, often beyond
 * its edges. Scaled to -1 .. 1 but for the two rows of saturation, which hold one slow signal.
 */
function writeExam(folder: string): void {
  const random = new Generator(2021);
  const seconds = epochs * MAIC_LAYOUT.epochSeconds;
  const rows = MAIC_LAYOUT.rows.map(({ name, scale }, i): ExamInput["rows"][number] => {
    const sampleRate = rates[i]!;
    const file = `${i}.f32`;
    const [low, high] = scale.kind === "physical" && scale.unit === "%" ? [scale.low, scale.high] : [-1, 1];
    const samples = new Float32Array(seconds * sampleRate);
    const [centre, spread] = high === 100 ? [94, 6] : [0, 0.35];
    // Half its power below a hertz or so, as in EEG and breathing alike.
    const memory = Math.exp(-4 / sampleRate);
    let value = 0;
    for (let k = 0; k < samples.length; k++) {
      value = memory * value + Math.sqrt(1 - memory * memory) * 3.5 * (random.random() - 0.5);
      samples[k] = centre! + spread! * value;
    }
    writeFileSync(join(folder, file), new Uint8Array(samples.buffer));
    return { name, sampleRate, low: low!, high: high!, file };
  });
  writeFileSync(join(folder, "exam.json"), JSON.stringify({ seconds, rows } satisfies ExamInput));
}

interface Side {
  seconds: number;
  images: number;
}

function side({ output }: ProcessRun): Side {
  const { seconds, images } = output as Side;
  if (images !== epochs)
    throw new SignalbookError("a side drew another number of images", { found: `${images}`, expected: `${epochs}` });
  return { seconds, images };
}

const grey = (path: string): Promise<Buffer> => sharp(readFileSync(path)).extractChannel(0).raw().toBuffer();

/** Compares images of both sides. @returns how many, and the largest difference of a pixel. */
async function compare(folder: string): Promise<{ compared: number; largestDifference: number }> {
  let compared = 0;
  let largestDifference = 0;
  for (let epoch = 1; epoch <= epochs; epoch += compareEvery) {
    const name = `${String(epoch).padStart(4, "0")}.png`;
    const [ours, theirs] = (await Promise.all(
      ["ours", "peer"].map((who) => grey(join(folder, who, `${who}_${name}`))),
    )) as [Buffer, Buffer];
    if (ours.length !== theirs.length) throw new SignalbookError("images of different size", { place: name });
    for (let i = 0; i < ours.length; i++)
      largestDifference = Math.max(largestDifference, Math.abs(ours[i]! - theirs[i]!));
    compared++;
  }
  if (largestDifference > 0)
    throw new SignalbookError("images that differ", {
      found: `a pixel by ${largestDifference}`,
      expected: "equal pixels",
    });
  return { compared, largestDifference };
}

async function main(folder: string): Promise<void> {
  const input = join(folder, "input");
  mkdirSync(input);
  writeExam(input);
  const begun = { ours: 0, peer: 0 };
  const into = (who: keyof typeof begun): string => {
    const output = join(folder, `out${begun[who]++}`);
    mkdirSync(output, { recursive: true });
    return output;
  };
  const ours = (): Promise<ProcessRun> => runOurs("psg-images-exam.ts", [input, into("ours")]);
  const peer = (): Promise<ProcessRun> => runPeer("peers/psg_images.py", [input, into("peer")]);
  const both = peersAvailable();
  const runs = await alternate<"ours" | "peer", ProcessRun>(
    (both ? { ours, peer } : { ours }) as Record<"ours" | "peer", () => Promise<ProcessRun>>,
    { rounds, warmUps: 0 },
  );
  const seconds = Object.fromEntries(
    Object.entries(runs).map(([name, done]) => [name, done.map((run) => side(run).seconds)]),
  );
  const line = (name: string): string =>
    `psg images, ${epochs} epochs, ${name}: ${median(seconds[name]!).toFixed(2)} s, ` +
    `${(epochs / median(seconds[name]!)).toFixed(0)} images/s\n`;
  process.stdout.write(line("ours"));
  const figures: Record<string, unknown> = { epochs, rounds, goal, seconds };
  if (both) {
    const { compared } = await compare(join(folder, "out0"));
    const ratio = median(seconds["peer"]!) / median(seconds["ours"]!);
    process.stdout.write(line("peer"));
    process.stdout.write(`${compared} images compared: equal, pixel by pixel\n`);
    process.stdout.write(
      `psg images: ${ratio.toFixed(2)} times NumPy and Pillow (goal: at least ${goal.toFixed(1)})\n`,
    );
    Object.assign(figures, { compared, ratio });
  } else process.stdout.write("the peers are missing: only ours was measured\n");
  const told = (name: string): string => `${median(seconds[name]!).toFixed(2)} s`;
  const row: BenchRow = {
    work: `an exam of ${epochs} epochs as MAIC-style PNG images, all cores`,
    beside: both ? "NumPy and Pillow, all cores" : "no peer",
    ...{ ours: told("ours"), peer: both ? told("peer") : null, goal },
    ratio: both ? median(seconds["peer"]!) / median(seconds["ours"]!) : null,
  };
  process.stdout.write(`${writeBench("psg-images", [row], figures)}\n`);
}

runBench("psg-images", main);
