/** Each part of `npm run check` finds what it is there for, planted in a small project of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../lib/core/files";
import { script } from "./clone";

type Check = (root: string) => Promise<string[]> | string[];
const { checks, notebookSections } = script<{ checks: Record<string, { check: Check }>; notebookSections: string[] }>(
  "lib/checks.mjs",
);

/** A small project that passes every part, with `files` added or changed. */
function project(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), "signalbook-check-"));
  for (const name of ["package.json", "tsconfig.json", "biome.json", ".gitignore"])
    cpSync(join(projectRoot, name), join(root, name));
  symlinkSync(join(projectRoot, "node_modules"), join(root, "node_modules"));
  const whole: Record<string, string> = {
    "lib/core/numbers.ts": "export const one: number = 1;\n",
    "lib/formats/reader.ts": 'import { one } from "../core/numbers";\n\nexport const two: number = one + one;\n',
    "lib/index.ts": 'export { two } from "./formats/reader";\n',
    "notebooks/00_start.ipynb": notebook(),
    "data/README.md": "# Data\n",
    "outputs/reference/results.json": "{}\n",
    "test/core/numbers.test.ts": 'import "../../lib/core/numbers";\n',
    "bench/none.ts": "export const none: number = 0;\n",
    "scripts/none.mjs": "export const none = 0;\n",
    ".ci/run": "#!/bin/sh\n",
    ...files,
  };
  for (const [name, text] of Object.entries(whole)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  spawnSync("git", ["init", "--quiet", root]);
  return root;
}

function notebook({ sections = notebookSections, code = {} as object } = {}): string {
  const markdown = (text: string): object => ({ cell_type: "markdown", source: [text] });
  const cells = [
    markdown("# Start"),
    ...sections.map((section) => markdown(`## ${section}\n\nText.`)),
    { cell_type: "code", source: ["1"], outputs: [], execution_count: null, ...code },
  ];
  return JSON.stringify({ cells });
}

async function problemsOf(part: string, files: Record<string, string>): Promise<string[]> {
  const root = project(files);
  try {
    return await checks[part]!.check(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

for (const part of Object.keys(checks))
  test(`${part}: nothing to say of a project that is in order`, async () => {
    assert.deepEqual(await problemsOf(part, {}), []);
  });

const long = `${Array.from({ length: 401 }, (_, i) => `export const n${i}: number = ${i};`).join("\n")}\n`;

/** What is planted, and what is said of it. */
const planted: [part: string, what: string, files: Record<string, string>, said: RegExp][] = [
  [
    "types",
    "a wrong type in lib",
    { "lib/core/numbers.ts": 'export const one: number = "1";\n' },
    /lib\/core\/numbers\.ts\(1,14\): error TS2322/,
  ],
  [
    "types",
    "a wrong type in a test",
    { "test/core/x.test.ts": "const x: string = 1;\nvoid x;\n" },
    /test\/core\/x\.test\.ts\(1,7\): error TS2322/,
  ],
  [
    "notebook-types",
    "syntax newer than the notebooks' compiler",
    {
      "lib/core/numbers.ts":
        "export function one(): number {\n  using x = { [Symbol.dispose]: () => {} };\n  return x ? 1 : 0;\n}\n",
    },
    /lib\/core\/numbers\.ts\(2,/,
  ],
  ["style", "formatting", { "lib/core/numbers.ts": "export const one: number = (1)\n" }, /numbers\.ts.*format/],
  ["style", "any", { "lib/core/numbers.ts": "export const one: any = 1;\n" }, /noExplicitAny/],
  [
    "layers",
    "an import upwards",
    { "lib/core/numbers.ts": 'import { two } from "../formats/reader";\n\nexport const one: number = two;\n' },
    /^lib\/core\/numbers\.ts:1: core may not import from formats/,
  ],
  [
    "layers",
    "a type taken from above",
    { "lib/core/numbers.ts": 'export const one: import("../formats/reader").X = 1;\n' },
    /core may not import from formats/,
  ],
  [
    "layers",
    "a re-export",
    { "lib/formats/all.ts": 'export * from "../engine/tf";\n', "lib/engine/tf.ts": "export const tf = 1;\n" },
    /formats may not import from engine/,
  ],
  [
    "layers",
    "a lazy require",
    { "lib/core/numbers.ts": 'export const one = (): unknown => require("../formats/reader");\n' },
    /core may not import from formats/,
  ],
  [
    "layers",
    "the public surface with the kernel in it",
    { "lib/index.ts": 'export * from "./kernel/run";\n', "lib/kernel/run.ts": "export const run = 1;\n" },
    /index may not import from kernel/,
  ],
  [
    "layers",
    "a folder that is not in the table",
    { "lib/utils/x.ts": "export const x = 1;\n" },
    /lib\/utils is no folder of the table/,
  ],
  [
    "layers",
    "an import from tests",
    { "lib/core/numbers.ts": 'export * from "../../test/core/numbers.test";\n' },
    /may not import from outside lib/,
  ],
  [
    "notebooks",
    "outputs",
    { "notebooks/00_start.ipynb": notebook({ code: { outputs: [{}] } }) },
    /00_start\.ipynb, cell 8: has outputs/,
  ],
  [
    "notebooks",
    "an execution count",
    { "notebooks/00_start.ipynb": notebook({ code: { execution_count: 3 } }) },
    /cell 8: has an execution count/,
  ],
  [
    "notebooks",
    "a missing section",
    { "notebooks/00_start.ipynb": notebook({ sections: notebookSections.slice(1) }) },
    /its sections are Data, .*; expected Question, Data/,
  ],
  [
    "notebooks",
    "sections out of order",
    { "notebooks/00_start.ipynb": notebook({ sections: [...notebookSections].reverse() }) },
    /its sections are Limits, /,
  ],
  ["notebooks", "a broken file", { "notebooks/00_start.ipynb": "{" }, /not JSON/],
  ["length", "a long file", { "lib/core/long.ts": long }, /lib\/core\/long\.ts: 401 lines/],
  [
    "portability",
    "a machine's path",
    { "lib/core/numbers.ts": 'export const home: string = "/home/someone/data";\n' },
    /numbers\.ts:1: .* names a path of one machine/,
  ],
  [
    "portability",
    "a registry",
    { ".npmrc": "ignore-scripts=true\n@x:registry=https://registry.example.org/\n" },
    /\.npmrc:2: "registry\.example\.org" names a package registry's host/,
  ],
  [
    "portability",
    "an address in the lockfile",
    { "package-lock.json": '{\n  "resolved": "https://somewhere.example/a.tgz"\n}\n' },
    /package-lock\.json:2: /,
  ],
  [
    "portability",
    "a folder outside",
    { "test/core/x.test.ts": 'export const data = "../shared/data";\n' },
    /reaches outside the project/,
  ],
  ["layout", "a folder of its own", { "docs/page.md": "# Page\n" }, /docs\/page\.md: not in the layout/],
  [
    "layout",
    "outputs in git",
    { "outputs/run/x.json": "{}\n", ".gitignore": "node_modules\n" },
    /only outputs\/reference is kept in git/,
  ],
  [
    "layout",
    "too much data",
    { "data/sample/big.bin": "x".repeat(25_000_001) },
    /data and test\/fixtures take 250\d+ bytes/,
  ],
];
for (const [part, what, files, said] of planted)
  test(`${part} finds ${what}`, async () => {
    const problems = await problemsOf(part, files);
    assert.ok(
      problems.some((line) => said.test(line)),
      `said: ${problems.join("\n") || "nothing"}`,
    );
  });

test("npm run check ends with exit code 1 and the details when a part fails, and names its parts", () => {
  const root = project({ "lib/core/long.ts": long });
  try {
    cpSync(join(projectRoot, "scripts"), join(root, "scripts"), { recursive: true });
    const run = (...parts: string[]): ReturnType<typeof spawnSync> =>
      spawnSync(process.execPath, [join(root, "scripts", "check.mjs"), ...parts], { encoding: "utf8" });
    const failed = run("length", "notebooks");
    assert.equal(failed.status, 1);
    assert.match(String(failed.stdout), /^ok {4}notebooks /m);
    assert.match(String(failed.stdout), /^FAIL {2}length /m);
    assert.match(String(failed.stdout), /length:\n {2}lib\/core\/long\.ts: 401 lines/);
    assert.equal(run("notebooks").status, 0);
    assert.equal(run("nonsense").status, 2);
  } finally {
    rmSync(root, { recursive: true });
  }
});
