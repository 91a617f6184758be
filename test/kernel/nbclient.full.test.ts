/** nbclient, which nbconvert and papermill run on, comes to the same verdicts as the project's runner. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import type { Output } from "../../lib/kernel";
import { execute, fixtures } from "./run";

interface Lab {
  ensureJupyter(): Promise<void>;
  jupyterEnvironment(): Record<string, string>;
  jupyterPython: string;
}

interface Verdict {
  kind: string | null;
  counts: (number | null)[];
  outputs: unknown[][][];
}

/** nbclient asks nothing after the last cell, so it cannot hear what fails then. */
const ONLY_OURS = ["last-word"];

const names = readdirSync(fixtures)
  .filter((file) => file.endsWith(".ipynb"))
  .map((file) => basename(file, ".ipynb"))
  .filter((name) => !ONLY_OURS.includes(name));
const verdicts = new Map<string, Verdict>();
// Another test edits the same modules, and may run at the same time: this one has a copy with a folder of its own.
const hotFolder = join(projectRoot, ".signalbook", "tests", "hot-reload-nbclient");
const hotNotebook = join(projectRoot, ".signalbook", "tests", "nbclient", "hot-reload.ipynb");
const pathOf = (name: string): string => (name === "hot-reload" ? hotNotebook : join(fixtures, `${name}.ipynb`));

before(async () => {
  const lab = (await import("../../scripts/lab.mjs" as string)) as Lab;
  await lab.ensureJupyter();
  mkdirSync(dirname(hotNotebook), { recursive: true });
  const text = readFileSync(join(fixtures, "hot-reload.ipynb"), "utf8");
  writeFileSync(hotNotebook, text.replaceAll("tests/hot-reload", "tests/hot-reload-nbclient"));
  for (const name of names) {
    prepare();
    verdicts.set(name, await nbclient(lab, name));
  }
});
after(() => {
  for (const folder of [hotFolder, dirname(hotNotebook)]) rmSync(folder, { recursive: true, force: true });
});

for (const name of names)
  test(`${name}: nbclient and the runner agree`, async () => {
    prepare();
    const slow = name.startsWith("slow-");
    const ours = await execute(pathOf(name), {
      allowErrors: name === "goes-on",
      ...(slow ? { cellTimeoutSeconds: 8 } : {}),
    });
    const theirs = verdicts.get(name)!;
    assert.equal(ours.run.failure?.kind ?? null, theirs.kind);
    if (theirs.kind !== null && theirs.kind !== "cell") return; // the copy then says what the protocol has no word for
    assert.deepEqual(
      ours.cells.map(({ count }) => count),
      theirs.counts,
    );
    const outputs = ours.cells.map((cell) => cell.outputs.map(summary));
    // nbclient keeps a stream in the pieces it came in, and rewritten lines as they are
    assert.deepEqual(outputs.map(withoutRepeats), theirs.outputs.map(withoutRepeats));
  });

function prepare(): void {
  mkdirSync(hotFolder, { recursive: true });
  rmSync(join(hotFolder, "added.ts"), { force: true });
  writeFileSync(join(hotFolder, "inner.ts"), 'export const inner: string = "first";\n');
  const outer =
    'export { inner } from "./inner";\nexport const value: number = 1;\nexport const engine = (): number => 1;\n';
  writeFileSync(join(hotFolder, "outer.ts"), outer);
}

function nbclient(lab: Lab, name: string): Promise<Verdict> {
  const args = [join(__dirname, "run_with_nbclient.py"), pathOf(name)];
  const env = { ...process.env, ...lab.jupyterEnvironment() };
  const child = spawn(lab.jupyterPython, args, { cwd: projectRoot, env, stdio: ["ignore", "pipe", "pipe"] });
  let [printed, problems] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (problems += text));
  return new Promise((resolve, reject) => {
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(printed) as Verdict);
      else reject(new Error(`nbclient ended with ${code} on ${name}: ${problems.slice(-2000)}`));
    });
  });
}

function summary(output: Output): unknown[] {
  if (output.output_type === "error") return ["error", output.ename, output.evalue];
  if (output.output_type === "stream") return ["stream", output.name];
  return [output.output_type, output.data];
}

function withoutRepeats(outputs: unknown[][]): unknown[][] {
  return outputs.filter((output, i) => i === 0 || JSON.stringify(output) !== JSON.stringify(outputs[i - 1]));
}
