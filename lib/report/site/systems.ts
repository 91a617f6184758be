/** One results table a published system: its authors' scores, and under them what the notebooks of this run measured. */
import { formatInterval, formatNumber } from "../format";
import type { Result } from "../results";
import { ourRow, resultsOf, type ScoredSystem, systemTable } from "../system-table";
import { escapeHtml } from "../tables";

/** The tables of all systems. @param pages names of the notebooks that have a page: our rows lead there. */
export function systemsHtml(
  systems: readonly ScoredSystem[],
  results: readonly Result[],
  pages: ReadonlySet<string>,
): string {
  if (systems.length === 0) return "";
  return [
    '<h2 id="systems">The published systems</h2>',
    "<p>What the authors of each system published, and what the notebooks of this run measured. The protocol says on " +
      "whom each number stands: <strong>a published and a measured score are not comparable</strong> unless their " +
      "protocols are the same.</p>",
    ...systems.map((system) => systemHtml(system, results, pages)),
  ].join("\n");
}

function systemHtml(system: ScoredSystem, results: readonly Result[], pages: ReadonlySet<string>): string {
  const { number, title, scoresRemark } = system;
  const name = escapeHtml(`${number} ${title}`);
  const measured = resultsOf(system, results);
  const rows = [
    ...systemTable(system, []).map((row) => {
      const { what, measure, protocol, published } = row;
      return rowHtml([
        escapeHtml(what),
        escapeHtml(measure),
        formatNumber(published!, 3),
        "",
        "",
        escapeHtml(protocol),
      ]);
    }),
    ...measured.map((result) => {
      const { what, measure, protocol, data } = ourRow(result);
      const link = pages.has(result.notebook)
        ? `<a href="${escapeHtml(result.notebook)}.html">${escapeHtml(what)}</a>`
        : escapeHtml(what);
      const value = formatInterval(result.value, result.interval, result.digits ?? 3);
      const mark = data === "simulated" ? " <strong>(simulated)</strong>" : " (real)";
      return rowHtml([link, escapeHtml(measure), "", value, String(result.n), escapeHtml(protocol) + mark], "ours");
    }),
  ];
  const remarks = [
    ...(scoresRemark === undefined ? [] : [`${scoresRemark[0]!.toUpperCase()}${scoresRemark.slice(1)}.`]),
    ...(measured.length === 0 ? ["No notebook of this run measured it."] : []),
  ];
  return [
    `<h3 id="system-${escapeHtml(number)}">${name}</h3>`,
    remarks.length === 0 ? "" : `<p class="facts">${remarks.map(escapeHtml).join(" ")}</p>`,
    rows.length === 0 ? "" : tableHtml(name, rows),
  ].join("\n");
}

function tableHtml(name: string, rows: readonly string[]): string {
  const heads = ["What", "Measure", "Published", "Ours (interval)", "n", "Protocol"];
  const head = heads.map((text, i) => `<th scope="col"${alignment(i)}>${text}</th>`).join("");
  return [
    `<div class="scroll" tabindex="0" role="region" aria-label="Results of system ${name}">`,
    `<table class="results systems"><thead><tr>${head}</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`,
  ].join("\n");
}

function rowHtml(cells: readonly string[], kind?: "ours"): string {
  const [what, ...others] = cells;
  const rest = others.map((cell, i) => `<td${alignment(i + 1)}>${cell === "" ? "–" : cell}</td>`).join("");
  return `<tr${kind === undefined ? "" : ` class="${kind}"`}><th scope="row">${what}</th>${rest}</tr>`;
}

/** Published, ours and n are numbers. */
function alignment(column: number): string {
  return column >= 2 && column <= 4 ? ' class="number"' : "";
}
