/**
 * Visual Studio Code's Jupyter extension, by its own rules: where it looks for kernels, how it starts and interrupts one,
 * as read in its sources (github.com/microsoft/vscode-jupyter, MIT, version 2026.6.1: jupyterPaths.node.ts,
 * localKernelSpecFinderBase.node.ts, customEnvironmentVariablesProvider.node.ts, kernelProcess.node.ts). The extension itself
 * is not run here.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { type TestContext, test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { freePorts, KernelProcess } from "../../lib/kernel/kernel-process";
import type { Message } from "../../lib/kernel/wire";
import { scratchFolder } from "../support/problems";

type Variables = Record<string, string | undefined>;
interface KernelSpec {
  name: string;
  argv: string[];
  display_name: string;
  language: string;
  interrupt_mode?: string;
}

/** The clone as a reader opens it, after the line of environment.md that tells the extension where the kernel lies. */
function cloneWithSettings(t: TestContext): string {
  const page = readFileSync(join(projectRoot, "environment.md"), "utf8");
  const line = /`(echo "JUPYTER_PATH=[^`]+)`/.exec(page)?.[1];
  assert.ok(line !== undefined, "environment.md has the line");
  const clone = scratchFolder(t);
  for (const name of ["lib", "node_modules", "package.json", "tsconfig.json"])
    symlinkSync(join(projectRoot, name), join(clone, name));
  execFileSync("sh", ["-c", line], { cwd: clone });
  return clone;
}

/** The process' variables, and those of the opened folder's `.env`, which win. */
function variablesOf(clone: string, outside: Variables): Variables {
  const lines = existsSync(join(clone, ".env")) ? readFileSync(join(clone, ".env"), "utf8").split("\n") : [];
  const own = lines.flatMap((line) => {
    const [, name, value] = /^\s*([\w.-]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value!.replace(/^(["'])(.*)\1$/, "$2")]];
  });
  return { ...outside, ...Object.fromEntries(own) };
}

/** On Linux. JUPYTER_PATH comes from the variables above, the others from the process alone. */
function searchedFolders(clone: string, outside: Variables, home: string): string[] {
  const listed = (variablesOf(clone, outside)["JUPYTER_PATH"] ?? "")
    .split(delimiter)
    .filter((path) => path !== "")
    .map((path) => resolve("/", path)) // a relative path is taken from the root
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
  const share = join(home, ".local", "share");
  const user = outside["JUPYTER_DATA_DIR"] ?? join(outside["XDG_DATA_HOME"] ?? share, "jupyter");
  const data = [...listed, user, "/usr/local/share/jupyter", "/usr/share/jupyter", join(share, "jupyter")];
  return [...new Set(data.map((path) => join(path, "kernels")))];
}

/** Every kernel.json below the folders, with `{resource_dir}` filled in; named like its folder where it has no name. */
function kernelsIn(folders: readonly string[]): KernelSpec[] {
  const files = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name))))
    .filter((file) => file.endsWith("/kernel.json"));
  return files.map((file) => {
    const spec = JSON.parse(readFileSync(file, "utf8")) as KernelSpec;
    return {
      ...spec,
      name: spec.name ?? basename(dirname(file)),
      argv: spec.argv.map((part) => part.replaceAll("{resource_dir}", dirname(file))),
    };
  });
}

const ours = (specs: readonly KernelSpec[]): KernelSpec[] => specs.filter(({ language }) => language === "typescript");

test("the kernel is found where the extension looks, once the documented line was run", (t) => {
  const home = scratchFolder(t);
  const bare = scratchFolder(t);
  assert.deepEqual(ours(kernelsIn(searchedFolders(bare, {}, home))), [], "not without it");
  const relative = { JUPYTER_PATH: "lib/kernel/jupyter" };
  assert.deepEqual(ours(kernelsIn(searchedFolders(bare, relative, home))), [], "nor with a relative path");
  const found = ours(kernelsIn(searchedFolders(cloneWithSettings(t), {}, home)));
  assert.deepEqual(
    found.map(({ display_name }) => display_name),
    ["TypeScript (signalbook)"],
  );
  const notebook = JSON.parse(readFileSync(join(projectRoot, "notebooks", "00_start_here.ipynb"), "utf8"));
  assert.equal(notebook.metadata.kernelspec.name, found[0]!.name, "the kernel that our notebooks ask for");
});

test("it starts by its command line, runs a notebook's import, and an interrupt as the extension sends it ends a cell", {
  skip: process.platform === "linux" ? false : "the kernel's children are read from /proc",
}, async (t) => {
  const clone = cloneWithSettings(t);
  const [spec] = ours(kernelsIn(searchedFolders(clone, {}, scratchFolder(t))));
  const { argv, interrupt_mode } = spec!;
  assert.equal(argv.filter((part) => part === "{connection_file}").length, 1);
  assert.equal(interrupt_mode, "signal");
  const command = (file: string) => argv.map((part) => part.replace("{connection_file}", file));
  const env = variablesOf(clone, process.env);
  // The folder of the notebook, as the extension's default is.
  const options = { name: "tslab", cwd: join(projectRoot, "notebooks"), env };
  const kernel = new KernelProcess(command, options, await freePorts(5));
  t.after(() => kernel.end());
  await kernel.ready();
  assert.equal(kernel.languageInfo.name, "typescript");

  const run = async (code: string, heard?: () => void) => {
    const outputs: Message[] = [];
    const content = { code, silent: false, store_history: true, allow_stdin: false };
    const onOutput = (message: Message): void => {
      outputs.push(message);
      if (message.header.msg_type === "stream") heard?.();
    };
    const { content: reply } = await kernel.request("execute_request", content, { onOutput, timeoutMs: 60_000 });
    return { reply, text: JSON.stringify(outputs.map(({ content: said }) => said)) };
  };
  const known = await run('import { formatNumber } from "../lib/report/format";\nformatNumber(-1.25, 1)');
  assert.equal(known.reply.status, "ok", known.text);
  assert.match(known.text, /−1\.3/);

  const stop = (): void => {
    for (const pid of [...descendants(kernel.pid!), kernel.pid!]) process.kill(pid, "SIGINT");
  };
  const endless = 'console.log("begun");\nawait new Promise(() => undefined);';
  const { reply } = await run(endless, () => setTimeout(stop, 200));
  assert.equal(reply.status, "error");
  assert.match(String(reply.evalue), /interrupted/);
  assert.match((await run("6 * 7")).text, /42/);
});

/** The extension interrupts these too. */
function descendants(pid: number): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}
