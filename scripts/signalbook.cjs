#!/usr/bin/env node
"use strict";
/** The command line, run from source: `npx signalbook` in the clone, and what the npm scripts call. */
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
if (!existsSync(join(root, "node_modules", "ts-node", "package.json"))) {
  process.stderr.write("signalbook: this clone is not set up yet; run `npm run setup` first\n");
  process.exit(1);
}
require("ts-node").register({ project: join(root, "tsconfig.json"), transpileOnly: true });
const { main } = require(join(root, "lib", "cli", "main.ts"));
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
