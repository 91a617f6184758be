/** A small clone to set up: a lockfile, a package with two "libraries", and stand-ins for python3 and npm. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { makeZip, type ZipEntry } from "./zip";

export interface Wheel {
  name: string;
  version: string;
  platform: string;
  abi: string;
  wheel: string;
  sha256: string;
  bytes: number;
  keep: string[];
  keptBytes: number;
}

export interface Engine {
  version: string;
  package: string;
  folder: string;
  strip: string;
  libraries: string;
  wheels: Wheel[];
}

export interface Clone {
  root: string;
  /** Set-up's table of packages, here with one small wheel. */
  packages: { cpu: Engine; cuda: Engine };
  /** The wheel that the stand-in for pip serves. */
  wheelFile: string;
  /** The wheel's libraries, by name. */
  libraries: Record<string, Buffer>;
  env: NodeJS.ProcessEnv;
}

/** A module of scripts/, by its path below it. */
export function script<T>(path: string): T {
  return require(join(projectRoot, "scripts", path)) as T;
}

export const sha256 = (bytes: Buffer, encoding: "hex" | "base64url" = "hex"): string =>
  createHash("sha256").update(bytes).digest(encoding);

const libraries: Record<string, Buffer> = {
  "libtensorflow_framework.so.2": Buffer.from("framework ".repeat(1000)),
  "libtensorflow_cc.so.2": Buffer.from("kernels ".repeat(20_000)),
};

/** @param record RECORD's text; right unless said. */
export function makeWheel(record?: string): Buffer {
  const files: ZipEntry[] = Object.entries(libraries).map(([name, data]) => ({ name: `tensorflow/${name}`, data }));
  const lines = files.map(
    ({ name, data }) => `${name},sha256=${sha256(data as Buffer, "base64url")},${(data as Buffer).length}`,
  );
  return makeZip([
    { name: "tensorflow/__init__.py", data: "raise ImportError" },
    ...files,
    { name: "tensorflow_cpu-9.9.9.dist-info/RECORD", data: record ?? `${lines.join("\n")}\n` },
  ]);
}

export function packageOf(wheel: Buffer): Engine {
  return {
    version: "9.9.9",
    package: "tensorflow-cpu",
    folder: "tensorflow-cpu-9.9.9",
    strip: "tensorflow/",
    libraries: "",
    wheels: [
      {
        name: "tensorflow-cpu",
        version: "9.9.9",
        platform: "manylinux_2_27_x86_64",
        abi: "cp311",
        wheel: "tensorflow_cpu-9.9.9-cp311-cp311-manylinux_2_27_x86_64.whl",
        sha256: sha256(wheel),
        bytes: wheel.length,
        keep: ["tensorflow/libtensorflow_*.so.2"],
        keptBytes: Object.values(libraries).reduce((sum, bytes) => sum + bytes.length, 0),
      },
    ],
  };
}

/** How the stand-in for pip behaves: FAKE_PIP is empty, offline, full, slow (half a file, then for ever) or other. */
const fakePython = `#!/bin/sh
if [ "$3" = "--version" ]; then echo "pip 25.0 from somewhere (python 3.12)"; exit 0; fi
while [ $# -gt 0 ]; do [ "$1" = "--dest" ] && dest=$2; shift; done
case "$FAKE_PIP" in
  offline) echo "WARNING: Retrying after NewConnectionError: Temporary failure in name resolution"
    echo "ERROR: No matching distribution found for tensorflow-cpu==9.9.9" >&2; exit 1 ;;
  full) echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device" >&2; exit 1 ;;
  slow) head -c 1000 "$FAKE_WHEEL" > "$TMPDIR/half.whl"; echo started > "$FAKE_STARTED"; exec sleep 20 ;;
  other) echo changed > "$dest/$FAKE_WHEEL_NAME" ;;
  *) cp "$FAKE_WHEEL" "$dest/$FAKE_WHEEL_NAME" ;;
esac
`;

const fakeNpm = `#!/bin/sh
[ -n "$FAKE_NPM" ] && { echo "npm error code $FAKE_NPM" >&2; exit 1; }
mkdir -p node_modules/.bin && echo '{"packages":{}}' > node_modules/.package-lock.json
echo "$@" > npm-was-called-with
`;

/** Makes the clone in a folder with spaces in its name; it is removed after the test. */
export function makeClone(context: TestContext, wheel: Buffer = makeWheel()): Clone {
  const outer = mkdtempSync(join(tmpdir(), "signalbook set-up "));
  context.after(() => require("node:fs").rmSync(outer, { recursive: true, force: true }));
  const root = join(outer, "a clone");
  const bin = join(outer, "bin");
  for (const folder of [bin, join(root, "scripts")]) mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries({ python3: fakePython, npm: fakeNpm })) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const wheelFile = join(outer, "wheel");
  writeFileSync(wheelFile, wheel);
  writeFileSync(
    join(root, "package-lock.json"),
    JSON.stringify({ packages: { "": {}, "node_modules/a": { version: "1.0.0" } } }),
  );
  writeFileSync(join(root, "scripts", "signalbook.cjs"), readFileSync(join(projectRoot, "scripts", "signalbook.cjs")));
  const cpu = packageOf(wheel);
  const packages = { cpu, cuda: { ...cpu, folder: "tensorflow-cuda-9.9.9", strip: "", libraries: "tensorflow" } };
  writeFileSync(join(root, "packages.json"), JSON.stringify(packages));
  const env: NodeJS.ProcessEnv = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: outer,
    SIGNALBOOK_ENGINE: "cpu",
    FAKE_WHEEL: wheelFile,
    FAKE_WHEEL_NAME: cpu.wheels[0]!.wheel,
    FAKE_STARTED: join(outer, "started"),
  };
  return { root, packages, wheelFile, libraries, env };
}

export interface Ended {
  code: number | null;
  output: string;
  milliseconds: number;
}

/** Runs set-up on a clone, in a process of its own. `onStart` may send it signals. */
export function setUp(
  { root, env }: Clone,
  extra: NodeJS.ProcessEnv = {},
  { args = [] as string[], onStart = (_child: ReturnType<typeof spawn>): void => {} } = {},
): Promise<Ended> {
  const main = JSON.stringify(`file://${join(projectRoot, "scripts", "lib", "setup-main.mjs")}`);
  const options = JSON.stringify({ root, packagesFile: join(root, "packages.json"), args });
  const source = `import { main } from ${main}; process.exitCode = await main(${options});`;
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
      env: { ...env, ...extra },
      cwd: root,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("close", (code) => resolve({ code, output, milliseconds: performance.now() - started }));
    onStart(child);
  });
}
