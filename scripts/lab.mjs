#!/usr/bin/env node
/**
 * `npm run lab`: JupyterLab on the project's notebooks. All of it stays in the project: a Python environment, settings
 * and state under .signalbook/jupyter, the kernel in lib/kernel/jupyter. HOME is not touched.
 *   npm run lab -- [--no-browser] [--port N] [-- arguments for jupyter lab ...]
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { environmentOf, makeJupyter, pythonOf } from "./lib/jupyter.mjs";
import { explain, Problem } from "./lib/problem.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const usage = "npm run lab -- [--no-browser] [--port N] [-- arguments for jupyter lab ...]";

/** The environment's Python, for those who want nbclient. */
export const jupyterPython = pythonOf(root);

/** The variables that keep Jupyter inside the project. Add them to those of the process. */
export function jupyterEnvironment() {
  return environmentOf(root);
}

/**
 * Makes sure that JupyterLab is installed: at once when it is, a minute or two when it is not.
 * @param {(line: string) => void} [say] hears what is done
 * @throws Problem when it cannot be installed
 */
export async function ensureJupyter(say = (line) => process.stderr.write(`lab: ${line}\n`)) {
  await makeJupyter({ root, say });
}

/** A port that is free now. */
function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/**
 * Starts JupyterLab; it takes some seconds until it answers.
 * @param {{ port?: number, browser?: boolean, args?: string[], stdio?: import("node:child_process").StdioOptions,
 *   env?: Record<string, string> }} [options]
 * @returns the process, and the address to open; the token in it is new each time
 */
export async function startLab({ port, browser = false, args = [], stdio = "inherit", env = {} } = {}) {
  const token = randomBytes(24).toString("hex");
  const chosen = port ?? (await freePort());
  const first = "notebooks/00_start_here.ipynb";
  const page = existsSync(join(root, first)) ? `/lab/tree/${first}` : "/lab";
  const options = [
    "--ServerApp.ip=127.0.0.1",
    `--port=${chosen}`,
    "--ServerApp.port_retries=0",
    `--LabApp.default_url=${page}`,
  ];
  if (!browser) options.push("--no-browser");
  if (process.getuid?.() === 0) options.push("--allow-root");
  const child = spawn(jupyterPython, ["-m", "jupyterlab", `--ServerApp.root_dir=${root}`, ...options, ...args], {
    cwd: root,
    env: { ...process.env, ...env, ...jupyterEnvironment(), JUPYTER_TOKEN: token },
    stdio,
  });
  return {
    child,
    token,
    origin: `http://127.0.0.1:${chosen}`,
    url: `http://127.0.0.1:${chosen}${page}?token=${token}`,
  };
}

function readArguments() {
  let parsed;
  try {
    parsed = parseArgs({
      allowPositionals: true,
      options: { "no-browser": { type: "boolean" }, port: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    throw new Problem(error.message, `usage: ${usage}`);
  }
  const { values, positionals } = parsed;
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536))
    throw new Problem(`--port ${values.port} is no port`, "a port is a whole number from 1 to 65535");
  return { help: values.help === true, port, browser: values["no-browser"] !== true, args: positionals };
}

async function main() {
  const { help, ...options } = readArguments();
  if (help) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  await ensureJupyter();
  const lab = await startLab(options);
  process.stdout.write(`\nJupyterLab: ${lab.url}\nCtrl-C ends it.\n\n`);
  // Ctrl-C reaches JupyterLab too; it ends its kernels and then itself
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => lab.child.kill("SIGTERM"));
  lab.child.on("exit", (code) => {
    process.exitCode = code ?? 0;
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  main().catch((error) => {
    const told = explain(error);
    process.stderr.write(`lab: ${told instanceof Problem ? told.message : (told?.stack ?? told)}\n`);
    process.exitCode = 1;
  });
