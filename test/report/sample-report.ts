/** A small report of two notebooks, one of which fails, for the tests of the pages. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { chart, ecgPaper, hypnogramChart } from "../../lib/report/charts";
import type { EnvironmentFacts } from "../../lib/report/environment";
import type { Result } from "../../lib/report/results";
import { buildReport } from "../../lib/report/site";
import { table } from "../../lib/report/tables";
import { night, twelveLeads } from "./seeded";

export const environment: EnvironmentFacts = {
  commit: "0123456789abcdef0123456789abcdef01234567",
  changed: true,
  versions: { Node: "20.0.0" },
  engine: "test engine",
  machine: "test machine",
  data: [{ folder: "data/sample/x", files: 2, bytes: 1024, sha256: "ab".repeat(32) }],
  started: "2020-01-01T10:00:00Z",
  finished: "2020-01-01T10:05:00Z",
  notebookSeconds: { "01_first": 12 },
};

function notebook(folder: string, name: string, cells: object[]): string {
  const path = join(folder, `${name}.ipynb`);
  writeFileSync(path, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells }));
  return path;
}

const markdown = (source: string) => ({ cell_type: "markdown", metadata: {}, source });
const code = (source: string, outputs: object[], count: number | null = 1) => ({
  cell_type: "code",
  metadata: {},
  source: source.split(/(?<=\n)/),
  outputs,
  execution_count: count,
});
const display = (data: object) => ({ output_type: "display_data", data, metadata: {} });

async function notebooks(folder: string): Promise<string[]> {
  const ecg = await chart(ecgPaper(twelveLeads(), { title: "Lead <II>" })).bundle();
  const sleep = await chart(hypnogramChart(night())).bundle();
  const html =
    '<p onclick="x()">hi<script src="https://elsewhere.example/x.js"></script><img src="https://elsewhere.example/p.png">';
  return [
    notebook(folder, "01_first", [
      markdown(
        "# First: a look\n\n## Question\n\nWhat is in `data`?\nAnd why?\n\n## Method\n\n![x](https://elsewhere.example/a.png) <b>raw</b>",
      ),
      code("const a: number = 1 < 2 ? 1 : 2;\nshow(a)", [
        display(ecg),
        display(sleep),
        display(table([{ a: 1 }]).bundle()),
      ]),
      markdown(
        "## Method\n\nSee [the second](02_second.ipynb) and [data](../data/README.md), <https://doi.org/10.1/x>.\n\n| a | b |\n|---|---|\n| 1 | 2 |",
      ),
    ]),
    notebook(folder, "02_second", [
      markdown("## Question\n\nNo title here"),
      code("throw 1", [
        { output_type: "stream", name: "stdout", text: ["a < b\n"] },
        display({ "text/html": html, "text/plain": "hi" }),
        {
          output_type: "error",
          ename: "Error",
          evalue: "bad <thing>",
          traceback: ["\u001b[31mError\u001b[0m: at line 1"],
        },
      ]),
      code("const never = 1;", [], null),
    ]),
  ];
}

const results: Result[] = [
  {
    id: "a.b",
    notebook: "01_first",
    label: "A & B",
    value: 0.812,
    interval: [0.7, 0.9],
    n: 44,
    real: "real",
    sample: "fold 8",
    tolerance: 0.02,
  },
  {
    id: "a.c",
    notebook: "02_second",
    value: 0.5,
    n: 3,
    real: "simulated",
    sample: "seeded",
    tolerance: 0.1,
    system: "009",
    who: "small <net>",
    measure: "macro F1",
    protocol: "3 simulated nights, 1 held back",
  },
];

/** Builds it in `folder`/`name`; its notebooks lie in `folder`. */
export async function buildSample(folder: string, name: string): Promise<{ outputDir: string; files: string[] }> {
  const outputDir = join(folder, name);
  const reference = { results: [{ ...results[0]!, value: 0.9 }, results[1]!] };
  const files = buildReport({
    executedNotebooks: await notebooks(folder),
    outputDir,
    results: { results },
    reference,
    environment,
    systems: [
      {
        number: "009",
        title: "Test & Co",
        scores: [{ what: "big net", measure: "macro F1", score: 0.794, protocol: "200 hidden nights", source: "none" }],
      },
      { number: "010", title: "Silent", scores: [], scoresRemark: "16th place" },
    ],
    benches: [
      {
        bench: "signals",
        time: "2026-01-02T03:04:05.000Z",
        machine: { processor: "Test & Co", cores: 2, instructions: ["avx2"] },
        rows: [
          { work: "a filter", beside: "SciPy <1>", ours: "60 ms", peer: "90 ms", ratio: 1.5, goal: 1 },
          { work: "a reader", beside: "MNE", ours: "9 ms", peer: "9 ms", ratio: 1, goal: 2 },
          { work: "memory", beside: "no peer", ours: "180 MB", peer: null, ratio: null, goal: null },
        ],
      },
    ],
    failures: [{ notebook: "02_second", message: "cell 1, line 1: bad <thing>" }],
  });
  return { outputDir, files };
}
