/** Where the files of a cell's program come from: the cell itself from memory, all else from the disk as it is now. */
import { dirname, join } from "node:path";
import type * as TypeScript from "@tslab/typescript-for-tslab";

type Ts = typeof TypeScript;
type FileOptions = TypeScript.ScriptTarget | TypeScript.CreateSourceFileOptions;

interface Kept {
  stamp: string;
  file: TypeScript.SourceFile;
}

/** A compiler host for one notebook's folder. Packages are read once; project files are looked at for every cell. */
export class CellProgramHost implements TypeScript.CompilerHost {
  /** Called once for each in-memory module (`/** @module name *\/` cells) a program meets. */
  onVirtualFile: (name: string) => void = () => undefined;
  private readonly packages = new Map<string, TypeScript.SourceFile | undefined>();
  private readonly project = new Map<string, Kept>();
  private readonly virtual = new Set<string>();
  /** The cell and the declarations of the cells before it, parsed anew for every program: tslab edits their trees. */
  private readonly cell = new Map<string, TypeScript.SourceFile>();
  private readonly cellNames: ReadonlySet<string>;
  private readonly resolutions: TypeScript.ModuleResolutionCache;
  /** Files an import of which was not found: they are resolved again for the next program. */
  private readonly unresolved = new Set<string>();

  constructor(
    private readonly ts: Ts,
    private readonly sys: TypeScript.System,
    private readonly options: TypeScript.CompilerOptions,
    private readonly folder: string,
  ) {
    this.cellNames = new Set([`${folder}/__tslab__.ts`, `${folder}/__tslab__.js`, `${folder}/__prev__.d.ts`]);
    this.resolutions = ts.createModuleResolutionCache(folder, (name) => name, options);
  }

  /** The cell's text may have changed. */
  refresh(): void {
    this.cell.clear();
  }

  /** The parsed and bound cell or declarations, or undefined for any other file. */
  cellFile(name: string): TypeScript.SourceFile | undefined {
    if (!this.cellNames.has(name)) return undefined;
    let file = this.cell.get(name);
    if (file === undefined) {
      file = this.ts.createSourceFile(name, this.sys.readFile(name) ?? "", this.ts.ScriptTarget.ES2022);
      this.cell.set(name, file);
      type Binder = { bindSourceFile(file: TypeScript.SourceFile, options: TypeScript.CompilerOptions): void };
      (this.ts as unknown as Binder).bindSourceFile(file, this.options);
    }
    return file;
  }

  /** The in-memory modules: tslab emits them with the cell that imports them. */
  virtualImports(of: TypeScript.SourceFile): string[] {
    return [...this.virtual].filter((name) => name !== of.fileName);
  }

  getSourceFile(name: string, options: FileOptions): TypeScript.SourceFile | undefined {
    const cell = this.cellFile(name);
    if (cell !== undefined) return cell;
    if (isPackage(name)) {
      if (!this.packages.has(name)) this.packages.set(name, this.parse(name, options));
      return this.packages.get(name);
    }
    const stamp = this.stamp(name);
    const kept = this.project.get(name);
    if (kept?.stamp === stamp) return kept.file;
    const file = this.parse(name, options);
    if (file === undefined) this.project.delete(name);
    else this.project.set(name, { stamp, file });
    return file;
  }

  resolveModuleNameLiterals(
    literals: readonly TypeScript.StringLiteralLike[],
    containing: string,
    redirected: TypeScript.ResolvedProjectReference | undefined,
    options: TypeScript.CompilerOptions,
    file: TypeScript.SourceFile,
  ): TypeScript.ResolvedModuleWithFailedLookupLocations[] {
    // what a package imports does not change while the kernel runs; what the project imports may
    const cache = isPackage(containing) ? this.resolutions : undefined;
    const found = literals.map((literal) => {
      const mode = this.ts.getModeForUsageLocation(file, literal);
      return this.ts.resolveModuleName(literal.text, containing, options, this, cache, redirected, mode);
    });
    if (!isPackage(containing) && found.some(({ resolvedModule }) => resolvedModule === undefined))
      this.unresolved.add(containing);
    else this.unresolved.delete(containing);
    return found;
  }

  /** TypeScript calls this one without its object. */
  readonly hasInvalidatedResolutions = (path: TypeScript.Path): boolean => this.unresolved.has(path);

  fileExists(name: string): boolean {
    return this.sys.fileExists(name);
  }

  readFile(name: string): string | undefined {
    return this.sys.readFile(name);
  }

  directoryExists(name: string): boolean {
    return this.sys.directoryExists(name);
  }

  realpath(name: string): string {
    return this.sys.realpath?.(name) ?? name;
  }

  getDirectories(name: string): string[] {
    return this.sys.getDirectories(name);
  }

  getDefaultLibLocation(): string {
    return dirname(this.ts.sys.getExecutingFilePath());
  }

  getDefaultLibFileName(options: TypeScript.CompilerOptions): string {
    return join(this.getDefaultLibLocation(), this.ts.getDefaultLibFileName(options));
  }

  getCurrentDirectory(): string {
    return this.folder;
  }

  getCanonicalFileName(name: string): string {
    return name;
  }

  useCaseSensitiveFileNames(): boolean {
    return true;
  }

  getNewLine(): string {
    return "\n";
  }

  writeFile(name: string): void {
    throw new Error(`the compiler of cells writes nothing, not ${name}`);
  }

  private parse(name: string, options: FileOptions): TypeScript.SourceFile | undefined {
    const text = this.sys.readFile(name);
    return text === undefined ? undefined : this.ts.createSourceFile(name, text, options);
  }

  /** The state of a project file. In-memory modules are on no disk: their text is their state. */
  private stamp(name: string): string {
    const modified = this.ts.sys.getModifiedTime?.(name);
    if (modified !== undefined) return `${modified.getTime()} ${this.ts.sys.getFileSize?.(name) ?? ""}`;
    const text = this.sys.readFile(name);
    if (text === undefined) return "missing";
    if (!this.virtual.has(name)) {
      this.virtual.add(name);
      this.onVirtualFile(name);
    }
    return text;
  }
}

function isPackage(name: string): boolean {
  return name.includes("/node_modules/");
}
