#!/usr/bin/env node
/**
 * Which folder of lib may import from which: arrows point one way. Run by `npm run check`, or alone:
 *   node scripts/check-layers.mjs [ROOT]
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { filesBelow } from "./lib/tree.mjs";

const here = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Every folder of lib, and the other folders that its files may import from. */
export const allowed = {
  core: [],
  formats: ["core"],
  preprocessing: ["core", "formats"],
  augmentation: ["core", "formats", "preprocessing"],
  simulation: ["core", "formats", "preprocessing"],
  engine: ["core"],
  nn: ["core", "engine"],
  models: ["core", "engine", "nn"],
  training: ["core", "formats", "preprocessing", "augmentation", "engine", "nn", "models"],
  ensembling: ["core", "formats", "preprocessing", "augmentation", "engine", "nn", "models", "training"],
  // biome-ignore format: one line a folder
  systems: ["core", "formats", "preprocessing", "augmentation", "engine", "nn", "models", "training", "ensembling"],
  report: ["core", "formats", "preprocessing", "engine", "training", "ensembling"],
  kernel: ["core"],
  // biome-ignore format: one line a folder
  cli: ["core", "formats", "preprocessing", "augmentation", "engine", "nn", "models", "training", "ensembling", "systems", "simulation", "report", "kernel"],
};

/** lib/index.ts, the public surface, may import from every folder but these. */
const notPublic = ["cli", "kernel"];

/**
 * @param {string} root the project's folder
 * @returns {string[]} one line a violation: "lib/formats/edf.ts:3: formats may not import from engine"
 */
export function checkLayers(root) {
  const ts = createRequire(join(here, "package.json"))("typescript");
  const lib = join(root, "lib");
  const problems = [];
  for (const file of filesBelow(lib, [".ts", ".cjs", ".mjs", ".js"])) {
    const text = readFileSync(file, "utf8");
    const name = relative(root, file).split(sep).join("/");
    const from = relative(lib, file).split(sep);
    const layer = from.length > 1 ? from[0] : "index";
    if (layer !== "index" && !(layer in allowed)) {
      problems.push(`${name}: lib/${layer} is no folder of the table in scripts/check-layers.mjs`);
      continue;
    }
    if (layer === "index" && from[0] !== "index.ts") {
      problems.push(`${name}: lib itself holds index.ts only; put this file into the folder it belongs to`);
      continue;
    }
    for (const { fileName: specifier, pos } of ts.preProcessFile(text, true, true).importedFiles) {
      if (!specifier.startsWith(".")) continue;
      const place = `${name}:${text.slice(0, pos).split("\n").length}`;
      const target = relative(lib, resolve(dirname(file), specifier)).split(sep);
      if (target[0] === "..") {
        // package.json and the like may be read; code outside lib may not be.
        if (!specifier.endsWith(".json"))
          problems.push(`${place}: lib may not import from outside lib, found ${specifier}`);
        continue;
      }
      const to = target[0] === "" || target[0].startsWith("index") ? "index" : target[0];
      const may = layer === "index" ? !notPublic.includes(to) : to === layer || allowed[layer].includes(to);
      if (!may) problems.push(`${place}: ${layer} may not import from ${to} (${specifier})`);
    }
  }
  return problems;
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const problems = checkLayers(resolve(process.argv[2] ?? here));
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
