/**
 * JupyterLab in a real browser: notebook 00 is opened, all its cells are run, and what a reader should see is looked
 * for; then notebook 40's training is begun, stopped and begun again. Needs Chromium: /usr/bin/chromium, or the one named
 * in CHROMIUM.
 */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { projectRoot } from "../../lib/core/files";
import { readNotebook } from "../../lib/kernel";
import { hasCheckpoint, readCheckpoint } from "../../lib/training/checkpoint";

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
/** Where the notebooks write. */
const outputs = mkdtempSync(join(tmpdir(), "signalbook-outputs-"));
const pictures = join(projectRoot, "outputs", "lab");
/** A copy, for JupyterLab saves what it shows; beside notebooks/, so that its imports reach the same files. */
const copy = "outputs/lab-test.ipynb";
const trainingCopy = "outputs/lab-training-test.ipynb";
let lab: Awaited<ReturnType<Lab["startLab"]>>;
let browser: Browser;
let page: Page;
/** Requests to anything but this JupyterLab. */
const foreign: string[] = [];

before(async () => {
  if (missing !== false) return;
  const module = (await import("../../scripts/lab.mjs" as string)) as Lab;
  await module.ensureJupyter();
  lab = await module.startLab({ stdio: "ignore", env: { HOME: home, SIGNALBOOK_OUTPUTS: outputs } });
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
  await page?.screenshot({ path: join(pictures, "last.png") });
  await browser?.close();
  const { child } = lab ?? {};
  if (child !== undefined && child.exitCode === null) {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }
  for (const name of [copy, trainingCopy]) rmSync(join(projectRoot, name), { force: true });
  for (const folder of [home, outputs]) rmSync(folder, { recursive: true, force: true });
});

test("notebook 00 runs in JupyterLab: a chart, a table, progress, and an error box", { skip: missing }, async (t) => {
  const notebook = await open(copy);
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

test("training in JupyterLab: stopped by the button, asked something, begun again where it was", {
  skip: missing,
}, async (t) => {
  writeTrainingNotebook();
  const notebook = await open(trainingCopy);
  const cells = notebook.locator(".jp-CodeCell");
  const [data, training, bars, free] = [0, 1, 2, 3].map((index) => cells.nth(index)) as [
    Locator,
    Locator,
    Locator,
    Locator,
  ];
  const checkpoint = join(outputs, "checkpoints", "40_ecg_training", "network-1");
  const progress = training.locator(".signalbook-progress");

  await run(data);
  await data.locator(".jp-OutputArea-output table").waitFor({ timeout: 3 * minute });
  await run(training);
  await t.test("one progress bar, which moves", async () => {
    const seen = [await stepsShown(progress, 1)];
    seen.push(await stepsShown(progress, seen[0]! + 1), await stepsShown(progress, seen[0]! + 8));
    assert.equal(await progress.count(), 1);
    const shares = await progress
      .locator("progress")
      .evaluateAll((bars) => bars.map((bar) => (bar as HTMLProgressElement).value));
    assert.ok(shares.length === 1 && shares[0]! > 0 && shares[0]! < 1, `shares ${shares.join(", ")}`);
    await page.screenshot({ path: join(pictures, "training-running.png") });
  });
  await t.test("the stop button ends the cell within seconds", async () => {
    const clicked = performance.now();
    await stopButton().click();
    await training.locator(ERROR).waitFor();
    const seconds = (performance.now() - clicked) / 1000;
    t.diagnostic(`${seconds.toFixed(2)} s from the click to the cell's end`);
    assert.match(await training.locator(ERROR).innerText(), /the cell was interrupted/);
    assert.ok(seconds < 5, `${seconds.toFixed(1)} s`);
  });
  await t.test("the kernel still answers", async () => {
    await write(free, "classes.length * 100 + 42");
    await page.keyboard.press("Shift+Enter");
    await free.locator(".jp-OutputArea-executeResult").filter({ hasText: "542" }).waitFor();
    await page.screenshot({ path: join(pictures, "training-stopped.png") });
  });
  await t.test("a checkpoint lies on disk, and the cell goes on from it", async () => {
    await until(() => hasCheckpoint(checkpoint));
    const { step } = readCheckpoint(checkpoint).state;
    assert.ok(step >= 9, `checkpoint at step ${step}`);
    await run(training);
    await training.locator(ERROR).waitFor({ state: "detached" });
    const first = await stepsShown(progress, 1);
    t.diagnostic(`checkpoint at step ${step}, first step shown ${first}`);
    assert.ok(first > step, `step ${first} after a checkpoint at ${step}`);
    await stopButton().click();
    await training.locator(ERROR).waitFor();
  });
  await t.test("a chart answers to the mouse", async () => {
    await run(bars);
    const drawn = bars.locator(".vega-embed").locator("canvas, svg.marks").first();
    await drawn.scrollIntoViewIfNeeded();
    await bars.locator(".vega-embed summary").waitFor();
    const box = (await drawn.boundingBox())!;
    const tooltip = page.locator("#vg-tooltip-element.visible");
    for (let y = 0.2; y < 0.8 && !(await tooltip.isVisible()); y += 0.02)
      await page.mouse.move(box.x + 0.3 * box.width, box.y + y * box.height);
    assert.match(await tooltip.innerText(), /label:?\s+\w+\s+count:?\s+\d/);
    await page.screenshot({ path: join(pictures, "training-chart.png") });
  });
  await t.test("the kernel completes a name and says what it is", async () => {
    await write(free, "");
    await page.keyboard.type("predict", { delay: 30 });
    const offered = page.locator(".jp-Completer-item").filter({ hasText: "predictLogistic" });
    await pressUntil("Tab", offered);
    await page.screenshot({ path: join(pictures, "training-complete.png") });
    await page.keyboard.press("Escape");
    await pressUntil("Shift+Tab", page.locator(".jp-Tooltip").filter({ hasText: "Promise<Probabilities>" }));
    await page.screenshot({ path: join(pictures, "training-inspect.png") });
  });
  await t.test("nothing was asked of another host, nothing was written to HOME", () => {
    assert.deepEqual(foreign, []);
    assert.deepEqual(readdirSync(home), []);
  });
});

/** Notebook 40's data and its training, a chart (whose cell has a second name that begins with "predict"), and a cell to write in. */
function writeTrainingNotebook(): void {
  const path = join(projectRoot, "notebooks", "40_ecg_training.ipynb");
  const { cells, ...rest } = JSON.parse(readFileSync(path, "utf8")) as { cells: { source: string[] }[] };
  const holding = (text: string) => cells.find(({ source }) => source.join("").includes(text))!;
  const code = (source: string) => ({ ...holding("await trainEcg("), id: `own-${source.length}`, source: [source] });
  const bars =
    'import { labelCounts, predictLogistic } from "../lib";\n' +
    "chart(labelCounts(classCounts(train).map((count, k) => ({ label: classes[k], count }))))";
  const own = [holding("= ptbxlTask("), holding("await trainEcg("), code(bars), code("")];
  writeFileSync(join(projectRoot, trainingCopy), JSON.stringify({ ...rest, cells: own }));
}

/** Opens a notebook of the project and waits for its kernel. */
async function open(path: string): Promise<Locator> {
  await page.goto(`${lab.origin}/lab/tree/${path}?token=${lab.token}&reset`);
  const notebook = page.locator(".jp-NotebookPanel .jp-Notebook");
  await notebook.waitFor({ timeout: 2 * minute });
  await page.locator(".jp-NotebookPanel .jp-KernelName").filter({ hasText: "TypeScript (signalbook)" }).waitFor();
  await idle();
  return notebook;
}

/** Runs a cell: asked again where JupyterLab, still busy with itself, did not hear it. */
async function run(cell: Locator): Promise<void> {
  const prompt = cell.locator(".jp-InputPrompt");
  const before = await prompt.innerText();
  for (let asked = 0; asked < 10; asked++) {
    await prompt.click();
    await page.keyboard.press("Control+Enter");
    for (let looked = 0; looked < 50; looked++) {
      if ((await prompt.innerText()) !== before) return;
      await page.waitForTimeout(100);
    }
  }
  throw new Error(`the cell ${before} is not run`);
}

/** Puts text into a cell, the cursor behind it. */
async function write(cell: Locator, text: string): Promise<void> {
  await cell.locator(".cm-content").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

/** On a machine that is busy the answer may come too late for JupyterLab: the key is pressed again. */
async function pressUntil(key: string, wanted: Locator): Promise<void> {
  for (let pressed = 0; pressed < 5; pressed++) {
    await page.keyboard.press(key);
    const shown = await wanted
      .first()
      .waitFor({ timeout: 12_000 })
      .then(
        () => true,
        () => false,
      );
    if (shown) return;
  }
  throw new Error(`${key} shows nothing`);
}

function stopButton(): Locator {
  return page.locator('.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]').first();
}

/** How many steps since the run's beginning a progress bar shows, as soon as they are `least`. */
async function stepsShown(progress: Locator, least: number): Promise<number> {
  for (const end = Date.now() + minute; ; ) {
    const text = await progress.innerText();
    const [, epoch, step, steps] = /epoch (\d+) of \d+, step (\d+) of (\d+)/.exec(text)!.map(Number);
    const done = (epoch! - 1) * steps! + step!;
    if (done >= least) return done;
    if (Date.now() > end) throw new Error(`the progress bar stays at ${text}`);
    await page.waitForTimeout(50);
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const end = Date.now() + minute; !condition(); await page.waitForTimeout(50))
    if (Date.now() > end) throw new Error(`never came true: ${condition}`);
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
