/** Set-up's steps: look, check what could stop it, lock, install what is missing. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  activateEngine,
  checkDisk,
  checkPlatform,
  chooseVariant,
  engineBytes,
  engineState,
  installEngine,
  verifyEngine,
} from "./engine.mjs";
import { readJson } from "./files.mjs";
import { takeLock } from "./lock.mjs";
import { installPackages, linkCommand, linkReady, packagesReady } from "./npm.mjs";
import { findPython } from "./pip.mjs";
import { explain, Problem } from "./problem.mjs";
import { createVoice } from "./say.mjs";

/** About what node_modules takes on the disk. */
const packagesBytes = 1e9;

const usage = `usage: node scripts/setup.mjs [--quiet] [--verify]
  --quiet   say nothing when there is nothing to do
  --verify  read the engine's libraries and compare their hashes
`;

/**
 * @param {{ root: string, packagesFile: string, args: string[] }} options
 * @returns {Promise<number>} the exit code
 */
export async function main({ root, packagesFile, args }) {
  const voice = createVoice();
  const stop = new AbortController();
  let interrupted;
  const onSignal = (name) => {
    interrupted ??= name;
    stop.abort(new Problem(`stopped by ${name}`, "run the command again to go on: nothing half done is left"));
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, onSignal);
  try {
    const options = readOptions(args);
    if (options.help) {
      process.stdout.write(usage);
      return 0;
    }
    const packages = readJson(packagesFile);
    if (packages === undefined) throw new Problem(`${packagesFile} is damaged`, "restore it with git");
    await setUp({ root, packages, options, voice, signal: stop.signal });
    return 0;
  } catch (error) {
    const told = stop.signal.aborted ? stop.signal.reason : explain(error);
    voice.say(told instanceof Problem ? told.message : (told.stack ?? String(told)));
    return interrupted === undefined ? 1 : { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[interrupted];
  } finally {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(name, onSignal);
  }
}

function readOptions(args) {
  const options = { quiet: { type: "boolean" }, verify: { type: "boolean" }, help: { type: "boolean", short: "h" } };
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Problem(error.message, usage.trim());
  }
}

/** What is to do: looks only. */
function look(root, packages, variant) {
  return {
    npm: !packagesReady(root),
    link: !linkReady(root),
    engine: variant === "none" ? "ready" : engineState(root, packages, variant),
  };
}

const nothingToDo = (state) => !state.npm && !state.link && state.engine === "ready";

async function setUp({ root, packages, options, voice, signal }) {
  const variant = chooseVariant();
  const name =
    variant === "none" ? "no engine asked for" : `engine ${packages[variant].package} ${packages[variant].version}`;
  if (!nothingToDo(look(root, packages, variant))) await install({ root, packages, variant, voice, signal });
  else if (!options.quiet) voice.say(`nothing to do (npm packages, ${name})`);
  if (options.verify && variant !== "none") {
    await verifyEngine(root, packages, variant);
    voice.say(`${name}: hashes as installed`);
  }
}

async function install({ root, packages, variant, voice, signal }) {
  const release = await takeLock(join(root, ".signalbook", "setup.lock"), (holder) =>
    voice.say(`another set-up (process ${holder.pid ?? "unknown"}) is at work; waiting for it`),
  );
  try {
    // Looked at again: the set-up waited for may have done it all.
    const state = look(root, packages, variant);
    let python;
    // What could stop it is found before anything is downloaded.
    if (state.engine === "missing") {
      checkPlatform();
      python = findPython();
    }
    const bytes = (state.npm ? packagesBytes : 0) + (python ? engineBytes(root, packages, variant) : 0);
    if (bytes > 0) checkDisk(root, bytes, "set-up");
    await together(signal, voice, [
      ...(state.npm ? [(stop) => installPackages({ root, voice, signal: stop })] : []),
      ...(python ? [(stop) => installEngine({ root, packages, variant, python, voice, signal: stop })] : []),
    ]);
    if (state.engine === "inactive") activateEngine(root, packages, variant);
    linkCommand(root);
    voice.say("ready");
  } finally {
    release();
  }
}

/**
 * Runs parts at the same time. When one fails, the other goes on to its end, so that what it does is kept; but it stops
 * at once when the same would stop it too (no network, a full disk): one message then says it.
 */
async function together(signal, voice, parts) {
  const hopeless = new AbortController();
  const stop = AbortSignal.any([signal, hopeless.signal]);
  const ended = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        await part(stop);
      } catch (error) {
        const told = explain(error);
        if (told.common) hopeless.abort();
        throw told;
      }
    }),
  );
  const failed = ended.filter(({ status, reason }) => status === "rejected" && reason.name !== "AbortError");
  for (const { reason } of failed.slice(1)) {
    if (!(reason.common && failed[0].reason.common)) voice.say(reason.message);
  }
  if (failed.length > 0) throw failed[0].reason;
  signal.throwIfAborted();
}
