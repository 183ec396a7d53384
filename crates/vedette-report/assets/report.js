// Puts the report together: header, contents, parts, footer, keys, print.

const themeButton = el("button", { type: "button", class: "control", on: { click: switchTheme } });
const zoneButton = el("button", { type: "button", class: "control", on: { click: switchZoneAll } });

function switchTheme() {
  const root = document.documentElement;
  // From "as the system" the first step is to the other look, so that something is seen to happen.
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const order = dark ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
  root.dataset.theme = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
  drawControls();
  say(`Look: ${root.dataset.theme === "auto" ? "as the system" : root.dataset.theme}`);
}

function switchZoneAll() {
  switchZone();
  drawControls();
}

function drawControls() {
  const theme = document.documentElement.dataset.theme;
  replace(themeButton, { auto: "Auto", light: "Light", dark: "Dark" }[theme]);
  themeButton.setAttribute("aria-label", `${theme === "auto" ? "Auto, as the system" : capital(theme)}: change the look`);
  replace(zoneButton, clock.local ? zoneName : "UTC");
  zoneButton.setAttribute("aria-label", `${zoneShown()}: change times to ${zoneShown(!clock.local)}`);
}

function tlpLabel() {
  const tlp = data.meta.tlp;
  return tlp ? el("span", { class: `tlp ${tlp.label.toLowerCase().replace(/[^a-z]+/g, "-")}`, title: tlp.meaning }, tlp.label) : null;
}

function drawHeader() {
  const m = data.meta;
  replace(byId("top"),
    el("a", { class: "brand", href: "#overview" }, svg("svg", { viewBox: "0 0 20 20", width: 20, height: 20, "aria-hidden": "true" }, svg("path", { d: "M2,3L10,18L18,3M6.2,3L10,10.5L13.8,3" })), "Vedette"),
    el("p", { class: "case" }, el("strong", null, m.case || "Report"), m.analyst ? el("span", null, ` · ${m.analyst}`) : null, m.redacted ? el("span", { class: "redacted", title: `Redacted: ${m.redacted.what.join(", ")}` }, "redacted") : null),
    el("div", { class: "controls" }, zoneButton, themeButton, el("button", { type: "button", class: "control", "aria-label": "? Keys", on: { click: showHelp } }, "?")),
    tlpLabel());
  replace(byId("foot"), el("p", null, `Vedette ${m.version} · `, m.case || "report", m.analyst ? ` · ${m.analyst}` : ""), tlpLabel());
}

/** The title with hosts by their short names: the contents are narrow. */
function shortTitle(incident) {
  return incident.entities.list.filter((e) => e.kind === "host").reduce((title, e) => title.replace(e.shown, hostShort(e.shown)), incident.title);
}

function drawContents() {
  const link = (href, label, mark, count) => el("a", { href, class: mark !== undefined ? `lv-${LEVELS[mark]}` : null }, mark !== undefined ? levelMark(mark) : null, el("span", { class: "side-label" }, label), count !== undefined ? el("span", { class: "side-count" }, count) : null);
  replace(byId("side"),
    el("ul", null,
      el("li", null, link("#overview", "Answer")),
      incidents.map((incident, i) => el("li", null, link(`#i-${i}`, shortTitle(incident), rank(incident.severity)))),
      el("li", { class: "rule-above" }, link("#findings", "Findings", undefined, number(data.findings.total))),
      el("li", null, link("#rules", "Rules that fired", undefined, number(data.rules.length))),
      el("li", null, link("#files", "Files and verdicts", undefined, number(data.files.total))),
      el("li", null, link("#method", "Method and limits"))));
}

/** Marks the part that is being read. */
function follow() {
  const links = [...byId("side").querySelectorAll("a")];
  const targets = links.map((a) => byId(a.hash.slice(1))).filter(Boolean);
  let waiting = false;
  const mark = () => {
    waiting = false;
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 4;
    const at = (atEnd && window.scrollY > 0 ? targets : targets.filter((t) => t.getBoundingClientRect().top < 160)).at(-1) || targets[0];
    links.forEach((a) => {
      const here = a.hash === `#${at.id}`;
      if (here && a.getAttribute("aria-current") !== "true") {
        a.setAttribute("aria-current", "true");
        const side = byId("side");
        if (side.scrollWidth > side.clientWidth) side.scrollLeft = a.offsetLeft - 40;
      } else if (!here) a.removeAttribute("aria-current");
    });
  };
  document.addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(mark); } }, { passive: true });
  mark();
}

/** On paper what is folded stands open, but for the long tails that only a search needs. */
function readyForPrint() {
  const opened = [];
  window.addEventListener("beforeprint", () => {
    closeDrawer();
    pictures.forEach((draw) => draw(700));
    document.querySelectorAll("main details:not([open])").forEach((d) => {
      if (d.matches(".stay, .rule, .coverage")) return;
      d.open = true;
      opened.push(d);
    });
  });
  window.addEventListener("afterprint", () => { opened.splice(0).forEach((d) => { d.open = false; }); pictures.forEach((draw) => draw()); });
}

drawControls();
drawHeader();
drawContents();
replace(byId("main"), overview(), incidents.map(incidentSection), findingsSection(), rulesSection(), filesSection(), methodSection());
const asked = recall();
drawFindings();
document.addEventListener("keydown", onKey);
follow();
readyForPrint();
// Ids of parts have no sign that an address would escape.
if (location.hash.length > 1) byId(asked ? "findings" : location.hash.slice(1))?.scrollIntoView();
document.documentElement.dataset.ready = "yes";
