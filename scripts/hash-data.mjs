#!/usr/bin/env node
/**
 * Writes data/sample/SHA256SUMS, one line a file in the format of `sha256sum`, sorted by path; or checks it.
 *
 *   node scripts/hash-data.mjs [folder]           write folder/SHA256SUMS (default: data/sample)
 *   node scripts/hash-data.mjs --check [folder]   compare; names each file that changed, is missing or is new; exit 1
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

const SUMS = "SHA256SUMS";
const words = process.argv.slice(2);
const check = words.includes("--check");
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const folder = resolve(words.find((word) => word !== "--check") ?? join(root, "data", "sample"));

function* filesUnder(path) {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* filesUnder(child);
    else if (entry.name !== SUMS) yield child;
  }
}

const sums = new Map();
for (const file of filesUnder(folder)) {
  const digest = createHash("sha256").update(readFileSync(file)).digest("hex");
  sums.set(relative(folder, file).split(sep).join("/"), digest);
}
const lines = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, digest]) => `${digest}  ${name}\n`);

if (!check) {
  const path = join(folder, SUMS);
  writeFileSync(`${path}.tmp`, lines.join(""));
  renameSync(`${path}.tmp`, path);
  console.log(`${path}: ${sums.size} files`);
} else {
  const written = new Map();
  for (const line of readFileSync(join(folder, SUMS), "utf8").split("\n")) {
    if (line !== "") written.set(line.slice(66), line.slice(0, 64));
  }
  const problems = [];
  for (const [name, digest] of written) {
    if (!sums.has(name)) problems.push(`${name}: missing`);
    else if (sums.get(name) !== digest) problems.push(`${name}: changed`);
  }
  for (const name of sums.keys()) if (!written.has(name)) problems.push(`${name}: not in ${SUMS}`);
  for (const problem of problems) console.error(problem);
  if (problems.length === 0) console.log(`${sums.size} files as written down`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
