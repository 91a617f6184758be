/**
 * The parts of `npm run check`. Each looks at a project's folder and returns its problems, one line each: none when all
 * is well.
 * @typedef {(root: string) => Promise<string[]> | string[]} Check
 */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, relative, resolve } from "node:path";
import { checkLayers } from "../check-layers.mjs";
import { filesBelow, projectFiles } from "./tree.mjs";

/** Runs a program; its output's lines when it fails. */
function linesOf(command, args, root) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.on("error", failed);
    child.on("close", (code) => {
      const lines = output.split("\n").filter((line) => line.trim() !== "");
      done(
        code === 0 ? [] : lines.length > 0 ? lines : [`${basename(args[0] ?? command)} failed with exit code ${code}`],
      );
    });
  });
}

/** Types of lib, test and bench under the project's own TypeScript. */
export const checkTypes = (root) =>
  linesOf(
    process.execPath,
    [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", root, "--pretty", "false"],
    root,
  );

/**
 * Types of lib under the TypeScript inside tslab: what notebooks import is compiled and checked by it, and syntax that it
 * does not know breaks every cell.
 */
export function checkNotebookTypes(root) {
  const folder = join(root, ".signalbook", "check");
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "tsconfig.tslab.json");
  writeFileSync(config, JSON.stringify({ extends: "../../tsconfig.json", include: ["../../lib"] }));
  const tsc = join(root, "node_modules", "@tslab", "typescript-for-tslab", "bin", "tsc");
  return linesOf(process.execPath, [tsc, "-p", config, "--pretty", "false"], root);
}

/** Lint rules and formatting. */
export const checkStyle = (root) =>
  linesOf(join(root, "node_modules", ".bin", "biome"), ["ci", "--colors=off", "--max-diagnostics=200", "."], root);

/** The sections of every notebook, in this order, as headings of the second level. */
export const notebookSections = ["Question", "Data", "Method", "Result", "What it means", "Limits"];

/** Notebooks as they are committed: without outputs and counts, with their fixed sections. */
export function checkNotebooks(root) {
  const problems = [];
  for (const file of filesBelow(join(root, "notebooks"), [".ipynb"])) {
    const name = relative(root, file);
    let cells;
    try {
      cells = JSON.parse(readFileSync(file, "utf8")).cells;
    } catch (error) {
      problems.push(`${name}: not JSON (${error.message})`);
      continue;
    }
    const headings = [];
    for (const [i, cell] of cells.entries()) {
      const place = `${name}, cell ${i + 1}`;
      if (cell.cell_type === "code") {
        if ((cell.outputs ?? []).length > 0) problems.push(`${place}: has outputs; clear them before committing`);
        if (cell.execution_count != null)
          problems.push(`${place}: has an execution count; clear outputs before committing`);
        continue;
      }
      const text = [cell.source].flat().join("");
      for (const match of text.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^##[ \t]+(.+?)[ \t]*$/gm))
        headings.push(match[1]);
    }
    if (JSON.stringify(headings) !== JSON.stringify(notebookSections))
      problems.push(
        `${name}: its sections are ${headings.join(", ") || "missing"}; expected ${notebookSections.join(", ")}`,
      );
  }
  return problems;
}

const longestFile = 400;

/** Files of lib hold about one idea each. */
export function checkLength(root) {
  return filesBelow(join(root, "lib"), [".ts", ".cjs"])
    .map((file) => ({ file, lines: readFileSync(file, "utf8").trimEnd().split("\n").length }))
    .filter(({ lines }) => lines > longestFile)
    .map(({ file, lines }) => `${relative(root, file)}: ${lines} lines; split it, ${longestFile} is the most`);
}

/** What must not be in any file of the repository, each with why. */
const forbidden = [
  {
    pattern:
      /\b(?:registry|index|files|deb|security|static)\.[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:org|com|io)\b|\b\w+pi\.org\b/,
    why: "names a package registry's host; packages come from wherever npm, pip and apt are set up to look",
  },
  {
    pattern: /^(?:extra-)?index-url\b|--(?:extra-)?index-url\b|--find-links\b/m,
    why: "fixes where pip looks for packages",
  },
  { pattern: /^[ \t]*"resolved": "https?:/m, why: "fixes where npm looks for a package" },
  {
    pattern: /(?:^|[\s"'`(=:,[])\/(?:work|root|home\/\w+|Users\/\w+)\/[\w.]/m,
    why: "names a path of one machine; paths are relative to the project",
  },
  { pattern: /(?:^|[\s"'`(=/])\.\.\/shared\//m, why: "reaches outside the project" },
];

/** This file and its test spell out what they forbid. */
const speaksOfThem = /^(?:scripts\/lib\/checks\.mjs|test\/setup\/check\.test\.ts)$/;

/** Words that tie the repository to one machine or one registry. */
export function checkPortability(root) {
  const here = [resolve(root), homedir()].filter((path) => path.length > 6);
  const problems = [];
  for (const name of projectFiles(root)) {
    if (speaksOfThem.test(name)) continue;
    const bytes = readFileSync(join(root, name));
    if (bytes.subarray(0, 8192).includes(0)) continue;
    const text = bytes.toString("utf8");
    for (const { pattern, why } of forbidden) {
      const found = pattern.exec(text);
      if (found === null) continue;
      const line = text.slice(0, found.index + found[0].search(/\S/)).split("\n").length;
      problems.push(`${name}:${line}: "${found[0].trim().slice(0, 60)}" ${why}`);
    }
    for (const path of here) {
      const at = text.indexOf(path);
      if (at >= 0)
        problems.push(`${name}:${text.slice(0, at).split("\n").length}: names the path ${path} of this machine`);
    }
  }
  return problems;
}

const folders = ["notebooks", "lib", "data", "outputs", "test", "scripts", "bench", ".ci"];
const rootFiles =
  /^(?:README\.md|LICENSE|environment\.md|package\.json|package-lock\.json|tsconfig\.json|biome\.json|\.gitignore|\.gitattributes|\.npmrc)$/;
const largestData = 25e6;

/** The repository's top level stays as README.md tells it, and its data small enough to clone at once. */
export function checkLayout(root) {
  const problems = [];
  let data = 0;
  for (const name of projectFiles(root)) {
    const [top, ...rest] = name.split("/");
    if (rest.length === 0 ? !rootFiles.test(name) : !folders.includes(top))
      problems.push(`${name}: not in the layout; it is ${folders.join(", ")} and the files of the root`);
    if (top === "data" || name.startsWith("test/fixtures/")) data += statSync(join(root, name)).size;
    if (top === "outputs" && rest[0] !== "reference") problems.push(`${name}: only outputs/reference is kept in git`);
  }
  if (data > largestData) problems.push(`data and test/fixtures take ${data} bytes; ${largestData} is the most`);
  for (const folder of folders.filter((name) => !readdirSync(root).includes(name))) problems.push(`${folder}: missing`);
  return problems;
}

/** Every part, by the name that `npm run check NAME` takes, with what to say of it. */
export const checks = {
  types: { check: checkTypes, title: "types (TypeScript of the project)" },
  "notebook-types": { check: checkNotebookTypes, title: "types of lib (TypeScript of the notebooks)" },
  style: { check: checkStyle, title: "lint and formatting" },
  layers: { check: checkLayers, title: "layers of lib" },
  notebooks: { check: checkNotebooks, title: "notebooks as committed" },
  length: { check: checkLength, title: "length of files" },
  portability: { check: checkPortability, title: "no machine's paths, no registry's hosts" },
  layout: { check: checkLayout, title: "layout of the repository" },
};
