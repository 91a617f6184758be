/** The report in a real browser: opened from the disk, as a reader does, on a desk and on a phone. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import { buildSample } from "./sample-report";

function chromiumPath(): string | null {
  try {
    return execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  } catch {
    return null;
  }
}

const executablePath = chromiumPath();

test("opened from the disk the report asks no other host, draws its figures live, and fits a phone", {
  skip: executablePath === null ? "chromium is not installed (CI installs it)" : false,
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "report browser "));
  const browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox", "--disable-gpu"] });
  try {
    const { outputDir } = await buildSample(folder, "report");
    for (const viewport of [
      { width: 1200, height: 900 },
      { width: 360, height: 700 },
    ]) {
      const page = await browser.newPage({ viewport });
      const elsewhere: string[] = [];
      const complaints: string[] = [];
      page.on("request", (request) => {
        if (!/^(file|data):/.test(request.url())) elsewhere.push(request.url());
      });
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(pathToFileURL(join(outputDir, "01_first.html")).href);
      for (const summary of await page.locator("details.interactive > summary").all()) await summary.click();
      await page.waitForFunction("document.querySelectorAll('details.interactive .view svg.marks').length === 2");
      const tooWide = "document.documentElement.scrollWidth > window.innerWidth";
      assert.equal(await page.evaluate(tooWide), false, `scrolls sideways at ${viewport.width} px`);
      const code = page.locator("details.code pre").first();
      assert.equal(await code.isVisible(), false);
      await page.locator("details.code > summary").first().click();
      assert.equal(await code.isVisible(), true);
      await page.getByRole("link", { name: "02 second" }).first().click();
      await page.waitForURL(/02_second/);
      assert.equal(await page.getByRole("alert").first().isVisible(), true);
      assert.equal(await page.evaluate(tooWide), false);
      assert.deepEqual([elsewhere, complaints], [[], []]);
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
