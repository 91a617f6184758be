/** The committed benches as a table. */
import { formatNumber } from "../format";
import type { BenchFile } from "../speed";
import { escapeHtml } from "../tables";

/** Empty where there is no bench. */
export function speedHtml(benches: readonly BenchFile[]): string {
  const rows = benches.flatMap(({ rows: own }) =>
    own.map(({ work, beside, ours, peer, ratio, goal }) => {
      const held = ratio === null || goal === null || ratio >= goal;
      const cell = (text: string | null): string => `<td class="number">${text === null ? "–" : escapeHtml(text)}</td>`;
      return (
        `<tr><th scope="row">${escapeHtml(work)}</th><td>${escapeHtml(beside)}</td>${cell(ours)}${cell(peer)}` +
        `<td class="number${held ? "" : " bad"}">${ratio === null ? "–" : formatNumber(ratio, 2)}</td>` +
        `${cell(goal === null ? null : `≥ ${goal}`)}</tr>`
      );
    }),
  );
  if (rows.length === 0) return "";
  const heads = ["Work", "Beside", "Ours", "Peer", "Times as fast", "Asked"];
  const numbers = new Set(["Ours", "Peer", "Times as fast", "Asked"]);
  const machines = new Set(
    benches.map(({ machine, time }) =>
      [`${machine.processor}, ${machine.cores} cores`, machine.instructions.join(" "), time.slice(0, 10)].join("; "),
    ),
  );
  return [
    '<h2 id="speed">Speed</h2>',
    "<p>Measured by <code>npm run bench</code>, ours and the peer in turn in one run; not by the run this report was made in.</p>",
    '<div class="scroll" tabindex="0" role="region" aria-label="Speed"><table class="results"><thead><tr>',
    ...heads.map((head) => `<th scope="col"${numbers.has(head) ? ' class="number"' : ""}>${head}</th>`),
    `</tr></thead><tbody>${rows.join("\n")}</tbody></table></div>`,
    `<p class="facts">Machine: ${[...machines].map(escapeHtml).join("; ")}. Red: less than was asked.</p>`,
  ].join("\n");
}
