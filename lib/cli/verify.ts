/** `signalbook verify`: whether a copy of a full data set lies as the readers expect it, and what is missing. */
import { DATA_SETS, type DataSetName, dataSetNames, verifyDataSet } from "../systems/copies/data-sets";
import type { Finding } from "../systems/copies/verification";
import { UsageError } from "./command";

/** Findings shown as text; with `--json` all of them. */
const SHOWN = 10;

/** @returns 0 where all is there and as it should be, otherwise 1 */
export async function verifyCommand(
  name: string,
  { folder, deep, json }: { folder: string | null; deep: boolean; json: boolean },
): Promise<number> {
  if (!(dataSetNames as readonly string[]).includes(name))
    throw new UsageError(`no data set "${name}": there are ${dataSetNames.join(", ")}`);
  const known = name as DataSetName;
  const result = await verifyDataSet(known, folder ?? undefined, { deep });
  const { counts, missing, wrong } = result;
  const fine = missing.length === 0 && wrong.length === 0;
  if (json) process.stdout.write(`${JSON.stringify({ name, ...result }, null, 2)}\n`);
  else {
    const lines = [`${DATA_SETS[known].title}: ${result.folder}`];
    lines.push(...Object.entries(counts).map(([what, count]) => `  ${what}: ${count}`));
    lines.push(...told("missing", missing), ...told("not as it should be", wrong));
    if (fine) lines.push(deep ? "  complete, and every file could be read" : "  complete; --deep opens every file");
    process.stdout.write(`${lines.join("\n")}\n`);
  }
  return fine ? 0 : 1;
}

function told(title: string, findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const more = findings.length > SHOWN ? [`    and ${findings.length - SHOWN} more`] : [];
  return [
    `  ${title}: ${findings.length}`,
    ...findings.slice(0, SHOWN).map(({ file, what }) => `    ${file}: ${what}`),
    ...more,
  ];
}
