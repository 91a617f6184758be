/** JupyterLab's Python environment, made once under `.signalbook/jupyter/`, and the settings that keep it there. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson, writeJson } from "./files.mjs";
import { takeLock } from "./lock.mjs";
import { findPython } from "./pip.mjs";
import { Problem } from "./problem.mjs";
import { run } from "./run.mjs";

/** What is installed: the versions the notebooks were tried with. nbclient runs notebooks from Python. */
const packages = ["jupyterlab==4.6.6", "nbclient==0.11.0"];
const oldestPython = [3, 10];
/** From this version on pip installs into an environment that has no pip of its own. */
const pipForOthers = [22, 3];

const folderOf = (root) => join(root, ".signalbook", "jupyter");
const venvOf = (root) => join(folderOf(root), "venv");

/** The environment's Python. */
export function pythonOf(root) {
  return join(venvOf(root), "bin", "python");
}

/** The variables that keep Jupyter inside the project. Add them to those of the process. */
export function environmentOf(root) {
  const folder = folderOf(root);
  return {
    JUPYTER_PATH: join(root, "lib", "kernel", "jupyter"),
    JUPYTER_CONFIG_DIR: join(folder, "config"),
    JUPYTER_DATA_DIR: join(folder, "data"),
    JUPYTER_RUNTIME_DIR: join(folder, "runtime"),
    JUPYTERLAB_SETTINGS_DIR: join(folder, "lab", "settings"),
    JUPYTERLAB_WORKSPACES_DIR: join(folder, "lab", "workspaces"),
    IPYTHONDIR: join(folder, "ipython"),
    PYTHONNOUSERSITE: "1",
  };
}

/** The stamp is written last and names the place: an environment does not survive being moved. */
function isReady(root) {
  const stamp = readJson(join(folderOf(root), "ready.json"));
  return stamp?.venv === venvOf(root) && `${stamp?.packages}` === `${packages}` && existsSync(pythonOf(root));
}

/**
 * Makes the environment where it is missing. Safe to interrupt, and to call from two processes: one waits.
 * @param {{ root: string, say: (line: string) => void, signal?: AbortSignal }} options
 * @throws Problem when Python, its pip, its venv module or the network is missing; nothing half done counts as made
 */
export async function makeJupyter({ root, say, signal }) {
  writeSettings(root);
  if (isReady(root)) return;
  const python = findPython();
  checkPython(python);
  const release = await takeLock(join(root, ".signalbook", "jupyter.lock"), (holder) =>
    say(`another process (${holder.pid ?? "unknown"}) is installing JupyterLab; waiting for it`),
  );
  try {
    if (isReady(root)) return;
    say(`installing ${packages.join(" and ")} to .signalbook/jupyter (about 250 MB, a minute or two)`);
    rmSync(venvOf(root), { recursive: true, force: true });
    // the system's pip installs into the environment where it can: then ensurepip, which Debian keeps apart, is not needed
    const foreign = atLeast(python.version, pipForOthers);
    const bare = foreign ? ["--without-pip"] : [];
    const venvFix = "install Python's venv module (on Debian and Ubuntu: apt-get install python3-venv) and run again";
    await step(root, python.command, ["-m", "venv", ...bare, venvOf(root)], venvFix, signal);
    const pip = foreign ? ["-m", "pip", "--python", pythonOf(root)] : ["-m", "pip"];
    const install = ["install", "--no-input", "--disable-pip-version-check", "--prefer-binary", ...packages];
    const network = "check the network, and pip's index settings (python3 -m pip config list), then run again";
    await step(root, foreign ? python.command : pythonOf(root), [...pip, ...install], network, signal);
    writeJson(join(folderOf(root), "ready.json"), { venv: venvOf(root), packages });
  } finally {
    release();
  }
}

function checkPython({ command }) {
  const { stdout } = spawnSync(command, ["-c", "import sys; print('%d.%d' % sys.version_info[:2])"], {
    encoding: "utf8",
  });
  if (!atLeast(stdout.trim(), oldestPython))
    throw new Problem(
      `${command} is Python ${stdout.trim()}; JupyterLab needs ${oldestPython.join(".")} or newer`,
      "put a newer python3 first in PATH and run again; the report and the tests do not need JupyterLab",
    );
}

function atLeast(version, [major, minor]) {
  const [a, b] = version.split(".").map(Number);
  return a > major || (a === major && b >= minor);
}

async function step(root, command, args, fix, signal) {
  const log = join(root, ".signalbook", "jupyter.log");
  const { code, output } = await run(command, args, { cwd: root, log, signal });
  if (code === 0) return;
  const lines = output.trim().split("\n");
  const told = lines.findLast((line) => /error|not available/i.test(line)) ?? lines.at(-1) ?? "it said nothing";
  throw new Problem(
    `JupyterLab could not be installed: ${told.trim().slice(0, 200)}`,
    `${fix}; all that was said is in ${log}`,
  );
}

/** The server's configuration is the project's; what the reader changes in JupyterLab itself stays. */
function writeSettings(root) {
  const folder = folderOf(root);
  const config = join(folder, "config", "jupyter_server_config.json");
  const content = {
    KernelSpecManager: { allowed_kernelspecs: ["tslab"], ensure_native_kernel: false },
    LabApp: { extension_manager: "readonly" },
    // it looks for language servers with npm, which writes to HOME
    ServerApp: { jpserver_extensions: { jupyter_lsp: false } },
  };
  if (JSON.stringify(readJson(config)) !== JSON.stringify(content)) save(config, content);
  const first = (extension, content) => {
    const settings = join(folder, "lab", "settings", "@jupyterlab", `${extension}.jupyterlab-settings`);
    if (!existsSync(settings)) save(settings, content);
  };
  // it asks other hosts for news and new versions otherwise
  first("apputils-extension/notification", { fetchNews: "false", checkForUpdates: false });
  // a kernel that trains answers between two steps; JupyterLab drops answers that take longer than a second
  first("completer-extension/manager", { providerTimeout: 10_000 });
}

function save(path, content) {
  mkdirSync(dirname(path), { recursive: true });
  writeJson(path, content);
}
