import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Generator } from "../../lib/core/random";
import { compiledModules } from "../../lib/core/worker-modules";
import { readCheckpoint } from "../../lib/training/checkpoint";
import { readMetricsFile } from "../../lib/training/metrics-file";
import { readScalars } from "./events";
import { FINAL } from "./long-run";

const KILLS = 20;

const longRun = join(__dirname, "long-run.ts");
/** As TypeScript files are loaded here, but compiled already: twenty processes start, each with the whole program. */
const start = `
  const [sourcesFile, folder] = process.argv.slice(1);
  const sources = new Map(JSON.parse(require("node:fs").readFileSync(sourcesFile, "utf8")));
  require.extensions[".ts"] = (module, file) => module._compile(sources.get(file), file);
  require(${JSON.stringify(longRun)}).waitAndRun(folder);
`;

/** A process that loads the program and waits to be told to begin. */
function startProcess(folder: string): ChildProcess {
  const sources = join(dirname(folder), "sources.json");
  return spawn(process.execPath, ["-e", start, sources, folder], { stdio: ["pipe", "pipe", "pipe"] });
}

/** Lets the process train; kills it so many milliseconds after its first step. Says what ended it, and when. */
function train(child: ChildProcess, killAfter: number | null): Promise<{ killed: boolean; milliseconds: number }> {
  return new Promise((resolve, reject) => {
    let errors = "";
    let ready: number | undefined;
    child.stdout!.on("data", () => {
      if (ready === undefined && killAfter !== null) setTimeout(() => child.kill("SIGKILL"), killAfter);
      ready ??= performance.now();
    });
    child.stderr!.on("data", (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const milliseconds = performance.now() - (ready ?? performance.now());
      if (code === 0 || signal === "SIGKILL") resolve({ killed: code !== 0, milliseconds });
      else reject(new Error(`the run ended by itself: ${errors}`));
    });
    child.stdin!.write("go\n");
  });
}

/** What a killed process left behind in the folder, in words. */
function momentOf(folder: string): string {
  const names = readdirSync(folder);
  if (names.some((name) => name.endsWith(".tmp"))) return "while a file was written";
  if (!names.includes("checkpoint.json")) return "before the first checkpoint";
  const { weights, best } = JSON.parse(readFileSync(join(folder, "checkpoint.json"), "utf8"));
  const named = [weights.file, best?.file];
  if (names.some((name) => name.endsWith(".safetensors") && !named.includes(name)))
    return "between a weight file and the clean-up";
  return readCheckpoint(folder).state.position === 0 ? "behind an epoch's checkpoint" : "within an epoch";
}

test("20 kills at random moments: the same weights at the end, bit for bit, and nothing told twice", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "kills-"));
  const random = new Generator(20);
  const moments: Record<string, number> = {};
  try {
    writeFileSync(join(root, "sources.json"), JSON.stringify([...compiledModules([longRun])]));
    const undisturbed = join(root, "undisturbed");
    const { milliseconds } = await train(startProcess(undisturbed), null);
    const expected = readFileSync(join(undisturbed, FINAL));
    const scalars = readScalars(join(undisturbed, "events"));
    const told = toldBy(undisturbed);
    assert.ok(told.length > 100, "long enough for kills anywhere");

    let kills = 0;
    for (let runs = 0; kills < KILLS; runs++) {
      const folder = join(root, `killed-${runs}`);
      for (let done = false, next = startProcess(folder); !done; ) {
        const child = next;
        next = startProcess(folder); // loads while the other one trains
        // Each life lasts for a twelfth of the run at most: one run is enough for most kills.
        const life = kills < KILLS ? random.uniform(0, milliseconds / 12) : null;
        const { killed } = await train(child, life);
        done = !killed;
        if (done) next.kill("SIGKILL");
        else {
          kills++;
          const moment = momentOf(folder);
          moments[moment] = (moments[moment] ?? 0) + 1;
        }
      }
      assert.ok(readFileSync(join(folder, FINAL)).equals(expected), "other weights than the undisturbed run's");
      assert.deepEqual(readScalars(join(folder, "events")), {
        ...scalars,
        ...timesOf(readScalars(join(folder, "events"))),
      });
      assert.deepEqual(toldBy(folder), told);
    }
    t.diagnostic(`${kills} kills: ${JSON.stringify(moments)}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

/** The metrics file's lines, without those of each process and without times. */
function toldBy(folder: string): unknown[] {
  return readMetricsFile(join(folder, "metrics.jsonl"))
    .filter(({ kind }) => kind === "steps" || kind === "epoch")
    .map((line) => ({ ...line, seconds: 0, timing: 0 }));
}

/** The series that tell of time: no two runs have the same. */
function timesOf<T>(series: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(series).filter(([tag]) => /seconds|share/.test(tag)));
}
