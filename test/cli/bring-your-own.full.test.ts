import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { Generator } from "../../lib/core/random";
import {
  BEETL_SAMPLE_RATE,
  BEETL_WINDOW,
  RK_TO_AASM,
  readCsvHypnogram,
  readEdfHypnogram,
  writeEdf,
  writeHypnogramCsv,
} from "../../lib/formats";
import { drawSleeper, sampleStageStatistics, simulateBeetlNight } from "../../lib/simulation";
import { scratchFolder } from "../support/problems";

const notebook = "90_bring_your_own.ipynb";

/** Runs the notebook on a recording. @returns its outputs' MIME types and texts. */
function explore(folder: string, recording: string, hypnogram = ""): { figures: number; text: string } {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(projectRoot, "scripts", "signalbook.cjs"), "run", "--output", folder, join("notebooks", notebook)],
    {
      cwd: projectRoot,
      encoding: "utf8",
      env: {
        ...process.env,
        SIGNALBOOK_OUTPUTS: folder,
        SIGNALBOOK_RECORDING: recording,
        SIGNALBOOK_HYPNOGRAM: hypnogram,
      },
    },
  );
  assert.equal(status, 0, `${recording}: ${stderr.slice(-2000)}`);
  const { cells } = JSON.parse(readFileSync(join(folder, notebook), "utf8")) as {
    cells: { outputs?: { data?: Record<string, unknown>; text?: string | string[] }[] }[];
  };
  const outputs = cells.flatMap((cell) => cell.outputs ?? []);
  const texts = outputs.flatMap(({ data, text }) => [data?.["text/plain"], text]).flat();
  return {
    figures: outputs.filter(({ data }) => data?.["image/svg+xml"] !== undefined).length,
    text: texts.join("\n"),
  };
}

test("recordings of every kind are explored: uneven rates, double labels, triggers, gaps, annotations alone", (t) => {
  const folder = scratchFolder(t);
  const fixture = (name: string): string => join("test", "fixtures", "edf", name);
  for (const [recording, figures, says] of [
    [fixture("test_uneven_samp.edf"), 3, /12\.8/],
    [fixture("duplicate_channel_labels.edf"), 3, /EEG F1-Ref/],
    [fixture("test_bdf_stim_channel.bdf"), 3, /BDF/],
    // Twelve minutes of an electrode: long enough to be staged, which is the fourth figure.
    [fixture("test_utf8.edf"), 4, /中文[\s\S]*Stages by the network/],
    [join("test", "golden", "formats", "gaps.edf"), 1, /2 gaps/],
    [join("data", "sample", "sleep-edf", "SC4001EC-Hypnogram.edf"), 0, /no signals, only annotations[\s\S]*326\.5 min/],
  ] as const) {
    const shown = explore(folder, recording);
    assert.equal(shown.figures, figures, recording);
    assert.match(shown.text, says, recording);
  }
});

test("a recording with its hypnogram", (t) => {
  const folder = scratchFolder(t);
  const stages = join(folder, "stages.txt");
  writeFileSync(stages, "W\nN1\nN2\nREM\n");
  const { figures, text } = explore(folder, join("data", "sample", "psg", "subject1.edf"), stages);
  assert.equal(figures, 8);
  assert.match(text, /total sleep time\s+1\.5 min/);
  assert.match(text, /Nothing to stage/, "two minutes are no night");
});

test("a night is staged: a figure, statistics, agreement with its hypnogram, and files that are read back", (t) => {
  const folder = scratchFolder(t);
  const random = new Generator(5);
  const epochs = 24;
  const night = simulateBeetlNight(drawSleeper(50, random), epochs, sampleStageStatistics(), random);
  const samples = new Float32Array(epochs * BEETL_WINDOW);
  for (let epoch = 0; epoch < epochs; epoch++)
    samples.set(night.windows.subarray(2 * epoch * BEETL_WINDOW, (2 * epoch + 1) * BEETL_WINDOW), epoch * BEETL_WINDOW);
  const recording = join(folder, "mine.edf");
  writeEdf(recording, { signals: [{ label: "EEG Fpz-Cz", unit: "uV", sampleRate: BEETL_SAMPLE_RATE, samples }] });
  const scored = join(folder, "mine.csv");
  writeHypnogramCsv(scored, { epochSeconds: 30, stages: night.stages.map((stage) => RK_TO_AASM[stage]) });
  const { text } = explore(folder, recording, scored);
  for (const said of [
    /AttnSleep learnt from \d+ windows/,
    /Sleep statistics by the network, mine\.edf/,
    /as scored \(%\)/,
  ])
    assert.match(text, said);
  const kept = join(folder, "own", "mine-stages");
  const { stages } = readEdfHypnogram(`${kept}.edf`);
  assert.equal(stages.length, epochs);
  assert.deepEqual(readCsvHypnogram(`${kept}.csv`).stages, stages);
});
