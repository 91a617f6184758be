/** The static report: pages made of executed notebooks, complete in one folder, asking no other host for anything. */
import { randomUUID } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SignalbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import type { EnvironmentFacts } from "../environment";
import type { ResultsFile } from "../results";
import type { BenchFile } from "../speed";
import type { ScoredSystem } from "../system-table";
import { escapeHtml } from "../tables";
import { homeBody, type NotebookFailure, numberedTitle } from "./home";
import { type NotebookFile, readNotebook } from "./notebook-file";
import { notebookPage } from "./notebook-page";
import { pageHtml } from "./page";

export type { NotebookFailure } from "./home";

export interface ReportParts {
  /** Paths of executed notebooks, in reading order. */
  executedNotebooks: readonly string[];
  /** The report's folder; an older report there is replaced. */
  outputDir: string;
  results: ResultsFile;
  /** The committed results to compare with; null where there are none. */
  reference: ResultsFile | null;
  environment: EnvironmentFacts;
  /** The published systems, each with a table of its own on the first page. */
  systems?: readonly ScoredSystem[];
  /** The committed benches. Default none. */
  benches?: readonly BenchFile[];
  /** Notebooks that did not run to their end, and why. */
  failures?: readonly NotebookFailure[];
}

const ownAssets = join(__dirname, "assets");
/** What the interactive copies run on, with their licences. */
const packagedAssets: readonly (readonly [string, string])[] = [
  ["vega/build/vega.min.js", "vega.min.js"],
  ["vega-view/LICENSE", "vega.LICENSE.txt"], // vega itself is a bundle of its parts, all under this one
  ["vega-lite/build/vega-lite.min.js", "vega-lite.min.js"],
  ["vega-lite/LICENSE", "vega-lite.LICENSE.txt"],
];

/**
 * Builds the report in a new folder beside `outputDir` and puts it there when it is complete.
 * @returns the paths of all files of the report.
 * @throws SignalbookError when a notebook can't be read, two have the same name, or `outputDir` holds something else.
 */
export function buildReport(parts: ReportParts): string[] {
  const outputDir = resolve(parts.outputDir);
  checkOutput(outputDir);
  const files = reportFiles(parts);
  const temporary = `${outputDir}.${randomUUID().slice(0, 8)}.building`;
  try {
    for (const [name, content] of files) {
      const path = join(temporary, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    }
    const assets = join(temporary, "assets");
    mkdirSync(assets, { recursive: true });
    for (const name of readdirSync(ownAssets)) copyFileSync(join(ownAssets, name), join(assets, name));
    for (const [from, to] of packagedAssets) copyFileSync(join(projectRoot, "node_modules", from), join(assets, to));
    putInPlace(temporary, outputDir);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return readdirSync(outputDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Names and contents of the pages and figures. */
function reportFiles(parts: ReportParts): Map<string, string> {
  const { results, reference, environment, systems = [], benches = [], failures = [] } = parts;
  const notebooks = parts.executedNotebooks.map(readNotebook);
  const names = new Set(notebooks.map(({ name }) => name));
  const twice = notebooks.find(({ name }, index) => notebooks.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined || names.has("index"))
    throw new SignalbookError("a notebook whose page has another's name", {
      file: twice?.path ?? "index.ipynb",
      fix: "rename the notebook",
    });
  const links = notebooks.map(({ name, title }) => ({ href: `${name}.html`, title: shortTitle(name, title) }));
  const pages = [{ href: "index.html", title: "Overview" }, ...links];
  const footer = footerHtml(environment);
  const files = new Map<string, string>();
  const home = homeBody({ notebooks, results, reference, environment, systems, benches, failures });
  files.set(
    "index.html",
    pageHtml({
      title: "signalbook: report",
      description: "Results, figures and environment of one run of the notebooks",
      body: home,
      pages,
      current: "index.html",
      footer,
    }),
  );
  notebooks.forEach((notebook, index) => {
    const neighbours = { previous: pages[index], next: pages[index + 2] };
    const { body, figures } = notebookPage(notebook, names, neighbours);
    files.set(`${notebook.name}.html`, pageHtml(pageOf(notebook, body)));
    for (const figure of figures) files.set(`figures/${figure.file}`, figure.content);
  });
  return files;

  function pageOf(notebook: NotebookFile, body: string) {
    const { name, title, question } = notebook;
    const description = question === "" ? title : question;
    return { title: `${title} – signalbook`, description, body, pages, current: `${name}.html`, footer };
  }
}

/** For the navigation: the notebook's number and the title up to its colon. */
function shortTitle(name: string, title: string): string {
  return numberedTitle(name, title).split(/[:–]/)[0]!.trim();
}

function footerHtml({ commit, changed, finished, engine }: EnvironmentFacts): string {
  const at = commit === null ? "" : `, commit <code>${commit.slice(0, 10)}</code>${changed ? " with changes" : ""}`;
  return `<p>Built ${new Date(finished).toISOString().slice(0, 16).replace("T", " ")} UTC${at}; ${escapeHtml(engine)}. <a href="index.html#environment">Environment</a></p>`;
}

/** Refuses to replace a folder that is not a report: its files would be lost. */
function checkOutput(outputDir: string): void {
  if (!existsSync(outputDir) || readdirSync(outputDir).length === 0) return;
  const index = join(outputDir, "index.html");
  if (!existsSync(index) || !readFileSync(index, "utf8").includes('<meta name="generator" content="signalbook">'))
    throw new SignalbookError("the folder for the report holds something else", {
      file: outputDir,
      fix: "choose an empty or a new folder",
    });
}

function putInPlace(built: string, outputDir: string): void {
  if (!existsSync(outputDir)) {
    renameSync(built, outputDir);
    return;
  }
  const old = `${outputDir}.${randomUUID().slice(0, 8)}.old`;
  renameSync(outputDir, old);
  renameSync(built, outputDir);
  rmSync(old, { recursive: true, force: true });
}
