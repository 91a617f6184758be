/**
 * Our side of the bench of polysomnography images: an exam's arrays as a folder of PNG files, timed from the start of the
 * worker threads to the last file. Usage: psg-images-exam.ts INPUT OUTPUT. Prints {"seconds", "images"} last.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MAIC_LAYOUT, type PsgTrace, writePsgExam } from "/work/main/lib/preprocessing";

/** What psg-images.bench.ts writes: one entry a row of the layout; samples lie in `<name>.f32`. */
export interface ExamInput {
  seconds: number;
  rows: { name: string; sampleRate: number; low: number; high: number; file: string }[];
}

function trace(folder: string, { name, sampleRate, low, high, file }: ExamInput["rows"][number]): PsgTrace {
  const bytes = readFileSync(join(folder, file));
  const samples = new Float32Array(new SharedArrayBuffer(bytes.length));
  new Uint8Array(samples.buffer).set(bytes);
  return { label: name, unit: "", sampleRate, samples, low, high };
}

async function main(input: string, output: string): Promise<void> {
  const exam = JSON.parse(readFileSync(join(input, "exam.json"), "utf8")) as ExamInput;
  const traces = exam.rows.map((row) => trace(input, row));
  const rest = { source: input, start: null, layout: MAIC_LAYOUT, missing: [], unused: [], duration: exam.seconds };
  const started = performance.now(); const c0 = process.cpuUsage();
  const { images } = await writePsgExam(output, { id: "ours", traces, ...rest });
  const c1 = process.cpuUsage(c0); console.error("cpu s in timed part", (c1.user + c1.system) / 1e6);
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - started) / 1000, images: images.length })}\n`);
}

if (require.main === module)
  main(process.argv[2]!, process.argv[3]!).catch((error: unknown) => {
    process.stderr.write(`${(error as Error).stack}\n`);
    process.exitCode = 1;
  });
