import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { buildReport } from "../../lib/report/site";
import { sanitiseHtml } from "../../lib/report/site/sanitise";
import { inlineSvg } from "../../lib/report/site/svg";
import { readBenches } from "../../lib/report/speed";
import { assertUniqueIds, elementsOf } from "./markup";
import { buildSample, environment } from "./sample-report";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "report test "));
});
after(() => rmSync(folder, { recursive: true, force: true }));

const build = (name: string) => buildSample(folder, name);

test("the report's pages are well formed, with unique ids, and ask no other host for anything", async () => {
  const { outputDir, files } = await build("report");
  const pages = files.filter((file) => file.endsWith(".html"));
  assert.deepEqual(
    pages.map((page) => basename(page)),
    ["01_first.html", "02_second.html", "index.html"],
  );
  for (const page of pages) {
    const html = readFileSync(page, "utf8");
    const elements = elementsOf(html);
    assertUniqueIds(elements);
    const ids = new Set(elements.map((element) => element.attributes["id"]));
    for (const name of ["header", "nav", "main", "footer", "h1"])
      assert.ok(
        elements.some((element) => element.name === name),
        `${basename(page)} has ${name}`,
      );
    for (const { name, attributes } of elements) {
      for (const key of ["src", "xlink:href", "data", "poster", "srcset", "action"])
        assert.ok(!/^(https?:)?\/\//.test(attributes[key] ?? ""), `${name} ${key}=${attributes[key]}`);
      assert.ok(!Object.keys(attributes).some((key) => key.startsWith("on")), `${name} has no handler`);
      const href = attributes["href"] ?? "";
      if (name !== "a") assert.ok(!/^(https?:)?\/\//.test(href), `${name} href=${href}`);
      if (name === "a" && href.startsWith("#")) assert.ok(ids.has(href.slice(1)), `${href} leads somewhere`);
      const local = attributes["src"] ?? (name === "link" || name === "a" ? href : "");
      if (local !== "" && !/^(#|data:|https?:)/.test(local))
        assert.ok(existsSync(join(outputDir, local.replace(/#.*/, ""))), `${local} exists`);
      const figure = attributes["data-figure"];
      if (figure !== undefined) assert.ok(existsSync(join(outputDir, figure)), figure);
      const described = attributes["aria-describedby"];
      if (described !== undefined) assert.ok(ids.has(described), described);
    }
    assert.ok(!/url\(\s*['"]?(https?:)?\/\//.test(html.replace(/<script[\s\S]*?<\/script>/g, "")));
  }
  const css = readFileSync(join(outputDir, "assets", "report.css"), "utf8");
  assert.ok(!/url\(|@import/.test(css));
});

test("a notebook's page holds its prose, folded code, figures with their specifications, tables and errors", async () => {
  const { outputDir } = await build("report");
  const first = readFileSync(join(outputDir, "01_first.html"), "utf8");
  const elements = elementsOf(first);
  assert.equal(elements.filter((e) => e.name === "svg").length, 2);
  assert.equal(elements.filter((e) => e.name === "figcaption").length, 2);
  assert.ok(
    elements.some((e) => e.name === "details" && e.attributes["class"] === "code" && !("open" in e.attributes)),
  );
  assert.ok(first.includes('<span class="hljs-keyword">const</span>'));
  assert.ok(first.includes('href="02_second.html"'));
  assert.ok(!first.includes("data/README.md"));
  assert.ok(first.includes("&lt;b&gt;raw&lt;/b&gt;"));
  assert.ok(
    elements.some((e) => e.attributes["id"] === "method-2"),
    "equal headings get their own anchors",
  );
  const figure = readFileSync(join(outputDir, "figures", "01_first-1.js"), "utf8");
  const spec = JSON.parse(/^signalbookFigure\("01_first-1\.js", (.*)\);\n$/s.exec(figure)![1]!);
  assert.equal(spec.title.text, "Lead <II>");
  const second = readFileSync(join(outputDir, "02_second.html"), "utf8");
  assert.ok(second.includes("bad &lt;thing&gt;") && second.includes("Error: at line 1"));
  assert.ok(second.includes("a &lt; b") && second.includes("not run"));
  assert.ok(!second.includes("elsewhere.example"));
});

test("the first page lists the notebooks, results, differences, failures and the environment", async () => {
  const { outputDir } = await build("report");
  const html = readFileSync(join(outputDir, "index.html"), "utf8");
  for (const text of [
    "First: a look",
    "What is in data? And why?",
    "A &amp; B",
    "0.812 (0.700–0.900)",
    "−0.088, beyond ±&nbsp;0.02",
    "within ±&nbsp;0.1",
    "(simulated)",
    "a.b: 0.812, reference 0.900, tolerance 0.020",
    "cell 1, line 1: bad &lt;thing&gt;",
    environment.commit!,
    "with uncommitted changes",
    "ab".repeat(32),
    "5 min 0 s",
  ])
    assert.ok(html.includes(text), text);
});

test("each system has a table: published and ours in rows of their own, with protocol, data and a link", async () => {
  const { outputDir } = await build("report");
  const html = readFileSync(join(outputDir, "index.html"), "utf8");
  const section = /<h3 id="system-009">[\s\S]*?<h3 id="system-010">/.exec(html)![0];
  const rows = section.split("<tr").slice(2);
  assert.equal(rows.length, 2);
  assert.match(
    rows[0]!,
    /big net<\/th><td>macro F1<\/td><td[^>]*>0\.794<\/td><td[^>]*>–<\/td><td[^>]*>–<\/td><td>200 hidden/,
  );
  const ours =
    /<a href="02_second\.html">small &lt;net&gt;<\/a><\/th><td>macro F1<\/td><td[^>]*>–<\/td><td[^>]*>0\.500<\/td><td[^>]*>3<\/td>/;
  assert.match(rows[1]!, ours);
  assert.ok(rows[1]!.includes("3 simulated nights, 1 held back <strong>(simulated)</strong>"));
  assert.ok(!section.includes("A &amp; B"), "a result of no system is in no system's table");
  assert.match(html, /16th place\. No notebook of this run measured it\./);
});

test("a report replaces an older one whole, and nothing that isn't a report", async () => {
  const { outputDir } = await build("again");
  writeFileSync(join(outputDir, "stale.html"), "old");
  await build("again");
  assert.ok(!existsSync(join(outputDir, "stale.html")));
  assert.deepEqual(
    readdirSync(folder).filter((name) => /building|old/.test(name)),
    [],
  );
  const other = join(folder, "thesis");
  mkdirSync(other);
  writeFileSync(join(other, "chapter.txt"), "years of work");
  await assert.rejects(build("thesis"), /holds something else/);
  assert.equal(readFileSync(join(other, "chapter.txt"), "utf8"), "years of work");
  const parts = { outputDir, results: { results: [] }, reference: null, environment };
  assert.throws(() => buildReport({ ...parts, executedNotebooks: [join(folder, "none.ipynb")] }), /can't be read/);
  assert.ok(existsSync(join(outputDir, "index.html")), "a failed build leaves the older report");
});

test("ids of an inline SVG are its own, and nothing in it runs or loads", () => {
  const source =
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="10" height="5"><script>x()</script>' +
    '<defs><clipPath id="c0"><rect width="1" height="1"/></clipPath></defs><g clip-path="url(#c0)" onload="x()">' +
    '<use xlink:href="#c0"/><image xlink:href="https://elsewhere.example/x.png"/></g></svg>';
  const one = inlineSvg(source, { prefix: "figure-1", label: "One" });
  const two = inlineSvg(source, { prefix: "figure-2", label: 'Two "2"' });
  const elements = elementsOf(one.html + two.html);
  assertUniqueIds(elements);
  assert.ok(one.html.includes("url(#figure-1-c0)") && one.html.includes('xlink:href="#figure-1-c0"'));
  assert.ok(!/script|onload|elsewhere/.test(one.html));
  assert.deepEqual([one.width, one.height, elements[0]!.attributes["viewBox"]], [10, 5, "0 0 10 5"]);
  assert.throws(() => inlineSvg("<p>no</p>", { prefix: "x", label: "x" }), /no SVG document/);
});

test("HTML of a cell is reduced to text and tables", () => {
  const cases: [string, string][] = [
    ["<b>a", "<b>a</b>"],
    ["a < b & c &amp; d", "a &lt; b &amp; c &amp; d"],
    ["<IMG SRC=javascript:x()>", "<img>"],
    ['<a href="javascript:x()" title="t">a</a>', '<a title="t">a</a>'],
    ["<style>p{}</style><iframe src=x></iframe>ok", "ok"],
    ['<td id="x" style="color: red">1</td>', '<td style="color: red">1</td>'],
    ['<p style="background: url(x)">a</p>', "<p>a</p>"],
    ["</b>a<i><b>c</i>", "a<i><b>c</b></i>"],
    ["<script>unclosed", ""],
  ];
  for (const [given, expected] of cases) assert.equal(sanitiseHtml(given), expected);
});

test("the overview shows the committed benches, and which of them fall short", async () => {
  const { outputDir } = await build("speed");
  const home = readFileSync(join(outputDir, "index.html"), "utf8");
  assert.match(home, /<h2 id="speed">/);
  const cells = (work: string): string[] =>
    [
      ...home
        .slice(home.indexOf(`<th scope="row">${work}`))
        .split("</tr>")[0]!
        .matchAll(/<td[^>]*>[^<]*/g),
    ].map(String);
  assert.deepEqual(cells("a filter"), [
    "<td>SciPy &lt;1&gt;",
    '<td class="number">60 ms',
    '<td class="number">90 ms',
    '<td class="number">1.50',
    '<td class="number">≥ 1',
  ]);
  assert.ok(cells("a reader").includes('<td class="number bad">1.00'));
  assert.equal(cells("memory").at(-1), '<td class="number">–');
  assert.match(home, /Test &amp; Co, 2 cores; avx2; 2026-01-02/);
});

test("benches are read from their files; one without rows is named", () => {
  const benches = mkdtempSync(join(folder, "benches-"));
  assert.deepEqual(readBenches(join(benches, "none")), []);
  const machine = { processor: "x", cores: 1, instructions: [] };
  const file = { bench: "b", time: "2026-01-02T03:04:05.000Z", machine, rows: [] };
  writeFileSync(join(benches, "bench-b.json"), JSON.stringify(file));
  writeFileSync(join(benches, "results.json"), "[]");
  assert.deepEqual(readBenches(benches), [file]);
  writeFileSync(join(benches, "bench-c.json"), JSON.stringify({ ...file, rows: undefined }));
  assert.throws(() => readBenches(benches), /a bench without rows.*|bench-c\.json/);
});
