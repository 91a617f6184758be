/**
 * JupyterLab in a real browser: notebook 00 is opened, all its cells are run, and what a reader should see is looked
 * for. Needs Chromium: /usr/bin/chromium, or the one named in CHROMIUM.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { projectRoot } from "../../lib/core/files";
import { readNotebook } from "../../lib/kernel";

interface Lab {
  ensureJupyter(): Promise<void>;
  startLab(options: { stdio: "ignore"; env: Record<string, string> }): Promise<{
    child: ChildProcess;
    origin: string;
    token: string;
  }>;
}

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const missing = existsSync(executablePath)
  ? false
  : `no Chromium at ${executablePath}: apt-get install chromium, or name one in CHROMIUM`;
if (missing !== false && process.env.CI === "true") throw new Error(missing);

const args = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
/** Errors, and what is printed to standard error: JupyterLab shows both in red. */
const ERROR = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']";
const minute = 60_000;
const home = mkdtempSync(join(tmpdir(), "signalbook-home-"));
const pictures = join(projectRoot, "outputs", "lab");
/** A copy, for JupyterLab saves what it shows; beside notebooks/, so that its imports reach the same files. */
const copy = "outputs/lab-test.ipynb";
let lab: Awaited<ReturnType<Lab["startLab"]>>;
let browser: Browser;
let page: Page;
/** Requests to anything but this JupyterLab. */
const foreign: string[] = [];

before(async () => {
  if (missing !== false) return;
  const module = (await import("../../scripts/lab.mjs" as string)) as Lab;
  await module.ensureJupyter();
  lab = await module.startLab({ stdio: "ignore", env: { HOME: home } });
  await answering(`${lab.origin}/api?token=${lab.token}`);
  browser = await chromium.launch({ executablePath, args });
  page = await browser.newPage({ viewport: { width: 1300, height: 1000 } });
  page.setDefaultTimeout(minute);
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== lab.origin) foreign.push(request.url());
  });
  mkdirSync(pictures, { recursive: true });
  copyFileSync(join(projectRoot, "notebooks", "00_start_here.ipynb"), join(projectRoot, copy));
});

after(async () => {
  await browser?.close();
  const { child } = lab ?? {};
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }
  rmSync(join(projectRoot, copy), { force: true });
  rmSync(home, { recursive: true, force: true });
});

test("notebook 00 runs in JupyterLab: a chart, a table, progress, and an error box", { skip: missing }, async (t) => {
  await page.goto(`${lab.origin}/lab/tree/${copy}?token=${lab.token}&reset`);
  const notebook = page.locator(".jp-NotebookPanel .jp-Notebook");
  await notebook.waitFor({ timeout: 2 * minute });
  await idle();
  await t.test("the kernel is the project's", async () => {
    await page.locator(".jp-NotebookPanel .jp-KernelName").filter({ hasText: "TypeScript (signalbook)" }).waitFor();
  });

  await notebook.locator(".jp-Cell").first().click();
  await menu("Run", "Run All Cells");
  const { cells } = readNotebook(join(projectRoot, copy));
  const code = cells.filter(({ cell_type }) => cell_type === "code").length;
  await page.waitForFunction(everyCellRan, code, { timeout: 5 * minute });
  await idle();
  await page.screenshot({ path: join(pictures, "notebook-00.png") });

  await t.test("no cell failed", async () => {
    assert.deepEqual(await notebook.locator(ERROR).allInnerTexts(), []);
  });
  await t.test("a chart is drawn, alive", async () => {
    const chart = notebook.locator(".vega-embed").locator("canvas, svg.marks").first();
    await chart.scrollIntoViewIfNeeded();
    const box = await chart.boundingBox();
    assert.ok(box !== null && box.width > 200 && box.height > 80, `a chart of ${JSON.stringify(box)}`);
    await page.screenshot({ path: join(pictures, "notebook-00-chart.png") });
  });
  await t.test("a table is a table", async () => {
    const table = notebook.locator(".jp-OutputArea-output table").first();
    await table.scrollIntoViewIfNeeded();
    assert.ok((await table.locator("tr").count()) > 2);
  });
  await t.test("progress was drawn in one place and reached its end", async () => {
    const progress = notebook.locator(".jp-OutputArea-output").filter({ hasText: "finding nine taps" });
    await progress.first().scrollIntoViewIfNeeded();
    assert.equal(await progress.count(), 1);
    assert.match((await progress.innerText()).replaceAll(/\s+/g, " "), /600 ?(of|\/) ?600|100 ?%|done|finished/);
  });
  await t.test("a cell that fails shows its error, with the place", async () => {
    await notebook.locator(".jp-Cell").last().click();
    await notebook.locator(".jp-Cell").last().click();
    await page.keyboard.press("b"); // a cell below
    await page.keyboard.press("Enter");
    await page.keyboard.insertText('throw new Error("typed in the browser");');
    await page.keyboard.press("Shift+Enter");
    const error = notebook.locator(ERROR);
    await error.waitFor();
    const text = await error.innerText();
    assert.match(text, /^Error: typed in the browser\nin this cell, line 1:/);
    await error.scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(pictures, "notebook-00-error.png") });
  });
  await t.test("nothing was asked of another host, nothing was written to HOME", () => {
    assert.deepEqual(foreign, []);
    assert.deepEqual(readdirSync(home), []);
  });
});

function everyCellRan(cells: number): boolean {
  const prompts = Array.from(document.querySelectorAll(".jp-CodeCell .jp-InputPrompt"), (node) => node.textContent);
  return prompts.length === cells && prompts.every((prompt) => /\[\d+\]/.test(prompt ?? ""));
}

async function idle(): Promise<void> {
  await page
    .locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")
    .first()
    .waitFor({ timeout: 2 * minute, state: "attached" });
}

async function menu(name: string, item: string): Promise<void> {
  await page.getByRole("menuitem", { name, exact: true }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

async function answering(url: string): Promise<void> {
  for (const end = Date.now() + 2 * minute; ; ) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > end) throw new Error("JupyterLab does not answer");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
