// What a person does with the report, done by a browser.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, launch, open } from "./browser.js";

let browser;
before(async () => { browser = await launch(); });
after(async () => { await browser?.close(); });

/** A test on one report, after which the page must have done nothing wrong. */
function on(name, title, run, options) {
  test(title, async () => {
    const { page, context, seen } = await open(browser, name, options);
    try {
      await run(page, context);
      assert.deepEqual(seen, { console: [], requests: [], violations: [], dialogs: 0 });
    } finally {
      await context.close();
    }
  });
}

const rows = (page) => page.locator("table.findings tbody tr");
const drawer = (page) => page.getByRole("complementary", { name: "Evidence" });

on("estate", "the first screen answers", async (page) => {
  await page.getByRole("heading", { level: 1, name: /^Two incidents\. The worst is critical/ }).waitFor();
  assert.match(await page.title(), /NL-2026-014/);
  const first = page.locator(".answers li").first();
  assert.match(await first.textContent(), /critical.*Credentials taken on WS-ANNA/s);
  const box = await page.locator(".card.missing").boundingBox();
  assert.ok(box.y + box.height < 900, "scope, evidence, confidence and what is missing are on the first screen");
  for (const name of ["Scope", "Earliest evidence", "Confidence", "What is missing"]) await page.getByRole("heading", { name, exact: true }).waitFor();
  await page.locator("header").getByText("TLP:AMBER").waitFor();
  await page.locator("footer").getByText("TLP:AMBER").waitFor();
});

on("estate", "evidence is one click away, and Esc leads back", async (page) => {
  const button = page.locator("#s-0-0 .evidence");
  await button.click();
  await drawer(page).getByRole("heading", { name: "Sysmon.evtx #1001" }).waitFor();
  await drawer(page).getByText("powershell -nop -w hidden").waitFor();
  await drawer(page).getByText("0".repeat(63) + "1").waitFor();
  await page.keyboard.press("Escape");
  await drawer(page).waitFor({ state: "hidden" });
  assert.ok(await button.evaluate((node) => node === document.activeElement));
});

on("estate", "a step with several events walks through them", async (page) => {
  await page.locator("#s-1-0 .evidence").click();
  await drawer(page).getByText("Event 1 of 4").waitFor();
  await drawer(page).getByRole("button", { name: "Next" }).click();
  await drawer(page).getByText("Event 2 of 4").waitFor();
});

on("estate", "findings sort by a column, both ways", async (page) => {
  const times = () => rows(page).locator("td.when").allTextContents();
  const up = await times();
  assert.deepEqual(up, [...up].sort());
  await page.getByRole("button", { name: "Time", exact: true }).click();
  const down = await times();
  assert.deepEqual(down, [...down].sort().reverse());
  assert.equal(await page.locator("th[data-column=time]").getAttribute("aria-sort"), "descending");
  await page.getByRole("button", { name: "Level", exact: true }).click();
  assert.match(await rows(page).first().textContent(), /critical/);
});

on("estate", "findings filter by level, place and words", async (page) => {
  assert.equal(await rows(page).count(), 25);
  await page.getByRole("button", { name: /^low/ }).click();
  assert.equal(await rows(page).count(), 12);
  await page.getByLabel("Show").selectOption({ label: "In incidents" });
  assert.equal(await rows(page).count(), 12);
  await page.getByRole("button", { name: /^low/ }).click();
  assert.equal(await rows(page).count(), 13);
  await page.getByLabel("Search findings").fill("lsass dc01");
  assert.equal(await rows(page).count(), 1);
  await page.getByText("1 of 25 findings match.").waitFor();
  await page.getByLabel("Search findings").fill("no such thing");
  await page.getByRole("button", { name: "Show all" }).click();
  assert.equal(await rows(page).count(), 25);
});

on("estate", "what was asked for stands in the address", async (page) => {
  await page.getByRole("button", { name: /^low/ }).click();
  await page.getByLabel("Search findings").fill("lsass dc01");
  await page.getByRole("button", { name: "Level", exact: true }).click();
  assert.match(page.url(), /#findings\?q=lsass\+dc01&levels=.*critical.*&sort=level-$/);
  await page.reload();
  await page.waitForSelector("html[data-ready=yes]");
  assert.equal(await page.getByLabel("Search findings").inputValue(), "lsass dc01");
  assert.equal(await rows(page).count(), 1);
  assert.equal(await page.getByRole("button", { name: /^low/ }).getAttribute("aria-pressed"), "false");
  assert.equal(await page.locator("th[data-column=level]").getAttribute("aria-sort"), "descending");
  await page.getByLabel("Search findings").fill("no such thing");
  await page.getByRole("button", { name: "Show all" }).click();
  assert.match(page.url(), /#findings(\?sort=level-)?$/);
});

on("estate", "a finding opens with its event and its reason for standing apart", async (page) => {
  await page.getByLabel("Show").selectOption({ label: "Set aside" });
  await rows(page).first().click();
  await drawer(page).getByText("It shares no entity with another finding").waitFor();
  await page.keyboard.press("Escape");
  await page.getByLabel("Show").selectOption({ label: "In incidents" });
  await rows(page).first().click();
  await drawer(page).getByRole("cell", { name: "203.0.113.77" }).waitFor();
});

on("estate", "keys lead through the report", async (page) => {
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("no such thing");
  await page.getByText("No finding matches.").waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await rows(page).count(), 25);
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.waitForFunction(() => window.scrollY < 50);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("j");
  const focus = () => page.evaluate(() => document.activeElement.textContent);
  const one = await focus();
  await page.keyboard.press("j");
  assert.notEqual(await focus(), one);
  await page.keyboard.press("k");
  assert.equal(await focus(), one);
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await drawer(page).waitFor();
  const title = await drawer(page).locator("h2").textContent();
  await page.keyboard.press("j");
  assert.notEqual(await drawer(page).locator("h2").textContent(), title, "an open drawer follows");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
});

on("estate", "light and dark", async (page) => {
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.keyboard.press("t");
  const dark = await paper();
  assert.notEqual(light, dark);
  await page.getByRole("button", { name: /^Dark/ }).click();
  assert.equal(await paper(), light);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.keyboard.press("t");
  assert.equal(await paper(), dark, "as the system");
});

on("estate", "UTC and local time", async (page) => {
  const first = page.locator("#s-0-0 time");
  assert.equal(await first.textContent(), "09:02:14");
  assert.match(await first.getAttribute("title"), /04:02:14\.250 America\/New_York/);
  await page.getByRole("button", { name: /^UTC/ }).click();
  assert.equal(await page.locator("#s-0-0 time").textContent(), "04:02:14");
  assert.match(await page.locator("#s-0-0 .day").textContent(), /America\/New_York/);
  assert.match(await page.locator("figure.timeline svg[role=img]").first().getAttribute("aria-label"), /America\/New_York/);
  await page.keyboard.press("u");
  assert.equal(await page.locator("#s-0-0 time").textContent(), "09:02:14");
});

on("estate", "indicators are defanged and can be copied", async (page, context) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const part = page.locator("#i-0 .part-of-indicators");
  await part.getByText("198[.]51[.]100[.]23").waitFor();
  await part.getByText("hxxp://cdn-update[.]example/a.ps1").first().waitFor();
  await part.getByRole("button", { name: "Copy all, defanged" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()).includes("hxxp"));
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.ok(!copied.includes("http://") && copied.includes("cdn-update[.]example"));
  await part.getByRole("button", { name: "Plain: 198[.]51[.]100[.]23 as it is" }).click();
  await page.waitForFunction(async () => (await navigator.clipboard.readText()) === "198.51.100.23");
  await page.getByRole("status").getByText("Copied: 198[.]51[.]100[.]23 as it is").waitFor();
});

on("estate", "pictures hold what the story tells", async (page) => {
  assert.equal(await page.locator("#i-0 figure.timeline g.step").count(), 10);
  assert.equal(await page.locator("#i-0 figure.timeline g.step.inferred").count(), 1);
  assert.equal(await page.locator("#i-0 svg.graph g.node").count(), 10);
  assert.equal(await page.locator("#i-0 svg.graph path.edge").count(), 8);
  assert.match(await page.locator("#i-0 .heatmap").textContent(), /T1003\.001.*LSASS Memory/s);
  await page.locator("#i-0 figure.timeline g.step").nth(4).click();
  assert.equal(await page.evaluate(() => document.activeElement.closest("li").id), "s-0-4");
});

on("estate", "a rule tells its author, licence, guide and errors", async (page) => {
  await page.locator("#rules summary").first().click();
  const body = page.locator("#rules .rule-body").first();
  for (const text of ["Investigation guide", "Was the file signed?", "Known false positives", "Apache-2.0", "T1003.001"]) await body.getByText(text).first().waitFor();
  await body.getByRole("button", { name: /Show its/ }).click();
  assert.equal(await rows(page).count(), 2);
});

on("estate", "on paper everything stands open and the label is there", async (page) => {
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  assert.equal(await page.locator("main details:not([open]):not(.coverage):not(.stay):not(.rule)").count(), 0);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  assert.ok((await page.locator("main details:not([open])").count()) > 0);
  const pdf = await page.pdf({ preferCSSPageSize: true });
  assert.ok(pdf.length > 20_000);
});

on("hostile", "text of an attacker is shown and does nothing", async (page) => {
  assert.equal(await page.locator("img, iframe, object, embed, main script").count(), 0);
  assert.match(await page.title(), /<\/script><img/);
  await page.getByText("onerror=\"document.title='owned'\"").first().waitFor();
  // The drawer may lie over the next one: keys reach it all the same.
  for (const button of await page.locator(".evidence").all()) await button.press("Enter");
  await drawer(page).getByText("\\u{202e}gpj.exe\\u{202c}").first().waitFor();
  for (const row of (await page.locator("table.findings .row-title").all()).slice(0, 5)) await row.press("Enter");
  for (const summary of await page.locator("main details > summary").all()) await summary.evaluate((node) => node.click());
  const text = await page.evaluate(() => document.documentElement.textContent + document.title);
  assert.ok(!/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u001b]/.test(text));
  assert.notEqual(await page.title(), "owned");
  for (const link of await page.locator("a").all()) assert.match(await link.getAttribute("href"), /^#/);
});

on("hostile", "a megabyte is cut, and says so", async (page) => {
  await page.locator("#s-0-0 .evidence").click();
  const huge = drawer(page).getByRole("row", { name: /^huge/ });
  await huge.getByRole("button", { name: /show .* more characters/ }).click();
  await huge.getByText("1048576 characters in all").waitFor();
});

on("flood", "thousands of findings stay quick to search, and what is cut is said", async (page) => {
  await page.locator("#findings").getByText(/of 12,025 findings shown/).waitFor();
  assert.equal(await rows(page).count(), 100);
  await page.getByRole("button", { name: "Show 100 more" }).click();
  assert.equal(await rows(page).count(), 200);
  await page.getByLabel("Search findings").fill("credential");
  assert.ok((await rows(page).count()) > 0);
});

on("quiet", "nothing found is said, with what was read", async (page) => {
  await page.getByRole("heading", { level: 1, name: "Nothing was found." }).waitFor();
  await page.getByText("nothing found is only as good as what was looked at").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.press("j");
});

on("redacted", "a redacted report holds pseudonyms and says so", async (page) => {
  const text = await page.evaluate(() => document.documentElement.textContent);
  for (const name of ["anna.berg", "WS-ANNA", "NORDLICHT", "203.0.113.77"]) assert.ok(!text.toLowerCase().includes(name.toLowerCase()), name);
  await page.locator("header").getByText("redacted").waitFor();
  await page.getByText(/The same name has the same pseudonym/).waitFor();
});

for (const [what, size] of [["desktop", { width: 1440, height: 900 }], ["phone", { width: 380, height: 780 }]]) {
  on("estate", `nothing sticks out on a ${what}`, async (page) => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), size.width);
    await page.locator(".evidence").first().click();
    const box = await drawer(page).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= size.width + 1);
  }, { viewport: size });
}

for (const name of ["estate", "quiet"]) {
  for (const colorScheme of ["light", "dark"]) {
    // The checker writes into the page, which its policy would refuse.
    on(name, `${name} can be read by everybody (${colorScheme})`, async (page) => {
      const check = async () => {
        const result = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
        assert.deepEqual(result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")} ${v.nodes[0].failureSummary}`), []);
      };
      await page.evaluate(axe());
      await check();
      const evidence = page.locator(".evidence").first();
      if (await evidence.count()) {
        await evidence.click();
        await check();
      }
    }, { colorScheme, bypassCSP: true });
  }
}
