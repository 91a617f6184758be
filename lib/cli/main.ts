/** `npx signalbook`: picks the command, tells errors in one line, and gives the exit code. */
import { type Command, commandHelp, nearest, overallHelp, parseCommand, UsageError } from "./command";
import { commands as allCommands } from "./commands";

/**
 * Runs the command line.
 * @param args without the program's name.
 * @returns 0 when all went well, 1 when the work failed, 2 when the command line itself is wrong.
 */
export async function main(args: readonly string[], commands: readonly Command[] = allCommands): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    const asked = commands.find((command) => command.name === rest[0]);
    process.stdout.write(asked === undefined ? overallHelp(commands) : commandHelp(asked));
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  try {
    if (command === undefined) throw unknown(name, commands);
    const { operands, values } = parseCommand(command, rest);
    if (values["help"] === true) {
      process.stdout.write(commandHelp(command));
      return 0;
    }
    return await command.run(operands, values);
  } catch (error) {
    tell(error, rest.includes("--debug"));
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`  see: signalbook ${command === undefined ? "--help" : `${command.name} --help`}\n`);
    return 2;
  }
}

function unknown(name: string, commands: readonly Command[]): UsageError {
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  return new UsageError(`unknown command "${name}"${meant === undefined ? "" : `; did you mean "${meant}"?`}`);
}

/** One line; the whole stack, with the errors that caused this one, only where `--debug` asks for it. */
function tell(error: unknown, debug: boolean): void {
  if (!(error instanceof Error)) {
    process.stderr.write(`signalbook: ${String(error)}\n`);
    return;
  }
  process.stderr.write(`signalbook: ${error.message.replace(/\s*\n\s*/g, " ")}\n`);
  if (!debug) return;
  for (let at: unknown = error; at instanceof Error; at = at.cause) process.stderr.write(`${at.stack ?? at.message}\n`);
}
