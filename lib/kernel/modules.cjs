"use strict";
/**
 * Loads the project's TypeScript in the kernel's process: `require` of a .ts file compiles it with the compiler tslab
 * brings, one file at a time and without checking types (`npm run check` does that), and keeps the JavaScript under
 * .signalbook/cache/modules, so that a kernel that finds nothing changed compiles nothing. The kernel's own files are
 * loaded in the same way, which is why this one is plain JavaScript.
 */
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { dirname, join, relative, resolve, sep } = require("node:path");

const root = resolve(__dirname, "..", "..");
const cacheFolder = join(root, ".signalbook", "cache", "modules");
const compilerPackage = "@tslab/typescript-for-tslab";
const tslabRequire = createRequire(require.resolve("tslab/package.json"));
const compilerVersion = tslabRequire(`${compilerPackage}/package.json`).version;
/** Part of every cache key: another compiler or another way of compiling is another result. */
const recipe = `1 ${compilerPackage} ${compilerVersion} commonjs es2022`;

/** The state on disk of every project module when it was loaded, by file name. */
const stamps = new Map();
/** The source maps of the loaded TypeScript, by file name, read when somebody asks. */
const maps = new Map();

function isProjectModule(filename) {
  return filename.startsWith(root + sep) && !filename.includes(`${sep}node_modules${sep}`);
}

/** The state of a file that changes when it is edited. */
function stamp(filename) {
  const { mtimeMs, size } = statSync(filename);
  return `${mtimeMs} ${size}`;
}

function compile(filename, source) {
  const ts = tslabRequire(compilerPackage);
  const result = ts.transpileModule(source, {
    fileName: filename,
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
      inlineSourceMap: true,
    },
  });
  const wrong = result.diagnostics?.[0];
  if (wrong !== undefined) {
    const { line, character } = ts.getLineAndCharacterOfPosition(wrong.file, wrong.start);
    const text = ts.flattenDiagnosticMessageText(wrong.messageText, "\n");
    throw new SyntaxError(`${relative(root, filename)}:${line + 1}:${character + 1}: ${text}`);
  }
  return result.outputText;
}

/** The JavaScript of a TypeScript file, from the cache when source and recipe are the same as then. */
function compiled(filename) {
  const source = readFileSync(filename, "utf8");
  const key = `//${createHash("sha1").update(recipe).update("\0").update(source).digest("hex")}\n`;
  const cached = join(cacheFolder, `${relative(root, filename)}.js`);
  try {
    const text = readFileSync(cached, "utf8");
    if (text.startsWith(key)) return text.slice(key.length);
  } catch {
    // not compiled yet
  }
  const code = compile(filename, source);
  try {
    const temporary = `${cached}.${process.pid}.tmp`;
    mkdirSync(dirname(cached), { recursive: true });
    writeFileSync(temporary, key + code);
    renameSync(temporary, cached);
  } catch {
    // a cache that cannot be written (a read-only checkout) costs time and nothing else
  }
  return code;
}

/** Makes `require` load TypeScript files of the project. */
function register() {
  require.extensions[".ts"] = (module, filename) => {
    if (!isProjectModule(filename)) throw new Error(`${filename}: TypeScript is loaded from the project only`);
    stamps.set(filename, stamp(filename));
    const code = compiled(filename);
    maps.set(filename, () => inlineMap(code));
    module._compile(code, filename);
  };
}

function inlineMap(code) {
  const found = /\/\/# sourceMappingURL=data:application\/json;base64,([A-Za-z0-9+/=]+)\s*$/.exec(code);
  return found === null ? null : JSON.parse(Buffer.from(found[1], "base64").toString("utf8"));
}

/** The source map of a loaded project module, or null. */
function sourceMapOf(filename) {
  return maps.get(filename)?.() ?? null;
}

/** Modules that stay whatever is edited: the kernel itself. */
const permanent = new Set();

/** Everything loaded until now stays loaded. */
function keepLoaded() {
  for (const filename of Object.keys(require.cache)) permanent.add(filename);
}

/**
 * Forgets every project module when one of them was edited or removed, so that nobody keeps an old binding: the next
 * `import` loads all of them anew. Call it between cells. @returns the files that changed.
 */
function forgetChanged() {
  const mine = Object.keys(require.cache).filter((name) => isProjectModule(name) && !permanent.has(name));
  const changed = mine.filter(hasChanged);
  if (changed.length > 0) for (const name of mine) forget(name);
  return changed;
}

function hasChanged(filename) {
  try {
    const now = stamp(filename);
    // JSON and plain JavaScript are loaded by Node itself: their state is taken when they are first met here
    if (!stamps.has(filename)) stamps.set(filename, now);
    return stamps.get(filename) !== now;
  } catch {
    return true;
  }
}

function forget(filename) {
  delete require.cache[filename];
  stamps.delete(filename);
  maps.delete(filename);
}

module.exports = { root, register, keepLoaded, forgetChanged, sourceMapOf, tslabRequire };
