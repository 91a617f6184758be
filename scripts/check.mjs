#!/usr/bin/env node
/**
 * `npm run check`: everything about the source that can be checked without running it. Parts run at the same time; one
 * line a part, then the problems.
 *   node scripts/check.mjs [PART...]
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { checks } from "./lib/checks.mjs";
import { seconds } from "./lib/say.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in checks));
if (unknown.length > 0 || asked.includes("--help")) {
  process.stderr.write(`usage: npm run check [-- PART...]\n  parts: ${Object.keys(checks).join(", ")}\n`);
  process.exit(asked.includes("--help") ? 0 : 2);
}

const started = Date.now();
const results = await Promise.all(
  (asked.length > 0 ? asked : Object.keys(checks)).map(async (name) => {
    const { check, title } = checks[name];
    const begun = Date.now();
    const problems = await check(root);
    const verdict = problems.length === 0 ? "ok  " : "FAIL";
    process.stdout.write(`${verdict}  ${name.padEnd(15)} ${title} (${seconds(Date.now() - begun)})\n`);
    return { name, problems };
  }),
);
const failed = results.filter(({ problems }) => problems.length > 0);
for (const { name, problems } of failed)
  process.stdout.write(`\n${name}:\n${problems.map((line) => `  ${line}\n`).join("")}`);
process.stdout.write(
  failed.length === 0
    ? `check passed in ${seconds(Date.now() - started)}\n`
    : `\ncheck FAILED: ${failed.map(({ name }) => name).join(", ")}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
