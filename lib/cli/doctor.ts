/** `signalbook doctor`: what is here, what it really runs on, and whether it computes rightly. */
import { statfsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../core/files";
import { type Computed, checkConvolutionGradient, checkMatrixProduct } from "./doctor-compute";
import { commitHere, findKernel, memoryAvailable, npmVersion, packageVersion, programVersion } from "./doctor-machine";

/** "failed" keeps the report from being made; "warning" makes it slow or incomplete; "absent" is optional. */
export type Status = "ok" | "warning" | "failed" | "absent";

export interface Finding {
  name: string;
  status: Status;
  /** What was found, in a few words. */
  value: string;
  /** What to do about it; only where something is to be done. */
  fix?: string;
}

export interface DoctorReport {
  /** False when `npm run report` could not run here. */
  ok: boolean;
  findings: Finding[];
}

const gigabyte = 1e9;
/** What the report's largest step takes, with room for the notebook kernel beside it. */
const memoryNeeded = 3 * gigabyte;
const diskNeeded = 0.5 * gigabyte;

/** Prints the report; exit code 1 when something failed. */
export async function doctorCommand(options: { json: boolean }): Promise<number> {
  const report = await examine();
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  return report.ok ? 0 : 1;
}

/** Looks at everything; what fails is a finding, never an exception. */
export async function examine(): Promise<DoctorReport> {
  const findings = [...versions(), ...(await engineFindings()), ...kernelFindings(), ...machine(), ...optional()];
  return { ok: findings.every(({ status }) => status !== "failed"), findings };
}

function versions(): Finding[] {
  const npm = npmVersion();
  const found: Finding[] = [
    { name: "signalbook", status: "ok", value: `${packageVersion(".") ?? "unknown"}, ${commitHere()}` },
    { name: "Node.js", status: "ok", value: `${process.version.slice(1)} (${process.platform} ${process.arch})` },
    { name: "npm", status: npm === undefined ? "warning" : "ok", value: npm ?? "not found" },
  ];
  for (const name of [
    "@tensorflow/tfjs",
    "@tensorflow/tfjs-node-gpu",
    "tslab",
    "typescript",
    "danfojs-node",
    "vega-lite",
  ]) {
    const version = packageVersion(join("node_modules", name));
    if (version !== undefined) found.push({ name, status: "ok", value: version });
    else found.push({ name, status: "failed", value: "not installed", fix: "run `npm run setup`" });
  }
  return found;
}

async function engineFindings(): Promise<Finding[]> {
  const findings: Finding[] = [];
  try {
    const { startEngine } = await import("../engine");
    const info = startEngine();
    const native = info.backend === "tensorflow";
    findings.push({
      name: "engine",
      status: native ? "ok" : "warning",
      value: native
        ? `TensorFlow ${info.tensorflowVersion} (${info.variant}), ${info.libraryFolder}`
        : `tfjs ${info.tfjsVersion} in plain JavaScript, ${info.fallbackReason}`,
      ...(native ? {} : { fix: "run `npm run setup`; without TensorFlow the notebooks take many times as long" }),
    });
    findings.push({
      name: "device",
      status: "ok",
      value: info.devices.length > 0 ? `${info.device} (of ${info.devices.join(", ")})` : info.device,
    });
  } catch (error) {
    return [failed("engine", error, "run `npm run setup`; with --verify it checks the library's hashes")];
  }
  findings.push(await computed("matrix product", checkMatrixProduct));
  findings.push(await computed("convolution gradient", checkConvolutionGradient));
  return findings;
}

async function computed(name: string, check: () => Promise<Computed>): Promise<Finding> {
  try {
    const { shape, largestError, tolerance, milliseconds } = await check();
    const right = largestError <= tolerance;
    return {
      name,
      status: right ? "ok" : "failed",
      value: `${shape}: off by ${largestError.toExponential(1)} at most (allowed ${tolerance}), ${milliseconds.toFixed(1)} ms`,
      ...(right ? {} : { fix: "the engine computes wrongly here: run `node scripts/setup.mjs --verify`" }),
    };
  } catch (error) {
    return failed(name, error, "see the message; --debug of other commands tells more");
  }
}

function kernelFindings(): Finding[] {
  try {
    const { name, file, zeromq } = findKernel();
    return [{ name: "kernel", status: "ok", value: `${name}, ${file}, ZeroMQ ${zeromq}` }];
  } catch (error) {
    return [failed("kernel", error, "run `npm run setup`, and check that lib/kernel is as in git")];
  }
}

function machine(): Finding[] {
  const memory = memoryAvailable();
  const { bavail, bsize } = statfsSync(projectRoot);
  const disk = bavail * bsize;
  return [
    {
      name: "memory",
      status: memory >= memoryNeeded ? "ok" : "warning",
      value: `${gigabytes(memory)} available`,
      ...(memory >= memoryNeeded
        ? {}
        : { fix: `the report takes up to ${gigabytes(memoryNeeded)}: close other programs` }),
    },
    {
      name: "disk",
      status: disk >= diskNeeded ? "ok" : "warning",
      value: `${gigabytes(disk)} free in ${projectRoot}`,
      ...(disk >= diskNeeded ? {} : { fix: "outputs may not fit: free some space" }),
    },
  ];
}

function optional(): Finding[] {
  const chromium = programVersion("chromium", ["--version"]);
  const lab = programVersion(join(projectRoot, ".signalbook", "jupyter", "bin", "jupyter-lab"), ["--version"]);
  return [
    chromium === undefined
      ? { name: "chromium", status: "absent", value: "not found; only the browser test needs it" }
      : { name: "chromium", status: "ok", value: chromium },
    lab === undefined
      ? { name: "JupyterLab", status: "absent", value: "not installed; `npm run lab` does that on first use" }
      : { name: "JupyterLab", status: "ok", value: lab },
  ];
}

function failed(name: string, error: unknown, fix: string): Finding {
  const value = (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, " ");
  return { name, status: "failed", value, fix };
}

function gigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}

/** The report as text: one line a finding, what to do below the ones that need it. */
export function reportText({ ok, findings }: DoctorReport): string {
  const marks: Record<Status, string> = { ok: "ok", warning: "WARN", failed: "FAIL", absent: "-" };
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.flatMap(({ name, status, value, fix }) => [
    `${marks[status].padEnd(4)}  ${name.padEnd(width)}  ${value}`,
    ...(fix === undefined ? [] : [`${" ".repeat(width + 8)}-> ${fix}`]),
  ]);
  const verdict = ok ? "all that the report needs is here" : "the report cannot be made here: see FAIL above";
  return `${[...lines, "", verdict].join("\n")}\n`;
}
