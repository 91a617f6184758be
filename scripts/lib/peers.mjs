/** The peers' Python environment for benches: made once under `.signalbook/peers/`, from bench/peers.txt. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkDisk } from "./engine.mjs";
import { readJson, writeJson } from "./files.mjs";
import { takeLock } from "./lock.mjs";
import { findPython } from "./pip.mjs";
import { Problem } from "./problem.mjs";
import { run } from "./run.mjs";
import { seconds } from "./say.mjs";

/** What the peers take on the disk: PyTorch's package brings its CUDA libraries also where there is no GPU. */
const peersBytes = 9e9;

/** Whether the environment is there, made from today's bench/peers.txt. */
export function peersReady(root) {
  return readJson(join(root, ".signalbook", "peers", "ready.json"))?.requirements === requirementsHash(root);
}

function requirementsHash(root) {
  return createHash("sha256")
    .update(readFileSync(join(root, "bench", "peers.txt")))
    .digest("hex");
}

/**
 * Makes the environment where it is missing.
 * @throws Problem when it cannot be made; nothing half done is left
 */
export async function makePeers({ root, voice, signal }) {
  if (peersReady(root)) return;
  const python = findPython();
  const release = await takeLock(join(root, ".signalbook", "peers.lock"), (holder) =>
    voice.say(`another bench (process ${holder.pid ?? "unknown"}) is making the peers' environment; waiting for it`),
  );
  const folder = join(root, ".signalbook", "peers");
  const started = Date.now();
  try {
    if (peersReady(root)) return;
    checkDisk(root, peersBytes, "the peers' environment");
    rmSync(folder, { recursive: true, force: true });
    const progress = voice.progress("the peers' Python environment (bench/peers.txt, several GB)");
    const watch = setInterval(() => progress.update(seconds(Date.now() - started)), 1000);
    let done = "failed";
    try {
      await step(
        root,
        python.command,
        ["-m", "venv", folder],
        signal,
        "apt-get install python3-venv on Debian and Ubuntu",
      );
      const pip = ["-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--no-cache-dir"];
      const interpreter = join(folder, "bin", "python");
      await step(root, interpreter, [...pip, "-r", join(root, "bench", "peers.txt")], signal, "check network and disk");
      const listed = spawnSync(interpreter, ["-m", "pip", "freeze"], { encoding: "utf8" }).stdout;
      writeJson(join(folder, "ready.json"), {
        requirements: requirementsHash(root),
        packages: listed.trim().split("\n"),
      });
      done = `made in ${seconds(Date.now() - started)}`;
    } finally {
      clearInterval(watch);
      progress.done(done);
      if (!peersReady(root)) rmSync(folder, { recursive: true, force: true });
    }
  } finally {
    release();
  }
}

async function step(root, command, args, signal, fix) {
  const log = join(root, ".signalbook", "peers.log");
  const { code, output } = await run(command, args, { cwd: root, log, signal });
  if (code === 0) return;
  const last = output.split("\n").filter((line) => /error/i.test(line));
  throw new Problem(
    `the peers' environment could not be made: ${(last.at(-1) ?? output.trim().split("\n").at(-1) ?? "").trim().slice(0, 200)}`,
    `${fix}; all that was said is in ${log}`,
  );
}
