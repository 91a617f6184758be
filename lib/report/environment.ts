/** What a run was made of: code, versions, machine, data. The report prints it, so that a figure can be traced. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join, relative } from "node:path";
import { projectRoot } from "../core/files";
import { type FilesHash, hashFiles } from "../core/hash";

export interface DataHash extends FilesHash {
  /** Folder, relative to the project. */
  folder: string;
}

export interface EnvironmentFacts {
  /** Full hash; null where the project is not a git checkout. */
  commit: string | null;
  /** Whether files differ from the commit; null where it is not known. */
  changed: boolean | null;
  /** Name to version: signalbook, Node, and the packages that shape a figure. */
  versions: Readonly<Record<string, string>>;
  /** What computed: "TensorFlow 2.21.0 on CPU", "tfjs cpu (fallback)". */
  engine: string;
  /** Processor, cores and memory, operating system. */
  machine: string;
  data: DataHash[];
  /** The report's run. ISO 8601. */
  started: string;
  finished: string;
  /** Seconds each notebook took, by name. */
  notebookSeconds: Readonly<Record<string, number>>;
}

const packages = ["@tensorflow/tfjs", "tslab", "typescript", "danfojs-node", "vega", "vega-lite", "fft.js", "sharp"];

/** Collects the facts of this machine and checkout; what only the run knows is passed in. */
export function collectEnvironment(
  run: Pick<EnvironmentFacts, "engine" | "started" | "finished" | "notebookSeconds">,
  dataFolder: string = join(projectRoot, "data", "sample"),
): EnvironmentFacts {
  return { ...run, ...codeFacts(), data: existsSync(dataFolder) ? hashSubfolders(dataFolder) : [] };
}

/** What computes here: the checkout, versions, the machine. */
export function codeFacts(): Pick<EnvironmentFacts, "commit" | "changed" | "versions" | "machine"> {
  const processor = cpus();
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return {
    ...checkout(),
    versions: {
      signalbook: versionIn(projectRoot),
      Node: process.versions.node,
      ...Object.fromEntries(packages.map((name) => [name, versionIn(join(projectRoot, "node_modules", name))])),
    },
    machine: `${processor[0]?.model.trim() ?? "unknown processor"}, ${processor.length} cores, ${gigabytes} GB, ${type()} ${release()} ${arch()}`,
  };
}

/** One hash for each folder in `folder`. */
export function hashSubfolders(folder: string): DataHash[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return names.sort().map((name) => hashFolder(join(folder, name)));
}

function hashFolder(folder: string): DataHash {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => statSync(join(folder, path)).isFile())
    .map((path) => path.split("\\").join("/"));
  return { folder: relative(projectRoot, folder), ...hashFiles(folder, paths) };
}

function checkout(): { commit: string | null; changed: boolean | null } {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: projectRoot, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), changed: git("status", "--porcelain", "--untracked-files=no") !== "" };
  } catch {
    return { commit: null, changed: null }; // no git, or an unpacked archive: the report says so
  }
}

function versionIn(folder: string): string {
  const path = join(folder, "package.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version : "not installed";
}
