/** `signalbook models`: the architectures there are, by what they look at; as text, JSON, or counted anew as csv. */
import { join } from "node:path";
import { integerCell, readCsv } from "../formats";
import { listModels } from "../models";
import { summarizeModel, summaryCsv } from "../models/summary";
import { columns } from "./command";

/** What summary.csv beside the models says of each. */
export const summaryFile = join(__dirname, "..", "models", "summary.csv");

/** Prints every model of the registry. */
export async function modelsCommand({ json, count }: { json: boolean; count: boolean }): Promise<number> {
  const models = listModels();
  if (count) {
    process.stdout.write(summaryCsv(models.map(summarizeModel)));
    return 0;
  }
  const table = readCsv(summaryFile, ["name", "parameters", "multiply_adds"]);
  const counts = new Map(
    table.rows.map((row) => [
      row.cells["name"]!,
      {
        parameters: integerCell(table, row, "parameters"),
        multiplyAdds: integerCell(table, row, "multiply_adds"),
      },
    ]),
  );
  if (json) {
    const listed = models.map((model) => ({ ...model, ...counts.get(model.name) }));
    process.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
    return 0;
  }
  for (const input of new Set(models.map((model) => model.input))) {
    const lines = models
      .filter((model) => model.input === input)
      .map(({ name, summary }) => {
        const parameters = counts.get(name)?.parameters;
        return [name, `${parameters === undefined ? "" : `${inMillions(parameters)} parameters; `}${summary}`] as const;
      });
    process.stdout.write(`${input}\n${columns(lines).join("\n")}\n`);
  }
  return 0;
}

const inMillions = (n: number): string => (n < 1e6 ? n.toLocaleString("en-US") : `${(n / 1e6).toFixed(1)} million`);
