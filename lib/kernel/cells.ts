/**
 * Runs cells: tslab's converter and executor between our compiler (compiler.ts) and our way of telling what happened.
 * A cell ends well only when it compiled, ran, and nothing it left behind was seen failing meanwhile.
 */
import type { SourceMapPayload } from "node:module";
import { CELL_SIGNAL } from "../core/cell-signal";
import { CellCompiler } from "./compiler";
import { type CellFailure, describeFailure, TypeCheckError, type TypeFinding } from "./failures";
import { describeValue } from "./results";
import { StackMapper } from "./stacks";

/** The parts of modules.cjs the kernel uses. */
export interface ProjectModules {
  root: string;
  keepLoaded(): void;
  forgetChanged(): string[];
  sourceMapOf(filename: string): SourceMapPayload | null;
  tslabRequire: NodeJS.Require;
}

/**
 * What became of a cell. `result`, by MIME type, is there when its last statement is an expression that is not null or
 * undefined.
 */
export type CellOutcome =
  | { status: "ok"; result?: Record<string, unknown> }
  | { status: "error"; failure: CellFailure };

interface Diagnostic {
  start: { line: number; character: number };
  messageText: string;
  code: number;
  fileName?: string;
}

interface Conversion {
  output?: string;
  diagnostics: Diagnostic[];
  hasToplevelAwait?: boolean;
  [more: string]: unknown;
}

/** tslab's converter (dist/converter.d.ts). */
interface Converter {
  convert(previous: string, code: string): Conversion;
  addModule(name: string, code: string, metadata?: object): Diagnostic[];
  close(): void;
  [more: string]: unknown;
}

/** tslab's executor (dist/executor.d.ts), as far as the protocol needs it. */
export interface Executor {
  execute(code: string): Promise<boolean>;
  interrupt(): void;
  close(): void;
}

/** A cell that left failing work behind is given this long to end by itself before it fails with it. */
const GRACE_MS = 1000;

/** The one session of a kernel process. */
export class CellSession {
  readonly executor: Executor;
  private readonly compiler: CellCompiler;
  private readonly stacks: StackMapper;
  private cell = 0;
  private running = false;
  /** What the executor reported about the cell it runs: its value, or why it failed. */
  private reported: { value?: { of: unknown }; thrown?: { error: unknown } } = {};
  /** Stops the work of the cell that runs, when that work listens: see lib/core/cell-signal.ts. */
  private stop = new AbortController();
  /** The first failure of work nobody waited for: a floating rejection, a throw in a timer. */
  private stray: { error: unknown } | null = null;

  constructor(private readonly modules: ProjectModules) {
    this.stacks = new StackMapper((filename) => modules.sourceMapOf(filename));
    this.stacks.install();
    this.compiler = new CellCompiler(modules.tslabRequire("@tslab/typescript-for-tslab"));
    this.executor = this.createExecutor();
    this.compiler.assertUsed();
  }

  /** Compiles what a first cell usually imports, so that it finds it read. Takes a second; runs nothing. */
  warmUp: () => void = () => undefined;

  /** Runs one cell. @param cell its number, as in `[3]`. */
  async run(code: string, cell: number): Promise<CellOutcome> {
    this.cell = cell;
    if (this.stray !== null) return this.fail(this.takeStray());
    if (this.modules.forgetChanged().length > 0) this.stacks.forgetModules();
    this.reported = {};
    this.stop = new AbortController();
    (globalThis as Record<symbol, unknown>)[CELL_SIGNAL] = this.stop.signal;
    this.running = true;
    try {
      const ok = await this.executor.execute(code);
      await turn();
      if (this.stray !== null) return this.fail(this.takeStray());
      if (!ok || this.reported.thrown !== undefined) return this.fail(this.interrupted(this.reported.thrown?.error));
      return await this.succeed();
    } catch (error) {
      // tslab itself gave up on the cell
      return this.fail(error);
    } finally {
      this.running = false;
    }
  }

  /**
   * Work that nobody waits for has failed: the running cell fails with it, or the next one when none is running.
   * The cell may end by itself first; one that waits for what can no longer come is ended.
   */
  noteStray(error: unknown): void {
    if (this.stray !== null) return;
    this.stray = { error };
    if (!this.running) return;
    const { cell } = this;
    setTimeout(() => {
      if (this.running && this.cell === cell && this.stray !== null) this.interrupt();
    }, GRACE_MS).unref();
  }

  /** Ends the cell that runs: at once for who waits for it, and for its work where that takes the cell's signal. */
  interrupt(): void {
    if (this.running) this.stop.abort(interruption());
    this.executor.interrupt();
  }

  /** Whether work left behind has failed and no cell has told yet. */
  get hasStray(): boolean {
    return this.stray !== null;
  }

  /** The failure of the next cell, without running it: see {@link hasStray}. */
  failStray(cell: number): CellOutcome {
    this.cell = cell;
    return this.fail(this.takeStray());
  }

  private async succeed(): Promise<CellOutcome> {
    const { value } = this.reported;
    if (value === undefined) return { status: "ok" };
    try {
      return { status: "ok", result: await describeValue(value.of) };
    } catch (error) {
      return this.fail(error);
    }
  }

  private takeStray(): unknown {
    const error = this.stray?.error;
    this.stray = null;
    return error;
  }

  private fail(thrown: unknown): CellOutcome {
    const { stacks, cell } = this;
    const textOf = (number: number): string | null => stacks.textOf(number);
    return { status: "error", failure: describeFailure(thrown, { cell, textOf, root: this.modules.root }) };
  }

  private interrupted(thrown: unknown): unknown {
    const code = (thrown as { code?: string } | undefined)?.code;
    const message = (thrown as { message?: string } | undefined)?.message;
    if (code !== "ERR_SCRIPT_EXECUTION_INTERRUPTED" && message !== "Interrupted asynchronously") return thrown;
    return interruption();
  }

  private createExecutor(): Executor {
    const { tslabRequire } = this.modules;
    // tslab finds our TypeScript where it looks for its own; node_modules stays as npm left it
    const compiler = tslabRequire.cache[tslabRequire.resolve("@tslab/typescript-for-tslab")]!;
    compiler.exports = this.compiler.typescript;
    type Create = (options: { isJS: boolean; isBrowser: boolean }) => Converter;
    const { createConverter } = tslabRequire("./dist/converter") as { createConverter: Create };
    type CreateExecutor = (folder: string, converters: object, console: object) => Executor;
    const { createExecutor } = tslabRequire("./dist/executor") as { createExecutor: CreateExecutor };

    const node = this.repaired(createConverter({ isJS: false, isBrowser: false }));
    let browser: Converter | undefined;
    const converters = {
      node,
      get browser(): Converter {
        browser ??= createConverter({ isJS: false, isBrowser: true });
        return browser;
      },
      close(): void {
        node.close();
        browser?.close();
      },
    };
    return createExecutor(process.cwd(), converters, {
      log: (value: unknown) => {
        this.reported.value = { of: value };
      },
      error: (error: unknown) => {
        // findings of the type checker come line by line, after `convert` has told them as a whole
        this.reported.thrown ??= { error };
      },
    });
  }

  private repaired(converter: Converter): Converter {
    const { compiler, stacks } = this;
    this.warmUp = () => void converter.convert("", 'import * as library from "../lib";');
    return {
      ...converter,
      addModule: (name, code, metadata) => {
        stacks.addCell(this.cell, { code, original: () => null });
        const diagnostics = converter.addModule(name, code, metadata);
        if (diagnostics.length > 0) this.reported.thrown = { error: new TypeCheckError(diagnostics.map(finding)) };
        return diagnostics;
      },
      convert: (previous, code) => {
        stacks.addCell(this.cell, { code, original: () => null });
        const result = converter.convert(previous, code);
        if (result.diagnostics.length > 0)
          this.reported.thrown = { error: new TypeCheckError(result.diagnostics.map(finding)) };
        if (result.output === undefined) return result;
        const original = compiler.originalPlaces();
        const lines = result.output.split("\n").length;
        stacks.addCell(this.cell, {
          code,
          // the lines around the cell's own are the call that runs it
          original: ({ line, column }) => (line - 1 > lines ? null : original({ line: line - 1, column })),
        });
        return {
          ...result,
          // one line before the cell's own: strict mode; after it, the name the script runs under
          output: `"use strict";\n${result.output}\n//# sourceURL=${StackMapper.scriptName(this.cell)}`,
          hasToplevelAwait: compiler.awaitsAtTopLevel(code),
        };
      },
    };
  }
}

function interruption(): Error {
  const error = new Error("the cell was interrupted; work it had started goes on unless it takes cellSignal()");
  error.name = "Interrupted";
  return error;
}

/** One turn of the event loop: rejections nobody handles have been told, and timers that were due have fired. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2));
  await new Promise((resolve) => setImmediate(resolve));
}

function finding({ start, messageText, code, fileName }: Diagnostic): TypeFinding {
  return { line: start.line + 1, column: start.character + 1, message: messageText, code, file: fileName };
}
