// Takes the pictures of the docs from a report: `node pictures.js REPORT.html FOLDER`.

import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch } from "./tests/browser.js";

const [report, folder] = process.argv.slice(2);
if (!folder) throw new Error("name a report and a folder: node pictures.js REPORT.html FOLDER");
const url = pathToFileURL(resolve(report)).href;

const desktop = { width: 1280, height: 820 };
const phone = { width: 390, height: 844 };
const PICTURES = [
  ["report-answer", { width: 1440, height: 900 }, "light", null],
  ["report-incident-1", desktop, "light", "#i-0"],
  ["report-story", desktop, "light", "#i-0-story", "#s-0-0 .evidence"],
  ["report-graph", desktop, "dark", "#i-0-entities"],
  ["report-incident-2", desktop, "dark", "#i-1"],
  ["report-incident-3", desktop, "light", "#i-2"],
  ["report-findings", desktop, "dark", "#findings"],
  ["report-phone-answer", phone, "light", null],
  ["report-phone-incident", phone, "dark", "#i-1"],
];

const browser = await launch();
const written = [];
for (const [name, viewport, colorScheme, place, click] of PICTURES) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: "reduce", deviceScaleFactor: viewport === phone ? 1.25 : 1 });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForSelector("html[data-ready=yes]");
  if (place) await page.evaluate((at) => document.querySelector(at)?.scrollIntoView({ behavior: "instant" }), place);
  if (click) await page.locator(click).click();
  await page.waitForTimeout(300);
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  written.push(path);
  await context.close();
}
await browser.close();
try {
  // A tenth of the size, and nobody sees the difference.
  execFileSync("pngquant", ["--force", "--ext", ".png", "--quality", "70-95", "--strip", "--speed", "1", ...written]);
} catch (error) {
  console.error(`pngquant: ${error.message}: the pictures are as large as the browser made them`);
}
