/** `signalbook models`: the architectures there are, by family, as text or JSON. */
import { listModels } from "../models";
import { columns } from "./command";

/** Prints every model of the registry. */
export async function modelsCommand(options: { json: boolean }): Promise<number> {
  const models = listModels();
  if (options.json) {
    process.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
    return 0;
  }
  for (const input of new Set(models.map((model) => model.input))) {
    const rows = models.filter((model) => model.input === input).map(({ name, summary }) => [name, summary] as const);
    process.stdout.write(`${input}\n${columns(rows).join("\n")}\n`);
  }
  return 0;
}
