/** Other programs, run with their output kept in a log, and stopped when set-up is. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { readJson, writeJson } from "./files.mjs";
import { alive, startOf } from "./lock.mjs";

/** The first folder of PATH that holds `name`, as a whole path; `undefined` when none does. */
export function findProgram(name, path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file) && statSync(file).isFile());
}

/**
 * Ends the program of an earlier run that was killed before it could end it: two of them would write the same files.
 * @param {string} note where the earlier run noted its process
 */
async function endLeftover(note) {
  const left = readJson(note);
  if (left === undefined) return;
  const isIt = () => alive(left.pid) && startOf(left.pid) === left.started;
  if (isIt()) process.kill(left.pid, "SIGKILL");
  while (isIt()) await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(note, { force: true });
}

/**
 * Runs a program to its end. Its output goes to `log`, never to the terminal. One at a time for a log: callers hold a
 * lock.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, log: string, signal?: AbortSignal }} options
 * @returns {Promise<{ code: number | null, output: string }>} `output` is the last 20,000 characters of both streams
 */
export async function run(command, args, { cwd, env = process.env, log, signal }) {
  const note = `${log}.process.json`;
  mkdirSync(dirname(log), { recursive: true });
  await endLeftover(note);
  writeFileSync(log, `$ ${[command, ...args].join(" ")}\n`);
  const file = createWriteStream(log, { flags: "a" });
  return new Promise((resolve, reject) => {
    // npm takes its time over a polite signal. Nothing it or pip leaves is trusted, so they are ended at once.
    const child = spawn(command, args, { cwd, env, signal, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "pipe"] });
    if (child.pid !== undefined) writeJson(note, { pid: child.pid, started: startOf(child.pid) });
    let failure;
    let output = "";
    const take = (chunk) => {
      output = (output + chunk).slice(-20_000);
      file.write(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => {
      failure = error;
      if (child.pid === undefined) file.end(() => reject(error));
    });
    // Only when it is gone may others clean up what it was writing.
    child.on("close", (code) => {
      rmSync(note, { force: true });
      file.end(() => (failure ? reject(failure) : resolve({ code, output })));
    });
  });
}
