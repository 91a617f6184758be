/** What README.md and environment.md say of the project holds. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { commands } from "../../lib/cli/commands";
import { projectRoot } from "../../lib/core/files";

const read = (name: string): string => readFileSync(join(projectRoot, name), "utf8");
const pages = ["README.md", "environment.md"];
const scripts = (JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts;

test("every npm script that the pages name is there, and every script's file", () => {
  for (const page of pages)
    for (const [, name] of read(page).matchAll(/\bnpm run ([a-z:]+)/g))
      assert.ok(name! in scripts, `${page}: npm run ${name}`);
  for (const [name, line] of Object.entries(scripts))
    for (const [file] of line.matchAll(/scripts\/[\w.-]+/g))
      assert.ok(existsSync(join(projectRoot, file)), `package.json, ${name}: ${file}`);
});

test("every file that the pages link to or show is there", () => {
  for (const page of pages)
    for (const [, target] of read(page).matchAll(/\]\((?!https?:)([^)#]+)\)/g))
      assert.ok(existsSync(join(projectRoot, target!)), `${page} links to ${target}`);
});

test("the layout and the commands are told as they are", () => {
  const readme = read("README.md");
  const layout = /## What is where\n+```\n([\s\S]*?)```/.exec(readme)![1]!;
  const folders = [...layout.matchAll(/^([\w.]+)\/ /gm)].map(([, name]) => name!);
  assert.ok(folders.length >= 7);
  for (const folder of folders) assert.ok(existsSync(join(projectRoot, folder)), folder);
  const told = /`npx signalbook --help` \| the command line: ([^|]*)\|/.exec(readme)![1]!;
  const names = [...told.matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  assert.deepEqual(names.sort(), commands.map(({ name }) => name).sort());
});

test("the environment variables told are those that the code reads", () => {
  const page = read("environment.md");
  for (const [, name] of page.matchAll(/`(SIGNALBOOK_\w+)=/g)) {
    const files = [
      "lib/engine/start.ts",
      "lib/engine/locate.ts",
      "lib/core/files.ts",
      "scripts/lib/engine.mjs",
      "lib/systems/copies/data-sets.ts",
    ];
    assert.ok(
      files.some((file) => read(file).includes(name!)),
      name,
    );
  }
});

test("the README's example compiles against lib/index.ts", () => {
  const code = /```ts\n([\s\S]*?)```/.exec(read("README.md"))![1]!;
  // As a notebook beside the others would have it.
  const file = join(projectRoot, "notebooks", "readme-example.ts");
  const config = ts.readConfigFile(join(projectRoot, "tsconfig.json"), ts.sys.readFile).config as {
    compilerOptions: object;
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noUnusedLocals: false },
    projectRoot,
  );
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, language, ...rest) =>
    name === file ? ts.createSourceFile(name, code, language) : getSourceFile(name, language, ...rest);
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file)!;
  const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  assert.deepEqual(
    found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " ")),
    [],
  );
});
