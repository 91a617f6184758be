#!/usr/bin/env node
/**
 * Makes a clone ready: the npm packages of the lockfile, the engine's libraries, and the command `npx signalbook`.
 * Plain Node, no dependencies. Safe to run again (nothing to do: a few milliseconds) and safe to interrupt.
 *
 *   node scripts/setup.mjs [--quiet] [--verify]
 *
 * SIGNALBOOK_ENGINE=cpu | cuda | none chooses the engine; without it, cuda where an NVIDIA driver is visible.
 */
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const oldest = [20, 19];
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(`set-up: this is Node ${process.versions.node}; ${oldest.join(".")} or newer is needed\n`);
  process.stderr.write("  install a current Node.js and run the command again\n");
  process.exit(1);
}
// Read only now: these modules use what an old Node lacks.
const { main } = await import("./lib/setup-main.mjs");
const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
process.exitCode = await main({
  root,
  packagesFile: join(root, "scripts", "engine-packages.json"),
  args: process.argv.slice(2),
});
