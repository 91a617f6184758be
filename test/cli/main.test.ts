import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { commandHelp, nearest, overallHelp, parseCommand, UsageError } from "../../lib/cli/command";
import { commands } from "../../lib/cli/commands";
import { projectRoot } from "../../lib/core/files";

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

function signalbook(...args: string[]): Ended {
  const ended = spawnSync(process.execPath, [join(projectRoot, "scripts", "signalbook.cjs"), ...args], {
    encoding: "utf8",
  });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

test("every command is in the overall help, and has its own with each of its options", () => {
  const overall = overallHelp(commands);
  for (const command of commands) {
    assert.ok(overall.includes(`  ${command.name} `) && overall.includes(command.summary), command.name);
    const help = commandHelp(command);
    assert.ok(help.startsWith(`usage: signalbook ${command.name} [options]`));
    for (const name of [...Object.keys(command.options), "debug", "help"])
      assert.match(help, new RegExp(`^  --${name} .+`, "m"));
    assert.ok(
      help.split("\n").every((line) => line.length <= 120),
      "lines fit a terminal",
    );
  }
});

test("--help prints to standard output and ends well; no command at all is a mistake", () => {
  const overall = signalbook("--help");
  assert.deepEqual([overall.code, overall.out, overall.err], [0, overallHelp(commands), ""]);
  const one = signalbook("inspect", "--help");
  assert.deepEqual([one.code, one.out], [0, commandHelp(commands.find(({ name }) => name === "inspect")!)]);
  assert.equal(signalbook().code, 2);
});

test("mistakes on the command line: one line, where to look, exit code 2", () => {
  const cases: [args: string[], said: string][] = [
    [["inpsect"], 'signalbook: unknown command "inpsect"; did you mean "inspect"?\n  see: signalbook --help\n'],
    [["zzzzzzzz"], 'signalbook: unknown command "zzzzzzzz"\n  see: signalbook --help\n'],
    [["inspect"], "signalbook: inspect needs FILE...\n  see: signalbook inspect --help\n"],
    [
      ["run", "x.ipynb", "--cell-timeout", "soon"],
      'signalbook: --cell-timeout takes seconds, more than 0; found "soon"\n  see: signalbook run --help\n',
    ],
    [["doctor", "--jsn"], "signalbook: Unknown option '--jsn'\n  see: signalbook doctor --help\n"],
  ];
  for (const [args, said] of cases) {
    const { code, out, err } = signalbook(...args);
    assert.deepEqual([code, out, err], [2, "", said]);
  }
  const doctor = commands.find(({ name }) => name === "doctor")!;
  assert.throws(() => parseCommand(doctor, ["extra"]), new UsageError('doctor takes no argument, found "extra"'));
});

test("the nearest command is suggested only when it is near", () => {
  const names = ["doctor", "report", "run", "inspect"];
  assert.equal(nearest("dcotor", names), "doctor");
  assert.equal(nearest("Report", names), "report");
  assert.equal(nearest("rn", names), "run");
  assert.equal(nearest("submission", names), undefined);
});

test("a file that cannot be read: one line without a stack, exit code 1; the others are told", () => {
  const good = join(projectRoot, "data", "sample", "cinc2021", "A0002.hea");
  const { code, out, err } = signalbook("inspect", "/no/such/night.edf", good);
  assert.equal(code, 1);
  assert.match(err, /^signalbook: \/no\/such\/night\.edf: [^\n]+\n$/);
  assert.match(out, /A0002\.hea\n {2}WFDB, /);
});

test("before set-up: the command line says what to run", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "signalbook-clone-"));
  context.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "scripts"));
  writeFileSync(join(folder, "package.json"), "{}");
  cpSync(join(projectRoot, "scripts", "signalbook.cjs"), join(folder, "scripts", "signalbook.cjs"));
  const ended = spawnSync(process.execPath, [join(folder, "scripts", "signalbook.cjs"), "doctor"], {
    encoding: "utf8",
  });
  assert.equal(ended.status, 1);
  assert.equal(ended.stderr, "signalbook: this clone is not set up yet; run `npm run setup` first\n");
});

test("models lists the registry, as text and as JSON", () => {
  const { code, out } = signalbook("models", "--json");
  assert.equal(code, 0);
  const models = JSON.parse(out) as { name: string; summary: string }[];
  assert.ok(models.length > 0);
  const text = signalbook("models").out;
  for (const { name, summary } of models) assert.ok(text.includes(name) && text.includes(summary), name);
});

test("a notebook that fails: executed copy written, one line with notebook, cell and message, exit code 1", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "signalbook-run-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const notebook = join(folder, "bad.ipynb");
  const cell = {
    cell_type: "code",
    id: "a",
    metadata: {},
    source: ['throw new Error("no signal");'],
    outputs: [],
    execution_count: null,
  };
  const kernelspec = { name: "tslab", display_name: "TypeScript", language: "typescript" };
  writeFileSync(notebook, JSON.stringify({ cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }));
  const { code, err } = signalbook("run", notebook, "--output", join(folder, "out"));
  assert.equal(code, 1, err);
  assert.match(err, /^signalbook: .*bad\.ipynb.*cell 1.*no signal[^\n]*\n$/);
  const copy = JSON.parse(readFileSync(join(folder, "out", "bad.ipynb"), "utf8")) as {
    cells: { outputs: unknown[] }[];
  };
  assert.equal(copy.cells[0]!.outputs.length, 1);
  // A missing notebook is told in the same way.
  const missing = signalbook("run", join(folder, "none.ipynb"));
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^signalbook: [^\n]*none\.ipynb[^\n]*\n$/);
});
