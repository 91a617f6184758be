/** What the doctor asks the machine: programs, versions, memory. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { freemem } from "node:os";
import { dirname, join } from "node:path";
import { SignalbookError } from "../core/errors";
import { projectRoot } from "../core/files";

/** The last line that a program prints about its version; `undefined` when it cannot be run. */
export function programVersion(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, [...args], { encoding: "utf8", timeout: 20_000 });
  return status === 0 ? stdout.trim().split("\n").at(-1) || undefined : undefined;
}

/** npm's version: of the npm that runs this script, or of the one on PATH. */
export function npmVersion(): string | undefined {
  const script = process.env["npm_execpath"];
  return script?.endsWith("npm-cli.js")
    ? programVersion(process.execPath, [script, "--version"])
    : programVersion("npm", ["--version"]);
}

/** The version in a folder's package.json; `undefined` when there is none. */
export function packageVersion(folder: string): string | undefined {
  try {
    const text = readFileSync(join(projectRoot, folder, "package.json"), "utf8");
    return (JSON.parse(text) as { version?: string }).version;
  } catch {
    return undefined;
  }
}

/** "commit 1a2b3c4d, with changes"; "no git checkout" where git or the repository is missing. */
export function commitHere(): string {
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync("git", ["-C", projectRoot, ...args], { encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = git("rev-parse", "--short=8", "HEAD");
  if (commit === undefined) return "no git checkout";
  const changed = git("status", "--porcelain", "--untracked-files=no");
  return `commit ${commit}${changed === "" ? "" : ", with changes"}`;
}

/** Bytes that programs can still take without swapping: Linux' own estimate, else what is free. */
export function memoryAvailable(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // no Linux: the general answer below
  }
  return freemem();
}

/**
 * The notebook kernel: the description Jupyter reads, the script it names, and the socket library both sides need.
 * @throws SignalbookError when one of them is missing.
 */
export function findKernel(): { name: string; file: string; zeromq: string } {
  const file = join(projectRoot, "lib", "kernel", "jupyter", "kernels", "tslab", "kernel.json");
  if (!existsSync(file)) throw new SignalbookError("the kernel's description is missing", { file });
  const spec = JSON.parse(readFileSync(file, "utf8")) as { display_name: string; argv: string[] };
  for (const argument of spec.argv.filter((word) => word.includes("{resource_dir}"))) {
    const script = argument.replace("{resource_dir}", dirname(file));
    if (!existsSync(script)) throw new SignalbookError("the kernel's script is missing", { file: script });
  }
  const { version } = require("zeromq") as { version: string };
  return { name: spec.display_name, file, zeromq: version };
}
