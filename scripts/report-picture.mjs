#!/usr/bin/env node
/**
 * The README's picture, from the last report: its overview beside a figure page, as a browser shows them.
 *   node scripts/report-picture.mjs [outputs/report] [outputs/reference/report.png]
 */
import { existsSync, renameSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import sharp from "sharp";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [report = join(root, "outputs", "report"), picture = join(root, "outputs", "reference", "report.png")] =
  process.argv.slice(2);
const pages = [
  { file: "index.html", scrollTo: undefined },
  { file: "10_data_exploration.html", scrollTo: "figure" },
];
const size = { width: 860, height: 1040 };
const gap = 16;

for (const { file } of pages) {
  if (existsSync(join(report, file))) continue;
  console.error(`${join(report, file)} is missing: run \`npm run report\` first`);
  process.exit(1);
}
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const switches = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const args = process.getuid() === 0 ? [...switches, "--no-sandbox"] : switches;
const browser = await chromium.launch({ executablePath, args });
const shots = [];
try {
  for (const { file, scrollTo } of pages) {
    const page = await browser.newPage({ viewport: size });
    await page.goto(pathToFileURL(join(report, file)).href);
    if (scrollTo !== undefined) await page.locator(scrollTo).first().scrollIntoViewIfNeeded();
    shots.push(await page.screenshot());
  }
} finally {
  await browser.close();
}
const canvas = { width: pages.length * size.width + (pages.length - 1) * gap, height: size.height, channels: 3 };
const temporary = `${picture}.tmp`;
// sharp resizes before it composes, whatever the order of the calls: two passes.
const whole = await sharp({ create: { ...canvas, background: "#cbd2d9" } })
  .composite(shots.map((input, i) => ({ input, left: i * (size.width + gap), top: 0 })))
  .png()
  .toBuffer();
await sharp(whole).resize({ width: 1400 }).png({ palette: true, quality: 90 }).toFile(temporary);
renameSync(temporary, picture);
console.log(picture);
