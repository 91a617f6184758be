#!/usr/bin/env node
/**
 * `npm run bench [-- NAME... [-- ARGUMENT...]]`: runs bench/*.bench.ts one after another, ours beside the peers', and
 * writes outputs/bench/*.json. The peers' environment is made on the first run; where it cannot be, only ours is measured.
 * Arguments are handed to the benches named: `npm run bench -- models -- resnet50`.
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makePeers } from "./lib/peers.mjs";
import { createVoice } from "./lib/say.mjs";
import { filesBelow } from "./lib/tree.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const benches = filesBelow(join(root, "bench"), [".bench.ts"]);
const names = benches.map((file) => basename(file, ".bench.ts"));
const given = process.argv.slice(2);
const end = given.includes("--") ? given.indexOf("--") : given.length;
const [asked, handed] = [given.slice(0, end), given.slice(end + 1)];
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0 || (handed.length > 0 && asked.length === 0)) {
  process.stderr.write(
    `usage: npm run bench [-- NAME... [-- ARGUMENT...]]\n  names: ${names.join(", ") || "none yet"}\n`,
  );
  process.exit(asked.includes("--help") ? 0 : 2);
}

const voice = createVoice({ prefix: "bench: " });
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"])
  process.once(name, () => {
    stop.abort(new Error(`stopped by ${name}`));
    process.exitCode = 1;
  });
try {
  await makePeers({ root, voice, signal: stop.signal });
} catch (error) {
  voice.say(`${stop.signal.aborted ? stop.signal.reason.message : error.message}`);
  voice.say("the peers are left out");
}

mkdirSync(join(root, "outputs", "bench"), { recursive: true });
for (const file of benches) {
  const name = basename(file, ".bench.ts");
  if (stop.signal.aborted || (asked.length > 0 && !asked.includes(name))) continue;
  voice.say(name);
  const code = await new Promise((done) => {
    spawn(process.execPath, ["-r", "ts-node/register", file, ...handed], {
      cwd: root,
      stdio: "inherit",
      signal: stop.signal,
    })
      .on("error", () => done(1))
      .on("close", done);
  });
  if (code !== 0) {
    voice.say(`${name} FAILED`);
    process.exitCode = 1;
  }
}
