/**
 * tslab's compiler for cells, repaired at one seam: its converter drives TypeScript through `createWatchCompilerHost`,
 * `createWatchProgram` and `transpileModule`, so it is given a TypeScript whose three functions are these.
 *
 * What changes: imports reach anything (`../lib/...`), cells are strict, `await` is parsed wherever it may stand, only
 * the cell itself is checked and emitted (project modules are loaded by modules.cjs), files are looked at when a cell is
 * compiled instead of being watched, and the way from the code that runs back to the cell's text is kept.
 */
import { SourceMap, type SourceMapPayload } from "node:module";
import type * as TypeScript from "@tslab/typescript-for-tslab";
import { keepPropertyNames } from "./cell-names";
import { CellProgramHost } from "./program-host";

type Ts = typeof TypeScript;

/** What tslab's converter needs of a TypeScript builder. */
interface CellBuilder {
  getProgram(): TypeScript.Program;
  getSourceFile(fileName: string): TypeScript.SourceFile | undefined;
  getAllDependencies(sourceFile: TypeScript.SourceFile): string[];
  emit(
    sourceFile: TypeScript.SourceFile,
    write: (fileName: string, text: string) => void,
    cancellation?: TypeScript.CancellationToken,
    onlyDeclarations?: boolean,
    transformers?: TypeScript.CustomTransformers,
  ): TypeScript.EmitResult;
}

interface WatchHost {
  rootNames: string[];
  options: TypeScript.CompilerOptions;
  sys: TypeScript.System;
  afterProgramCreate?: (builder: CellBuilder) => void;
}

/** A place in a text, both counted from 1. */
export interface Place {
  line: number;
  column: number;
}

/** The folder tslab emits to; nothing is written there. */
const OUT = "outDir";
/** What tslab calls the declarations of earlier cells. */
const EARLIER_CELLS = "__prev__.d.ts";
/** What tslab calls a cell in its second step, from ES modules to CommonJS. */
const TSLAB_STEP = "custom.js";

/** Makes the TypeScript tslab is given, and remembers the source maps of the cell compiled last. */
export class CellCompiler {
  /** The TypeScript to put in the place of the real one before tslab's converter is loaded. */
  readonly typescript: Ts;
  private emitted: SourceMap | null = null;
  private transpiled: SourceMap | null = null;
  private used = false;

  constructor(private readonly ts: Ts) {
    this.typescript = {
      ...ts,
      sys: { ...ts.sys, watchFile: () => ({ close: () => undefined }) }, // nothing is watched
      createWatchCompilerHost: this.createWatchCompilerHost.bind(this),
      createWatchProgram: this.createWatchProgram.bind(this),
      transpileModule: this.transpileModule.bind(this),
    } as unknown as Ts;
  }

  /** @throws Error when tslab's converter did not come through here: then it is not the tslab this was written for. */
  assertUsed(): void {
    if (!this.used) throw new Error("tslab's converter no longer compiles through createWatchProgram; see compiler.ts");
  }

  /**
   * The way from the code of the cell compiled last to its text: from a place in the CommonJS that runs to the place in
   * the cell, or null where the compiler put in something of its own.
   */
  originalPlaces(): (place: Place) => Place | null {
    const [first, second] = [this.transpiled, this.emitted];
    return (place) => {
      const middle = first && find(first, place);
      const source = middle && second && find(second, middle);
      // tslab puts one line, `export {};`, before a cell's text
      return source && source.line > 1 ? { line: source.line - 1, column: source.column } : null;
    };
  }

  /** Whether `code` awaits outside a function, and so must run as one. */
  awaitsAtTopLevel(code: string): boolean {
    const { ts } = this;
    const file = ts.createSourceFile("cell.ts", `export {};\n${code}`, ts.ScriptTarget.ES2022, false, ts.ScriptKind.TS);
    const awaits = (node: TypeScript.Node): boolean => {
      if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return true;
      if (ts.isFunctionLike(node)) return false;
      return ts.forEachChild(node, (child) => awaits(child) || undefined) ?? false;
    };
    return awaits(file);
  }

  private createWatchCompilerHost(
    rootNames: string[],
    options: TypeScript.CompilerOptions & { disableTopLevelAwait?: boolean },
    sys: TypeScript.System,
  ): WatchHost {
    if (options.rootDir !== sys.getCurrentDirectory() || options.outDir !== OUT || !options.disableTopLevelAwait)
      throw new Error("tslab compiles cells with other options than those compiler.ts was written for");
    const { ts } = this;
    const repaired = {
      ...options,
      rootDir: "/",
      strict: true,
      disableTopLevelAwait: false,
      moduleResolution: ts.ModuleResolutionKind.Bundler, // types of packages with "exports"
      types: ["node"],
      checkJs: false,
      sourceMap: true,
    };
    return { rootNames, options: repaired, sys };
  }

  private createWatchProgram(host: WatchHost): { close(): void; updateRootFileNames(names: string[]): void } {
    this.used = true;
    const { ts } = this;
    const { sys, options } = host;
    const folder = sys.getCurrentDirectory();
    const files = new CellProgramHost(ts, sys, options, folder);
    let program: TypeScript.Program | undefined;
    let pending = false;

    const rebuild = (): void => {
      pending = false;
      let current: TypeScript.Program | undefined;
      files.refresh();
      host.afterProgramCreate?.({
        getProgram: () => {
          current ??= ts.createProgram({ rootNames: host.rootNames, options, host: files, oldProgram: program });
          program = current;
          return current;
        },
        // the text of a cell can be looked at before the program is made: tslab asks for its variables first
        getSourceFile: (name) => files.cellFile(name) ?? program?.getSourceFile(name),
        getAllDependencies: (file) => [file.fileName, ...files.virtualImports(file)],
        emit: (file, write, cancellation, onlyDeclarations, transformers) =>
          program!.emit(file, (name, text) => this.receive(folder, name, text, write), cancellation, onlyDeclarations, {
            ...transformers,
            after: [this.propertyNames(program!), ...(transformers?.after ?? [])],
          }),
      });
    };
    const schedule = (): void => {
      if (pending) return;
      pending = true;
      sys.setTimeout!(rebuild, 0);
    };
    files.onVirtualFile = (name) => sys.watchFile!(name, schedule);
    for (const name of host.rootNames) sys.watchFile!(name, schedule);
    rebuild();
    return {
      close: () => undefined,
      updateRootFileNames: (names) => {
        host.rootNames = names;
        schedule();
      },
    };
  }

  private propertyNames(program: TypeScript.Program): TypeScript.TransformerFactory<TypeScript.SourceFile> {
    const isEarlier = ({ fileName }: TypeScript.SourceFile): boolean => fileName.endsWith(`/${EARLIER_CELLS}`);
    return keepPropertyNames(this.ts, program.getTypeChecker(), isEarlier);
  }

  /** Files are emitted under OUT by their whole path; tslab expects them by their path from the notebook's folder. */
  private receive(folder: string, name: string, text: string, write: (name: string, text: string) => void): void {
    const local = name.startsWith(`${OUT}${folder}/`) ? `${OUT}${name.slice(OUT.length + folder.length)}` : name;
    if (local === `${OUT}/__tslab__.js.map`) this.emitted = new SourceMap(JSON.parse(text) as SourceMapPayload);
    if (local.endsWith(".map")) return;
    write(local, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n"));
  }

  private transpileModule(source: string, options: TypeScript.TranspileOptions): TypeScript.TranspileOutput {
    if (options.fileName !== TSLAB_STEP) return this.ts.transpileModule(source, options);
    const compilerOptions = { ...options.compilerOptions, sourceMap: true };
    const output = this.ts.transpileModule(source, { ...options, compilerOptions });
    this.transpiled = new SourceMap(JSON.parse(output.sourceMapText!) as SourceMapPayload);
    return { ...output, outputText: output.outputText.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n") };
  }
}

function find(map: SourceMap, { line, column }: Place): Place | null {
  const entry = map.findEntry(line - 1, column - 1);
  return "originalLine" in entry ? { line: entry.originalLine + 1, column: entry.originalColumn + 1 } : null;
}
