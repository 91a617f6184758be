#!/usr/bin/env node
/**
 * The tests: `npm test` runs test/**\/*.test.ts but for the long ones (*.full.test.ts); `npm run test:full` runs all.
 *   node scripts/test.mjs [--full] [PATH...]
 * A PATH is a file, a folder, or a part of a file's path.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow } from "./lib/tree.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const args = process.argv.slice(2);
const full = args.includes("--full");
const filters = args.filter((arg) => !arg.startsWith("--"));
const unknown = args.filter((arg) => arg.startsWith("--") && arg !== "--full");
if (unknown.length > 0) {
  process.stderr.write(
    `test: unknown option ${unknown[0]}\nusage: npm test [-- PATH...], npm run test:full [-- PATH...]\n`,
  );
  process.exit(2);
}

const wanted = (name) =>
  filters.length === 0 ||
  filters.some((filter) => name.includes(relative(root, resolve(filter))) || name.includes(filter));
const all = filesBelow(join(root, "test"), [".test.ts"]).map((file) => relative(root, file).split(sep).join("/"));
const files = all.filter((name) => (full || !name.endsWith(".full.test.ts")) && wanted(name));
if (files.length === 0) {
  process.stderr.write(`test: no test file matches ${filters.join(", ") || "test/**/*.test.ts"}\n`);
  process.exit(2);
}

// Two at a time on the two cores the project is made for: each file is a process that loads TensorFlow's threads.
const concurrency = Math.min(2, cpus().length);
const tap = join(root, ".signalbook", "test.tap");
mkdirSync(dirname(tap), { recursive: true });
rmSync(tap, { force: true });
process.stdout.write(`${files.length} test files${full ? "" : ` (of ${all.length}; npm run test:full runs all)`}\n`);
// biome-ignore format: one option a line says nothing more
const child = spawn(process.execPath,
  ["-r", "ts-node/register", "--test", `--test-concurrency=${concurrency}`, "--test-timeout=900000",
    "--test-reporter=spec", "--test-reporter-destination=stdout",
    "--test-reporter=tap", `--test-reporter-destination=${tap}`, ...files],
  { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
child.on("close", (code) => {
  // The runner's own closing lines, in the form that other programs read.
  const lines = existsSync(tap) ? readFileSync(tap, "utf8").split("\n") : [];
  const closing = lines.filter((line) =>
    /^# (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(line),
  );
  process.stdout.write(`\n${closing.join("\n")}\n`);
  process.exitCode = code ?? 1;
});
