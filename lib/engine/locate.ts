/** Where the engine's libraries lie. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { SignalbookError } from "../core/errors";
import { projectRoot } from "../core/files";

/** The two files of a TensorFlow package that the engine needs. */
export const libraryNames = ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"] as const;

/** What set-up wrote down about the engine it installed. */
export interface InstalledEngine {
  /** The folder that holds the two libraries. */
  folder: string;
  /** "cpu" or "cuda". */
  variant: string;
  /** TensorFlow's version, as the package names it. */
  version: string;
}

/**
 * The engine that set-up installed, or the one in `SIGNALBOOK_ENGINE_FOLDER`; `undefined` when there is none.
 * @throws SignalbookError when one is named but its libraries are missing: a broken install is no missing one.
 */
export function findEngine(): InstalledEngine | undefined {
  const named = process.env["SIGNALBOOK_ENGINE_FOLDER"];
  if (named)
    return checked({ folder: resolve(named), variant: "named by SIGNALBOOK_ENGINE_FOLDER", version: "unknown" });
  const store = join(projectRoot, ".signalbook", "engine");
  const active = join(store, "active.json");
  if (!existsSync(active)) return undefined;
  let facts: InstalledEngine;
  try {
    facts = JSON.parse(readFileSync(active, "utf8")) as InstalledEngine;
  } catch (cause) {
    throw new SignalbookError("the engine's record is damaged", { file: active, fix: "run `npm run setup`", cause });
  }
  return checked({ ...facts, folder: resolve(store, facts.folder) });
}

function checked(engine: InstalledEngine): InstalledEngine {
  for (const name of libraryNames) {
    if (!existsSync(join(engine.folder, name)))
      throw new SignalbookError("the engine's library is missing", {
        file: join(engine.folder, name),
        fix: "run `npm run setup` to install it again",
      });
  }
  return engine;
}
