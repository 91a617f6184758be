import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { sourceFiles, sourceHash } from "../../lib/core/source-hash";
import { scratchFolder, throwsProblem } from "../support/problems";

test("all that a module imports, types and what it passes on too; its hash follows each of them", (t) => {
  const folder = scratchFolder(t);
  const write = (name: string, text: string): void => writeFileSync(join(folder, `${name}.ts`), text);
  write("entry", 'import { join } from "node:path";\nimport {\n  one,\n  two,\n} from "./a";\nexport * from "./b";\n');
  write("a", 'import type { T } from "./c";\n// a sentence that speaks of an import from "./nowhere"\n');
  write("b", 'import "./entry";\n');
  write("c", "export type T = 1;\n");
  write("alone", "");
  const entry = join(folder, "entry.ts");
  assert.deepEqual(
    sourceFiles(entry).map((file) => relative(folder, file)),
    ["a.ts", "b.ts", "c.ts", "entry.ts"],
  );
  const before = sourceHash(entry);
  write("alone", "changed");
  assert.equal(sourceHash(entry), before);
  write("c", "export type T = 2;\n");
  assert.notEqual(sourceHash(entry), before);
  write("c", 'export * from "./gone";\n');
  throwsProblem(() => sourceHash(entry), { file: join(folder, "c.ts"), found: "./gone" });
});

test("the simulator's pictures depend on how they are drawn", () => {
  const files = sourceFiles(join(projectRoot, "lib", "simulation", "maic.ts")).map((file) =>
    relative(projectRoot, file),
  );
  for (const name of ["simulation/sleep-eeg", "preprocessing/psg-worker", "core/random", "formats/png"])
    assert.ok(files.includes(join("lib", `${name}.ts`)), name);
});
