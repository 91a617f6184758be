/** Packages of the Python index, fetched by the machine's own pip. Python serves for nothing else. */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bytesBelow, sha256Of, sizeOf } from "./files.mjs";
import { Problem } from "./problem.mjs";
import { findProgram, run } from "./run.mjs";
import { megabytes } from "./say.mjs";

/**
 * A Python 3 that has pip.
 * @returns {{ command: string, version: string }} pip's version
 * @throws Problem that says which of the two is missing
 */
export function findPython() {
  const seen = [];
  for (const name of ["python3", "python"]) {
    const command = findProgram(name);
    if (command === undefined) continue;
    const { status, stdout, stderr } = spawnSync(command, ["-m", "pip", "--version"], { encoding: "utf8" });
    const version = /^pip (\S+) .*\(python 3\./.exec(stdout ?? "")?.[1];
    if (status === 0 && version !== undefined) return { command, version };
    seen.push(`${command} (${(stderr || stdout || "no answer").trim().split("\n").at(-1)})`);
  }
  const install = "on Debian and Ubuntu: apt-get install python3-pip; on Fedora: dnf install python3-pip";
  if (seen.length === 0)
    throw new Problem(
      "Python 3 was not found; it is needed once, to download the engine's package",
      `install Python 3 with pip (${install}) and run the command again`,
    );
  throw new Problem(`no Python 3 with pip was found: ${seen.join(", ")}`, `install pip (${install}) and run again`);
}

const networkTrouble =
  /NewConnectionError|NameResolutionError|Temporary failure in name resolution|Name or service not known|Connection refused|Connection reset|Network is unreachable|timed? ?out|ProxyError|SSLError|CERTIFICATE_VERIFY_FAILED|Max retries exceeded|IncompleteRead|ProtocolError/i;

/** What to tell a person about a pip that failed, from what it printed. */
export function explainPip(output, wheel, log) {
  const errors = output.split("\n").filter((line) => /^ERROR:|Error:/.test(line.trim()));
  const last = (errors.at(-1) ?? output.trim().split("\n").at(-1) ?? "").trim().slice(0, 300);
  const what = `pip could not download ${wheel.name} ${wheel.version}`;
  if (/No space left on device|Errno 28|Disk quota exceeded/.test(output))
    return new Problem(`${what}: the disk is full`, "free some space and run the command again", { common: true });
  if (networkTrouble.test(output))
    return new Problem(
      `${what}: the package index could not be reached`,
      `check the network, and a proxy if you use one (pip's own settings apply), then run the command again; pip's words: ${log}`,
      { common: true },
    );
  if (/No matching distribution|Could not find a version/.test(output))
    return new Problem(
      `${what}: the index pip uses does not offer ${wheel.wheel}`,
      `check the network and pip's index settings (python3 -m pip config list), then run again; pip's words: ${log}`,
    );
  return new Problem(`${what}: ${last || "it said nothing"}`, `all that pip said is in ${log}`);
}

/**
 * Downloads one wheel to `folder`, checks its SHA-256 and only then gives it its name there.
 * @returns {Promise<string>} the wheel's path
 */
export async function downloadWheel({ root, folder, wheel, python, voice, signal }) {
  const target = join(folder, wheel.wheel);
  // A wheel has its name only once it was verified: what an interrupted set-up had fetched is used again.
  if (sizeOf(target) === wheel.bytes) return target;
  const partial = join(folder, `.partial-${process.pid}-${wheel.name}`);
  mkdirSync(join(partial, "wheel"), { recursive: true });
  mkdirSync(join(partial, "tmp"), { recursive: true });
  const progress = voice.progress(`download ${wheel.name} ${wheel.version}`);
  const watch = setInterval(() => {
    const bytes = Math.min(wheel.bytes, bytesBelow(partial));
    progress.update(`${megabytes(bytes)} of ${megabytes(wheel.bytes)}`);
  }, 500);
  const log = join(root, ".signalbook", "pip.log");
  try {
    // The package's Python tag is of no concern, for only C libraries are used: the same file for every Python here.
    const tags = [
      "--python-version",
      "3.11",
      "--implementation",
      "cp",
      "--abi",
      wheel.abi,
      "--platform",
      wheel.platform,
    ];
    const { code, output } = await run(
      python.command,
      // biome-ignore format: one option a line says nothing more
      ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--progress-bar", "off", ...tags,
        "--dest", join(partial, "wheel"), `${wheel.name}==${wheel.version}`],
      {
        cwd: root,
        log,
        signal,
        env: {
          ...process.env,
          TMPDIR: join(partial, "tmp"),
          PIP_DISABLE_PIP_VERSION_CHECK: "1",
          PIP_NO_INPUT: "1",
          PIP_REQUIRE_VIRTUALENV: "0",
        },
      },
    );
    if (code !== 0) throw explainPip(output, wheel, log);
    const downloaded = join(partial, "wheel", wheel.wheel);
    if (sizeOf(downloaded) === undefined)
      throw new Problem(
        `pip downloaded another file than ${wheel.wheel}`,
        `check pip's index settings (python3 -m pip config list); pip's words: ${log}`,
      );
    const sha256 = await sha256Of(downloaded);
    if (sha256 !== wheel.sha256)
      throw new Problem(
        `${wheel.wheel} has SHA-256 ${sha256}, expected ${wheel.sha256}: it is not the published package`,
        "nothing was installed; check which index pip uses (python3 -m pip config list) and run again",
      );
    renameSync(downloaded, target);
  } finally {
    clearInterval(watch);
    progress.done(sizeOf(target) === wheel.bytes ? `${megabytes(wheel.bytes)}, hash verified` : "stopped");
    rmSync(partial, { recursive: true, force: true });
  }
  return target;
}
