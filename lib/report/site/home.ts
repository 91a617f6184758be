/** The report's first page: what this is, the notebooks, the results beside their reference, and what they were made on. */
import type { EnvironmentFacts } from "../environment";
import { formatInterval, formatNumber } from "../format";
import { durationText } from "../progress";
import { compareResults, type Difference, differenceText, type Result, type ResultsFile } from "../results";
import type { BenchFile } from "../speed";
import type { ScoredSystem } from "../system-table";
import { escapeHtml } from "../tables";
import type { NotebookFile } from "./notebook-file";
import { speedHtml } from "./speed";
import { systemsHtml } from "./systems";

/** A notebook that did not run to its end. */
export interface NotebookFailure {
  /** Its name, without folder and extension. */
  notebook: string;
  message: string;
}

export interface HomeParts {
  notebooks: readonly NotebookFile[];
  results: ResultsFile;
  reference: ResultsFile | null;
  environment: EnvironmentFacts;
  systems: readonly ScoredSystem[];
  benches: readonly BenchFile[];
  failures: readonly NotebookFailure[];
}

export function homeBody(parts: HomeParts): string {
  const { notebooks, results, reference, environment, systems, benches, failures } = parts;
  const pages = new Set(notebooks.map(({ name }) => name));
  const differences = reference === null ? null : compareResults(results, reference);
  return [
    "<h1>signalbook</h1>",
    '<p class="lead">Classification of biosignals in TypeScript, told in notebooks: real recordings in, trained models, ' +
      "figures and submission files out. This report was built from executed notebooks; their numbers were computed " +
      "by the code shown beside them.</p>",
    failuresHtml(failures),
    '<h2 id="notebooks">Notebooks</h2>',
    contentsHtml(notebooks, environment),
    systemsHtml(systems, results.results, pages),
    '<h2 id="results">Results</h2>',
    resultsHtml(results, reference, differences, pages),
    speedHtml(benches),
    '<h2 id="environment">Environment</h2>',
    environmentHtml(environment),
  ].join("\n");
}

function failuresHtml(failures: readonly NotebookFailure[]): string {
  if (failures.length === 0) return "";
  const items = failures.map((f) => `<li><strong>${escapeHtml(f.notebook)}</strong>: ${escapeHtml(f.message)}</li>`);
  return `<div class="notice bad" role="alert"><p>Not every notebook ran to its end:</p><ul>${items.join("")}</ul></div>`;
}

function contentsHtml(notebooks: readonly NotebookFile[], { notebookSeconds }: EnvironmentFacts): string {
  if (notebooks.length === 0) return "<p>No notebook was executed.</p>";
  const items = notebooks.map(({ name, title, question, failed }) => {
    const seconds = notebookSeconds[name];
    const facts = [...(failed ? ["failed"] : []), ...(seconds === undefined ? [] : [durationText(seconds)])];
    return (
      `<li><a href="${escapeHtml(name)}.html">${escapeHtml(numberedTitle(name, title))}</a>` +
      `${facts.length === 0 ? "" : ` <span class="${failed ? "bad" : "facts"}">${facts.join(", ")}</span>`}` +
      `${question === "" ? "" : `<br>${escapeHtml(withoutMarks(question))}`}</li>`
    );
  });
  return `<ul class="contents">${items.join("\n")}</ul>`;
}

/** A title with its notebook's number: "02 ECG training: ...". */
export function numberedTitle(name: string, title: string): string {
  const number = /^\d+/.exec(name)?.[0];
  const words = title.replace(/^\d{1,3}[._:\s-]+/, "");
  return number === undefined ? words : `${number} ${words}`;
}

/** A line of Markdown without its marks. */
function withoutMarks(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]*\)/g, "$1").replace(/[*_`]+/g, "");
}

function resultsHtml(
  { results }: ResultsFile,
  reference: ResultsFile | null,
  differences: Difference[] | null,
  pages: ReadonlySet<string>,
): string {
  const verdict = verdictHtml(results, differences);
  if (results.length === 0) return verdict;
  const known = new Map((reference?.results ?? []).map((result) => [result.id, result]));
  const differing = new Map((differences ?? []).map((difference) => [difference.id, difference]));
  const rows = results.map((result) => {
    const digits = result.digits ?? 3;
    const link = pages.has(result.notebook)
      ? `<a href="${escapeHtml(result.notebook)}.html">${escapeHtml(result.label ?? result.id)}</a>`
      : escapeHtml(result.label ?? result.id);
    const unit = result.unit === undefined ? "" : ` ${escapeHtml(result.unit)}`;
    const method = result.intervalMethod === undefined ? "" : ` title="${escapeHtml(result.intervalMethod)}"`;
    return `<tr><th scope="row">${link}</th>
<td class="number"${method}>${formatInterval(result.value, result.interval, digits)}${unit}</td>
<td class="number">${result.n}</td>
<td>${escapeHtml(result.sample)}${result.real === "simulated" ? " <strong>(simulated)</strong>" : " (real)"}</td>
${referenceCells(result, known.get(result.id), differing.get(result.id))}</tr>`;
  });
  const methods = [...new Set(results.flatMap((result) => result.intervalMethod ?? []))];
  return [
    verdict,
    '<div class="scroll" tabindex="0" role="region" aria-label="Results">',
    '<table class="results"><thead><tr><th scope="col">Result</th><th scope="col" class="number">Value (interval)</th>',
    '<th scope="col" class="number">n</th><th scope="col">Measured on</th><th scope="col" class="number">Reference</th>',
    '<th scope="col">Compared</th></tr></thead>',
    `<tbody>${rows.join("\n")}</tbody></table></div>`,
    methods.length === 0 ? "" : `<p class="facts">Intervals: ${methods.map(escapeHtml).join("; ")}.</p>`,
  ].join("\n");
}

function verdictHtml(results: readonly Result[], differences: Difference[] | null): string {
  if (differences === null) return '<p class="notice">There is no committed reference to compare this run with.</p>';
  if (differences.length === 0)
    return results.length === 0
      ? "<p>No notebook recorded a result.</p>"
      : `<p class="notice good">All ${results.length} results lie within their tolerance of the committed reference.</p>`;
  const items = differences.map((difference) => `<li>${escapeHtml(differenceText(difference))}</li>`);
  return `<div class="notice bad"><p>This run differs from the committed reference:</p><ul>${items.join("")}</ul></div>`;
}

function referenceCells(result: Result, reference: Result | undefined, difference: Difference | undefined): string {
  if (reference === undefined) return '<td class="number">–</td><td>no reference</td>';
  const digits = result.digits ?? 3;
  const gap = result.value - reference.value;
  const signed = `${gap > 0 ? "+" : ""}${formatNumber(gap, digits)}`;
  const tolerance = `±&nbsp;${decimalText(reference.tolerance)}`;
  return (
    `<td class="number">${formatNumber(reference.value, digits)}</td>` +
    (difference === undefined ? `<td>within ${tolerance}</td>` : `<td class="bad">${signed}, beyond ${tolerance}</td>`)
  );
}

/** A tolerance as it was given: 0.0005, not 0.001. */
function decimalText(value: number): string {
  return formatNumber(value, Math.min(10, (String(value).split(".")[1] ?? "").length));
}

function environmentHtml(facts: EnvironmentFacts): string {
  const seconds = (Date.parse(facts.finished) - Date.parse(facts.started)) / 1000;
  const state = facts.changed === null ? "" : facts.changed ? ", with uncommitted changes" : ", unchanged";
  const rows: [string, string][] = [
    ["Commit", facts.commit === null ? "not a git checkout" : `<code>${facts.commit}</code>${state}`],
    ["Run", `${time(facts.started)} to ${time(facts.finished)} (${durationText(seconds)})`],
    ["Engine", escapeHtml(facts.engine)],
    ["Machine", escapeHtml(facts.machine)],
    [
      "Versions",
      Object.entries(facts.versions)
        .map(([name, version]) => `${escapeHtml(name)}&nbsp;${escapeHtml(version)}`)
        .join(", "),
    ],
  ];
  const data = facts.data.map(
    (d) =>
      `<tr><th scope="row"><code>${escapeHtml(d.folder)}</code></th><td class="number">${d.files}</td>` +
      `<td class="number">${formatNumber(d.bytes / 2 ** 20, 2)}</td><td><code class="hash">${d.sha256}</code></td></tr>`,
  );
  return [
    '<div class="scroll" tabindex="0" role="region" aria-label="Environment"><table class="facts-table"><tbody>',
    ...rows.map(([name, value]) => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`),
    "</tbody></table></div>",
    '<h3 id="data">Data</h3>',
    '<div class="scroll" tabindex="0" role="region" aria-label="Data"><table><thead><tr><th scope="col">Folder</th>',
    '<th scope="col" class="number">Files</th><th scope="col" class="number">MiB</th><th scope="col">SHA-256 of the files</th></tr></thead>',
    `<tbody>${data.join("\n")}</tbody></table></div>`,
  ].join("\n");
}

function time(iso: string): string {
  const text = new Date(iso).toISOString();
  return `<time datetime="${text}">${text.slice(0, 16).replace("T", " ")} UTC</time>`;
}
