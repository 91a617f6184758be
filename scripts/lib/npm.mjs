/** The npm packages, from the lockfile, without running any of their scripts. */
import { createHash } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { readJson, writeJson } from "./files.mjs";
import { Problem } from "./problem.mjs";
import { findProgram, run } from "./run.mjs";
import { seconds } from "./say.mjs";

/** Kept inside node_modules: whatever wipes the folder wipes the stamp with it. */
const stampOf = (root) => join(root, "node_modules", ".signalbook.json");

function currentStamp(root) {
  const lock = readFileSync(join(root, "package-lock.json"));
  return { lock: createHash("sha256").update(lock).digest("hex"), node: process.version, arch: process.arch };
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** Whether node_modules is what the lockfile says, for this Node. */
export function packagesReady(root) {
  const stamp = currentStamp(root);
  const found = readJson(stampOf(root));
  if (same(found, stamp)) return true;
  // Installed by hand, with `npm ci` or `npm install`: npm's own record must agree with the lockfile entry by entry.
  if (found !== undefined || !installedAgrees(root)) return false;
  writeJson(stampOf(root), stamp);
  return true;
}

function installedAgrees(root) {
  const wanted = readJson(join(root, "package-lock.json"))?.packages;
  const installed = readJson(join(root, "node_modules", ".package-lock.json"))?.packages;
  if (wanted === undefined || installed === undefined) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    // Packages for other systems are left out, and what only they need.
    if (found === undefined && (entry.optional || entry.devOptional || entry.peer)) continue;
    if (found === undefined || found.version !== entry.version || found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

/**
 * Runs `npm ci` without scripts.
 * @throws Problem with npm's own last words
 */
export async function installPackages({ root, voice, signal }) {
  const started = Date.now();
  const log = join(root, ".signalbook", "npm.log");
  const lock = readJson(join(root, "package-lock.json"));
  if (lock?.packages === undefined)
    throw new Problem(
      `${join(root, "package-lock.json")} is missing or damaged`,
      "restore it: git checkout package-lock.json",
    );
  const count = Object.keys(lock.packages).length - 1;
  const progress = voice.progress("npm packages");
  const watch = setInterval(() => progress.update(`(${count} in the lockfile) ${seconds(Date.now() - started)}`), 1000);
  const [command, first] = npmCommand();
  const cache = writableCache(root);
  let done = "stopped";
  try {
    // biome-ignore format: one option a line says nothing more
    const args = [...first, "ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--no-progress",
      "--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=15000", ...(cache === undefined ? [] : ["--cache", cache])];
    const { code, output } = await run(command, args, { cwd: root, log, signal });
    if (code !== 0) throw explainNpm(output, log);
    writeJson(stampOf(root), currentStamp(root));
    done = `${count} installed in ${seconds(Date.now() - started)}, no scripts run`;
  } finally {
    clearInterval(watch);
    progress.done(done);
    if (cache !== undefined) rmSync(cache, { recursive: true, force: true });
  }
}

function npmCommand() {
  const script = process.env.npm_execpath;
  if (script?.endsWith("npm-cli.js")) return [process.execPath, [script]];
  const npm = findProgram("npm");
  if (npm === undefined)
    throw new Problem("npm was not found", "install Node.js with npm (20.19 or newer) and run again");
  return [npm, []];
}

/** A cache of our own where npm's usual place cannot be written (a home that is read-only or missing). */
function writableCache(root) {
  let folder = process.env.npm_config_cache ?? join(homedir(), ".npm");
  for (;;) {
    try {
      accessSync(folder, constants.W_OK);
      return undefined;
    } catch (error) {
      const parent = dirname(folder);
      if (error.code !== "ENOENT" || parent === folder) return join(root, ".signalbook", "npm-cache");
      folder = parent;
    }
  }
}

/** What to tell a person about an npm that failed, from what it printed. */
export function explainNpm(output, log) {
  const what = "npm could not install the packages";
  if (/ENOSPC|no space left/i.test(output))
    return new Problem(`${what}: the disk is full`, "free some space and run again", { common: true });
  if (/EACCES|EPERM|EROFS/.test(output))
    return new Problem(
      `${what}: no permission to write`,
      `run as the user who owns this folder, or give this user the right to write there; npm's words: ${log}`,
    );
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network/i.test(
      output,
    )
  )
    return new Problem(
      `${what}: the package registry could not be reached`,
      `check the network, and a proxy if you use one (npm's own settings apply), then run again; npm's words: ${log}`,
      { common: true },
    );
  const last = output
    .split("\n")
    .filter((line) => /^npm (error|ERR!)/.test(line) && !/A complete log|_logs/.test(line));
  return new Problem(
    `${what}: ${last.slice(0, 2).join(" ").slice(0, 300) || "it said nothing"}`,
    `all that npm said is in ${log}`,
  );
}

const linkTarget = join("..", "..", "scripts", "signalbook.cjs");
const linkOf = (root) => join(root, "node_modules", ".bin", "signalbook");

/** Whether `npx signalbook` finds the command line. */
export function linkReady(root) {
  return (
    lstatSync(linkOf(root), { throwIfNoEntry: false })?.isSymbolicLink() === true &&
    readlinkSync(linkOf(root)) === linkTarget
  );
}

/** Makes node_modules/.bin/signalbook, which `npm ci` removes. */
export function linkCommand(root) {
  const link = linkOf(root);
  mkdirSync(dirname(link), { recursive: true });
  rmSync(`${link}.tmp`, { force: true });
  symlinkSync(linkTarget, `${link}.tmp`);
  renameSync(`${link}.tmp`, link);
  chmodSync(join(root, "scripts", "signalbook.cjs"), 0o755);
}
