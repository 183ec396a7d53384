// The list of findings: sorted, filtered, searched; a hundred rows at a time.

const PAGE_ROWS = 100;
const filter = { text: "", levels: new Set([0, 1, 2, 3, 4]), where: "all", sort: "time", down: false, rows: PAGE_ROWS };
const view = {};

const COLUMNS_SHOWN = [
  ["time", "Time", (f) => f.time || ""],
  ["level", "Level", (f) => f.level],
  ["title", "Finding", (f) => f.title.toLowerCase()],
  ["host", "Host", (f) => f.host.toLowerCase()],
  ["actor", "Actor", (f) => f.actor.toLowerCase()],
  ["place", "Place", (f) => `${f.file}#${String(f.record).padStart(12, "0")}`],
  ["incident", "Incident", (f) => (f.incident >= 0 ? f.incident : 1e6)],
];

/** All words a finding can be found by, made when first asked for. */
function haystack(f) {
  if (!f.hay) {
    f.hay = [f.id, f.title, f.host, f.actor, f.channel, f.code, f.file, `#${f.record}`, f.aside, f.source, f.techniques.join(" "), f.techniques.map(techniqueName).join(" "),
      f.details.map(([n, v]) => `${n}=${v}`).join(" "), f.rule ? f.rule.id : "", LEVELS[f.level]].join(" ").toLowerCase();
  }
  return f.hay;
}

function chosenFindings() {
  const asked = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const where = {
    all: () => true, inside: (f) => f.incident >= 0, aside: (f) => f.incident < 0,
  }[filter.where] || ((f) => f.incident === Number(filter.where.slice(2)));
  const list = findings.filter((f) => filter.levels.has(f.level) && where(f) && asked.every((w) => haystack(f).includes(w)));
  const key = COLUMNS_SHOWN.find(([name]) => name === filter.sort)[2];
  const way = filter.down ? -1 : 1;
  list.sort((a, b) => { const x = key(a); const y = key(b); return (x < y ? -1 : x > y ? 1 : 0) * way || a.index - b.index; });
  return list;
}

function findingsSection() {
  const total = data.findings.total;
  if (findings.length === 0) {
    return el("section", { class: "list-part", id: "findings", "aria-labelledby": "findings-title" }, el("h2", { id: "findings-title" }, "Findings"), el("p", { class: "lead" }, "None."));
  }
  view.search = el("input", { type: "search", id: "search", placeholder: "Search findings", autocomplete: "off", spellcheck: "false", "aria-describedby": "search-hint" });
  view.search.addEventListener("input", () => { filter.text = view.search.value; filter.rows = PAGE_ROWS; drawFindings(); });
  view.levels = [4, 3, 2, 1, 0].filter((l) => findings.some((f) => f.level === l)).map((level) => {
    const button = el("button", { type: "button", class: `toggle lv-${LEVELS[level]}`, "aria-pressed": "true", "data-level": level }, levelMark(level), `${LEVELS[level]} ${number(findings.filter((f) => f.level === level).length)}`);
    button.addEventListener("click", () => { filter.levels.has(level) ? filter.levels.delete(level) : filter.levels.add(level); filter.rows = PAGE_ROWS; drawFindings(); });
    return button;
  });
  view.where = el("select", { id: "where" }, el("option", { value: "all" }, "All"), incidents.length > 0 ? el("option", { value: "inside" }, "In incidents") : null, el("option", { value: "aside" }, "Set aside"),
    incidents.map((incident, i) => el("option", { value: `i-${i}` }, `Incident ${i + 1}: ${brief(incident.title, 50)}`)));
  view.where.addEventListener("change", () => { filter.where = view.where.value; filter.rows = PAGE_ROWS; drawFindings(); });
  view.count = el("p", { class: "count-line", role: "status" });
  view.heads = COLUMNS_SHOWN.map(([name, title]) => {
    const button = el("button", { type: "button" }, title, el("span", { class: "arrow", "aria-hidden": "true" }));
    button.addEventListener("click", () => {
      filter.down = filter.sort === name ? !filter.down : name === "level";
      filter.sort = name;
      drawFindings();
    });
    return el("th", { scope: "col", "data-column": name }, button);
  });
  view.body = el("tbody");
  view.more = el("p", { class: "row" });
  const aside = data.set_aside.list;
  return el("section", { class: "list-part", id: "findings", "aria-labelledby": "findings-title" },
    el("h2", { id: "findings-title" }, "Findings"),
    el("p", { class: "lead" }, `${plural(total, "finding")} = ${number(data.summary.in_incidents)} in incidents + ${number(Math.max(0, total - data.summary.in_incidents))} set aside.`),
    aside.length > 0 ? el("details", { class: "aside-reasons" }, el("summary", null, "Why findings were set aside"), el("table", null,
      el("thead", null, el("tr", null, el("th", { scope: "col" }, "Findings"), el("th", { scope: "col" }, "Reason"), el("th", { scope: "col" }, "Why"))),
      el("tbody", null, aside.map((s) => el("tr", null, el("td", { class: "num" }, number(s.count)), el("td", null, el("button", { type: "button", class: "link", on: { click: () => searchFindings(s.reason, "aside") } }, s.reason)), el("td", null, s.why)))))) : null,
    shownOf(data.findings.shown, total, "findings"),
    el("div", { class: "toolbar", role: "search", "aria-label": "Findings" },
      el("label", { class: "search" }, el("span", { class: "visually-hidden" }, "Search findings"), view.search, el("kbd", { "aria-hidden": "true" }, "/")),
      el("span", { class: "visually-hidden", id: "search-hint" }, "Words in any field; all must be there"),
      el("div", { class: "toggles", role: "group", "aria-label": "Levels" }, view.levels),
      el("label", { class: "where" }, el("span", null, "Show"), view.where)),
    view.count,
    el("div", { class: "table-box", tabindex: "0", role: "group", "aria-label": "Table of findings" }, el("table", { class: "findings" }, el("caption", { class: "visually-hidden" }, "Findings"), el("thead", null, el("tr", null, view.heads)), view.body)),
    view.more);
}

/** What was asked for stands in the address, so that it can be passed on with the file. */
function remember() {
  const asked = new URLSearchParams();
  if (filter.text) asked.set("q", filter.text);
  if (filter.levels.size < 5) asked.set("levels", [...filter.levels].sort().map((l) => LEVELS[l]).join(","));
  if (filter.where !== "all") asked.set("in", filter.where);
  if (filter.sort !== "time" || filter.down) asked.set("sort", `${filter.sort}${filter.down ? "-" : ""}`);
  const hash = asked.size > 0 ? `#findings?${asked}` : "#findings";
  if (asked.size > 0 || location.hash.startsWith("#findings?")) history.replaceState(null, "", hash);
}

function recall() {
  if (!view.body || !location.hash.startsWith("#findings?")) return false;
  const asked = new URLSearchParams(location.hash.slice("#findings?".length));
  const levels = (asked.get("levels") || "").split(",").map((l) => LEVELS.indexOf(l)).filter((l) => l >= 0);
  const sort = asked.get("sort") || "time";
  filter.text = asked.get("q") || "";
  if (levels.length > 0) filter.levels = new Set(levels);
  if ([...view.where.options].some((o) => o.value === asked.get("in"))) filter.where = asked.get("in");
  if (COLUMNS_SHOWN.some(([name]) => name === sort.replace(/-$/, ""))) {
    filter.sort = sort.replace(/-$/, "");
    filter.down = sort.endsWith("-");
  }
  view.search.value = filter.text;
  view.where.value = filter.where;
  return true;
}

function drawFindings() {
  if (!view.body) return;
  remember();
  const list = chosenFindings();
  view.list = list;
  view.count.textContent = list.length === findings.length ? "" : `${number(list.length)} of ${number(findings.length)} findings match.`;
  view.levels.forEach((b) => b.setAttribute("aria-pressed", String(filter.levels.has(Number(b.dataset.level)))));
  view.heads.forEach((th) => {
    const sorted = th.dataset.column === filter.sort;
    if (sorted) th.setAttribute("aria-sort", filter.down ? "descending" : "ascending");
    else th.removeAttribute("aria-sort");
  });
  const shown = list.slice(0, filter.rows);
  replace(view.body, shown.map(findingRow), list.length === 0 ? el("tr", null, el("td", { colspan: COLUMNS_SHOWN.length, class: "none" }, "No finding matches. ", el("button", { type: "button", class: "link", on: { click: clearFilter } }, "Show all"))) : null);
  replace(view.more, list.length > shown.length ? [el("span", { class: "capped" }, `${number(shown.length)} of ${number(list.length)} shown`),
    el("button", { type: "button", class: "button no-print", on: { click: () => { filter.rows += PAGE_ROWS; drawFindings(); } } }, `Show ${number(Math.min(PAGE_ROWS, list.length - shown.length))} more`)] : null);
}

function findingRow(f) {
  const open = el("button", { type: "button", class: "row-title", "data-stop": true }, f.title);
  const row = el("tr", { class: `lv-${LEVELS[f.level]}` },
    el("td", { class: "when" }, timeEl(f.time)),
    el("td", null, levelWord(f.level)),
    el("td", { class: "title" }, open, f.details.length > 0 ? el("span", { class: "sub clip" }, f.details.slice(0, 3).map(([n, v]) => `${n}=${brief(v, 90)}`).join(" · ")) : null),
    el("td", { class: "mono" }, f.host), el("td", { class: "mono" }, f.actor),
    el("td", { class: "mono place", title: f.file }, place(f.file, f.record)),
    el("td", null, incidents[f.incident] ? el("a", { href: `#i-${f.incident}`, title: incidents[f.incident].title }, `Incident ${f.incident + 1}`) : el("span", { class: "sub inline" }, f.incident >= 0 ? "an incident beyond those shown" : f.aside || "set aside")));
  row.addEventListener("click", (event) => {
    if (event.target.closest("a") || String(window.getSelection())) return;
    openFinding(f, open);
  });
  return row;
}

function clearFilter() {
  filter.text = "";
  filter.where = "all";
  filter.levels = new Set([0, 1, 2, 3, 4]);
  filter.rows = PAGE_ROWS;
  view.search.value = "";
  view.where.value = "all";
  drawFindings();
}

function onlyLevel(level) {
  if (!view.body) return;
  clearFilter();
  filter.levels = new Set([level]);
  drawFindings();
}

/** Shows the findings that hold `text`. */
function searchFindings(text, where = "all") {
  if (!view.body) return;
  clearFilter();
  filter.text = text;
  filter.where = where;
  view.search.value = text;
  view.where.value = where;
  drawFindings();
  byId("findings").scrollIntoView();
  view.search.focus({ preventScroll: true });
}
