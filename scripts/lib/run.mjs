/** Other programs, run with their output kept in a log, and stopped when set-up is. */
import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The first folder of PATH that holds `name`, as a whole path; `undefined` when none does. */
export function findProgram(name, path = process.env.PATH ?? "") {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file) && statSync(file).isFile());
}

/**
 * Runs a program to its end. Its output goes to `log`, never to the terminal.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, log: string, signal?: AbortSignal }} options
 * @returns {Promise<{ code: number | null, output: string }>} `output` is the last 20,000 characters of both streams
 */
export function run(command, args, { cwd, env = process.env, log, signal }) {
  mkdirSync(dirname(log), { recursive: true });
  writeFileSync(log, `$ ${[command, ...args].join(" ")}\n`);
  const file = createWriteStream(log, { flags: "a" });
  return new Promise((resolve, reject) => {
    // npm takes its time over a polite signal. Nothing it or pip leaves is trusted, so they are ended at once.
    const child = spawn(command, args, { cwd, env, signal, killSignal: "SIGKILL", stdio: ["ignore", "pipe", "pipe"] });
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
    child.on("close", (code) => file.end(() => (failure ? reject(failure) : resolve({ code, output }))));
  });
}
