// Opens reports in a real browser, and keeps watch over what they try.

import { readFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const reports = process.env.VEDETTE_REPORTS || join(here, "..", "reports");
const program = process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

export function launch() {
  return chromium.launch({
    executablePath: program,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Opens a report; `seen` collects what it should never do. */
export async function open(browser, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, timezoneId: "America/New_York", colorScheme: "light", ...options });
  const page = await context.newPage();
  const url = pathToFileURL(join(reports, `${name}.html`)).href;
  const seen = { console: [], requests: [], violations: [], dialogs: 0 };
  page.on("console", (message) => { if (["error", "warning"].includes(message.type())) seen.console.push(message.text()); });
  page.on("pageerror", (error) => seen.console.push(String(error)));
  page.on("request", (request) => { if (request.url().split("#")[0] !== url) seen.requests.push(request.url()); });
  page.on("dialog", (dialog) => { seen.dialogs += 1; dialog.dismiss(); });
  await page.exposeFunction("violated", (text) => seen.violations.push(text));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => window.violated(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(url);
  await page.waitForSelector("html[data-ready=yes]");
  return { page, context, seen };
}

export const axe = () => readFileSync(join(here, "..", "node_modules", "axe-core", "axe.min.js"), "utf8");
