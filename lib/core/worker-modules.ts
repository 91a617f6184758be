/** The project's TypeScript as a thread can load it: compiled by the process that starts the thread. */
import Module from "node:module";
import { dirname, resolve } from "node:path";
import { SignalbookError } from "./errors";

/** By path; as with what is required, a file that changes later is not looked at again. */
const known = new Map<string, string>();

/**
 * TypeScript files and those of the project that they import, by path, as JavaScript. This process has a loader of
 * TypeScript: what it makes is captured, so that no thread need load a compiler.
 * @throws SignalbookError when one cannot be read, compiled, or does not exist.
 */
export function compiledModules(entries: readonly string[]): Map<string, string> {
  const sources = new Map<string, string>();
  const visit = (file: string): void => {
    if (sources.has(file)) return;
    const source = known.get(file) ?? compiled(file);
    known.set(file, source);
    sources.set(file, source);
    for (const [, specifier] of source.matchAll(/\brequire\("(\.[^"]+)"\)/g))
      visit(require.resolve(resolve(dirname(file), specifier!)));
  };
  for (const entry of entries) {
    try {
      visit(entry);
    } catch (cause) {
      throw new SignalbookError("a worker's module that cannot be loaded", {
        file: entry,
        found: String((cause as Error).message),
        cause,
      });
    }
  }
  return sources;
}

function compiled(file: string): string {
  let source = "";
  const module = new Module(file) as Module & { _compile: (code: string) => void };
  module._compile = (code) => {
    source = code;
  };
  require.extensions[".ts"]!(module, file);
  return source;
}
