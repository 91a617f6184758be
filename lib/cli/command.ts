/** What a command of the command line is, how its help reads, and how its arguments are taken apart. */
import { type ParseArgsConfig, parseArgs } from "node:util";

export interface OptionSpec {
  type: "boolean" | "string";
  /** One line for the help. */
  help: string;
  /** How the help calls a string option's value: "SECONDS". */
  value?: string;
}

export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  name: string;
  /** One line, for the list of commands. */
  summary: string;
  /** What follows the name, for the usage line: "FILE...". Empty when nothing may follow but options. */
  operands: string;
  /** How many operands are needed at least. */
  minimumOperands: number;
  /** More than the summary says: one paragraph for the command's own help. */
  details: string;
  options: Readonly<Record<string, OptionSpec>>;
  /** @returns the process's exit code. */
  run(operands: readonly string[], values: OptionValues): Promise<number>;
}

/** Options that every command has. */
export const commonOptions: Readonly<Record<string, OptionSpec>> = {
  debug: { type: "boolean", help: "show where an error comes from" },
  help: { type: "boolean", help: "show this help" },
};

/** The command line was wrong, not what it named: told with the usage, exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/**
 * Takes a command's arguments apart.
 * @throws UsageError for an unknown option, a missing value, and too few or too many operands.
 */
export function parseCommand(
  command: Command,
  args: readonly string[],
): { operands: readonly string[]; values: OptionValues } {
  const options: ParseArgsConfig["options"] = {};
  for (const [name, { type }] of Object.entries({ ...command.options, ...commonOptions }))
    options[name] = name === "help" ? { type, short: "h" } : { type };
  let parsed: { positionals: string[]; values: OptionValues };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true }) as typeof parsed;
  } catch (error) {
    // Node adds advice on "--" to some of its messages; the first sentence says what is wrong.
    throw new UsageError((error as Error).message.split(". ")[0]!);
  }
  const { positionals, values } = parsed;
  if (values["help"] !== true) {
    if (positionals.length < command.minimumOperands) throw new UsageError(`${command.name} needs ${command.operands}`);
    if (command.operands === "" && positionals.length > 0)
      throw new UsageError(`${command.name} takes no argument, found "${positionals[0]}"`);
  }
  return { operands: positionals, values };
}

/** The help of one command. */
export function commandHelp(command: Command): string {
  const usage = ["usage: signalbook", command.name, "[options]", command.operands]
    .filter((part) => part !== "")
    .join(" ");
  const rows = Object.entries({ ...command.options, ...commonOptions }).map(
    ([name, spec]) => [`--${name}${spec.value === undefined ? "" : ` ${spec.value}`}`, spec.help] as const,
  );
  return [usage, "", command.details, "", "options:", ...columns(rows), ""].join("\n");
}

/** The help of the whole command line. */
export function overallHelp(commands: readonly Command[]): string {
  return [
    "usage: signalbook COMMAND [options]",
    "",
    "commands:",
    ...columns(commands.map((command) => [command.name, command.summary] as const)),
    "",
    "signalbook COMMAND --help tells more of one.",
    "",
  ].join("\n");
}

/** Two columns, the first padded to its longest cell. */
export function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`.trimEnd());
}

/** The candidate nearest to what was typed, when it is near enough to be meant. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(typed.toLowerCase(), candidate) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, best.candidate.length / 3) ? best.candidate : undefined;
}

/** Levenshtein's distance: insertions, deletions and replacements of single characters. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
