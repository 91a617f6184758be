/**
 * The engine's libraries: TensorFlow's C library out of its package, verified against the package's own record, and
 * put into `.signalbook/engine/` whole or not at all. `active.json` there names the one in use.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson, sha256Of, sizeOf, sweep, writeJson } from "./files.mjs";
import { downloadWheel } from "./pip.mjs";
import { Problem } from "./problem.mjs";
import { findProgram } from "./run.mjs";
import { megabytes, seconds } from "./say.mjs";
import { extractEntry, listEntries, readEntry } from "./unzip.mjs";

/** The oldest driver that CUDA 12 packages run on. */
const oldestDriver = 525;

/** The NVIDIA driver's version, "unknown" when one is there that does not tell, or `undefined` when none is visible. */
export function nvidiaDriver() {
  const kernel = "/proc/driver/nvidia/version";
  // A container sees the host's driver in /proc also where it was given no GPU.
  if (existsSync(kernel) && existsSync("/dev/nvidiactl"))
    return /Kernel Module(?: for \S+)?\s+(\d+(?:\.\d+)*)/.exec(readFileSync(kernel, "utf8"))?.[1] ?? "unknown";
  const tool = findProgram("nvidia-smi");
  if (tool === undefined) return undefined;
  const asked = spawnSync(tool, ["--query-gpu=driver_version", "--format=csv,noheader"], { encoding: "utf8" });
  return asked.status === 0 ? asked.stdout.trim().split("\n")[0] || undefined : undefined;
}

/**
 * Which engine to install: SIGNALBOOK_ENGINE=cpu | cuda | none, else cuda where an NVIDIA driver is visible.
 * @returns {"cpu" | "cuda" | "none"}
 */
export function chooseVariant(env = process.env, driver = nvidiaDriver) {
  const asked = env.SIGNALBOOK_ENGINE ?? "";
  if (asked !== "" && !["cpu", "cuda", "none"].includes(asked))
    throw new Problem(`SIGNALBOOK_ENGINE is "${asked}"`, "set it to cpu, cuda or none, or leave it unset");
  if (asked !== "") return asked;
  const version = driver();
  if (version === undefined) return "cpu";
  if (Number.parseInt(version, 10) < oldestDriver)
    throw new Problem(
      `the NVIDIA driver is ${version}; CUDA 12 needs ${oldestDriver} or newer`,
      "update the driver, or set SIGNALBOOK_ENGINE=cpu",
    );
  return "cuda";
}

/** @throws Problem where TensorFlow has no library: other systems than Linux on x86-64 with glibc. */
export function checkPlatform(platform = process.platform, arch = process.arch, glibc = glibcVersion) {
  const fix =
    "run it on Linux x86-64 (a container or virtual machine will do, see environment.md), or set SIGNALBOOK_ENGINE=none " +
    "for the slow engine in plain JavaScript";
  if (platform !== "linux" || arch !== "x64")
    throw new Problem(`the engine's library is made for Linux x86-64; this is ${platform} ${arch}`, fix);
  const version = glibc();
  const [major, minor] = (version ?? "0.0").split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 27))
    throw new Problem(
      `the engine's library needs glibc 2.27 or newer; this system has ${version ?? "another libc"}`,
      fix,
    );
}

function glibcVersion() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime;
}

const storeOf = (root) => join(root, ".signalbook", "engine");

/** The record that makes `variant` the engine in use. */
export function activeRecord(engine, variant) {
  return { folder: join(engine.folder, engine.libraries), variant, version: engine.version };
}

/**
 * "ready", "inactive" (installed, but another one is in use) or "missing". Looks at lengths only, so that it takes
 * milliseconds; `verifyEngine` reads every byte.
 */
export function engineState(root, packages, variant) {
  const engine = packages[variant];
  const folder = join(storeOf(root), engine.folder);
  const record = readJson(join(folder, "engine.json"));
  if (record?.files === undefined) return "missing";
  // A package that was pinned anew is another engine, under the same version too.
  const wheels = engine.wheels.map((wheel) => wheel.sha256);
  if (JSON.stringify(record.wheels) !== JSON.stringify(wheels)) return "missing";
  for (const [name, { bytes }] of Object.entries(record.files)) {
    if (sizeOf(join(folder, name)) !== bytes) return "missing";
  }
  const active = readJson(join(storeOf(root), "active.json"));
  return JSON.stringify(active) === JSON.stringify(activeRecord(engine, variant)) ? "ready" : "inactive";
}

/** Reads the installed libraries and compares their SHA-256 with what was written down when they were installed. */
export async function verifyEngine(root, packages, variant) {
  const folder = join(storeOf(root), packages[variant].folder);
  const record = readJson(join(folder, "engine.json"));
  for (const [name, { sha256 }] of Object.entries(record?.files ?? {})) {
    const found = await sha256Of(join(folder, name));
    if (found !== sha256)
      throw new Problem(
        `${join(folder, name)} has SHA-256 ${found}, but ${sha256} was installed`,
        `remove ${folder} and run npm run setup`,
      );
  }
}

/** Makes an engine that is installed already the one in use. */
export function activateEngine(root, packages, variant) {
  writeJson(join(storeOf(root), "active.json"), activeRecord(packages[variant], variant));
}

/** @throws Problem when the disk has not the room that download and libraries take. */
export function checkDisk(root, bytes, what, available) {
  const free = available ?? statfsSync(root).bavail * statfsSync(root).bsize;
  if (free < bytes)
    throw new Problem(
      `${what} takes ${megabytes(bytes)} of disk, but only ${megabytes(free)} are free in ${root}`,
      "free some space and run the command again",
    );
}

/** What an install of `variant` needs on the disk at its highest: the packages not yet fetched, and the libraries. */
export function engineBytes(root, packages, variant) {
  const downloads = join(storeOf(root), "downloads");
  return packages[variant].wheels
    .map((wheel) => wheel.keptBytes + (sizeOf(join(downloads, wheel.wheel)) === wheel.bytes ? 0 : wheel.bytes))
    .reduce((sum, bytes) => sum + bytes, 50e6);
}

/**
 * Downloads, verifies, unpacks and activates an engine. Call it only while holding set-up's lock.
 * @param {{ root: string, packages: object, variant: "cpu" | "cuda", python: { command: string },
 *   voice: import("./say.mjs").Voice, signal?: AbortSignal }} options
 */
export async function installEngine({ root, packages, variant, python, voice, signal }) {
  const engine = packages[variant];
  const store = storeOf(root);
  const downloads = join(store, "downloads");
  mkdirSync(downloads, { recursive: true });
  for (const folder of [store, downloads]) sweep(folder, ".partial-");
  sweep(store, ".old-");

  const wheels = [];
  for (const wheel of engine.wheels)
    wheels.push({ wheel, file: await downloadWheel({ root, folder: downloads, wheel, python, voice, signal }) });

  const partial = join(store, `.partial-${process.pid}`);
  const total = engine.wheels.reduce((sum, wheel) => sum + wheel.keptBytes, 0);
  const started = Date.now();
  const progress = voice.progress("unpack the engine's libraries");
  let written = 0;
  const files = {};
  try {
    for (const { wheel, file } of wheels) {
      await unpackWheel(file, wheel, engine.strip, partial, files, (bytes) => {
        signal?.throwIfAborted();
        written += bytes;
        progress.update(`${megabytes(written)} of ${megabytes(total)}`);
      });
    }
    const record = {
      package: engine.package,
      version: engine.version,
      files,
      wheels: engine.wheels.map((w) => w.sha256),
    };
    writeJson(join(partial, "engine.json"), record);
    replaceFolder(partial, join(store, engine.folder), join(store, `.old-${process.pid}`));
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    // A package that does not unpack is of no further use; one that was only interrupted is.
    if (error instanceof Problem) rmSync(downloads, { recursive: true, force: true });
    progress.done("stopped; nothing half done is left");
    throw error;
  }
  activateEngine(root, packages, variant);
  rmSync(downloads, { recursive: true, force: true });
  progress.done(`${megabytes(written)} in ${seconds(Date.now() - started)}, hashes verified`);
}

/** Unpacks the wanted files of one wheel below `target`, each checked against the wheel's RECORD. */
async function unpackWheel(file, wheel, strip, target, files, onBytes) {
  const entries = await listEntries(file);
  const wanted = entries.filter((entry) => wheel.keep.some((pattern) => matches(pattern, entry.name)));
  const recordEntry = entries.find((entry) => /^[^/]+\.dist-info\/RECORD$/.test(entry.name));
  if (wanted.length === 0 || recordEntry === undefined)
    throw new Problem(
      `${wheel.wheel} holds no ${wheel.keep.join(", ")}`,
      "report this: the package is not as expected",
    );
  const record = parseRecord((await readEntry(file, recordEntry)).toString("utf8"));
  for (const entry of wanted) {
    const name = entry.name.startsWith(strip) ? entry.name.slice(strip.length) : entry.name;
    const path = join(target, name);
    mkdirSync(dirname(path), { recursive: true });
    const { sha256, bytes } = await extractEntry(file, entry, path, onBytes);
    const expected = record.get(entry.name);
    if (sha256.toString("base64url") !== expected)
      throw new Problem(
        `${entry.name} of ${wheel.wheel} has SHA-256 ${sha256.toString("base64url")}, its RECORD says ${expected}`,
        "nothing was installed; run the command again to download the package afresh",
      );
    files[name] = { sha256: sha256.toString("hex"), bytes };
  }
}

/** Whether `name` fits a pattern in which `*` stands for anything but a slash. */
export function matches(pattern, name) {
  const expression = pattern
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^/]*");
  return new RegExp(`^${expression}$`).test(name);
}

/** Path to SHA-256 (base64url without padding) of a wheel's RECORD: lines of `path,sha256=...,length`. */
export function parseRecord(text) {
  const hashes = new Map();
  for (const line of text.split(/\r?\n/)) {
    const [, quoted, plain, hash] = /^(?:"((?:[^"]|"")*)"|([^,"]*)),sha256=([\w-]+),\d*$/.exec(line) ?? [];
    if (hash !== undefined) hashes.set(quoted?.replaceAll('""', '"') ?? plain, hash);
  }
  return hashes;
}

/** Puts `fresh` in the place of `target`: the old one is moved aside first and removed last. */
function replaceFolder(fresh, target, aside) {
  if (existsSync(target)) renameSync(target, aside);
  renameSync(fresh, target);
  rmSync(aside, { recursive: true, force: true });
}
