// One incident: the story first, then pictures, then why, and what to do.

const PHASES = [["preserve", "Preserve evidence first"], ["contain", "Contain"], ["eradicate", "Eradicate"], ["recover", "Recover"], ["analyse", "Analyse further"]];
const FOLD_STEPS = 40;

/** A button that opens the events: one click from a sentence to its evidence. */
function evidenceButton(uids, total) {
  const known = events.get(uids[0]);
  const label = known ? place(known.file, known.record) : "cited event";
  const button = el("button", { type: "button", class: "evidence", "data-stop": true }, el("span", { class: "visually-hidden" }, "Evidence: "),
    el("span", { class: "evidence-name" }, label), total > 1 ? el("span", { class: "evidence-more" }, ` +${number(total - 1)}`) : null);
  button.addEventListener("click", () => openEvent(uids, 0, button, total));
  return button;
}

function incidentSection(incident, i) {
  const level = rank(incident.severity);
  const u = incident.unknowns;
  return el("article", { class: `incident lv-${LEVELS[level]}`, id: `i-${i}`, "aria-labelledby": `i-${i}-title` },
    el("header", { class: "incident-head" },
      el("p", { class: "eyebrow" }, `Incident ${i + 1} of ${number(data.incidents.total)}`, el("code", null, incident.id), copyButton(incident.id, "id of the incident")),
      el("h2", { id: `i-${i}-title`, tabindex: "-1" }, incident.title),
      el("p", { class: "row badges" }, levelBadge(level), confidenceBadge(incident.confidence), el("span", { class: "badge" }, `Risk ${points(incident.risk.score)}`)),
      el("p", { class: "meta" }, incident.first ? [timeEl(incident.first), " – ", timeEl(incident.last), el("span", null, duration(incident.first, incident.last))] : "no time",
        el("span", null, plural(incident.findings, "finding")), el("span", null, plural(incident.story.total, "step"))),
      el("p", { class: "lead" }, told(incident.summary, i))),
    part(i, "timeline", "Timeline", timeline(incident, i)),
    el("div", { class: "split" },
      part(i, "story", "What happened", [story(incident, i), shownOf(incident.story.list.length, incident.story.total, "steps"),
        incident.untold > 0 ? el("p", { class: "capped" }, `${plural(incident.untold, "finding")} of this incident told by no step; the list of findings has them`) : null]),
      el("div", { class: "rail" },
        part(i, "unknown", "Not known", u.total > 0 ? [unknowns(u.list.slice(0, UNKNOWNS_FIRST), i), u.list.length > UNKNOWNS_FIRST ? el("details", null, el("summary", null, `${number(u.list.length - UNKNOWNS_FIRST)} more`), unknowns(u.list.slice(UNKNOWNS_FIRST), i)) : null, shownOf(u.list.length, u.total, "points")] : el("p", { class: "sub" }, "Nothing that this data could show.")),
        part(i, "why", "How grave and how sure", reasons(incident)),
        part(i, "risk", "Risk as a sum", riskSum(incident)),
        part(i, "blast", "Blast radius", blast(incident)),
        part(i, "phases", "Phases", phases(incident, i)))),
    part(i, "next", "Next steps", nextSteps(incident, i)),
    part(i, "entities", "Who and what", [graph(incident), entities(incident, i)]),
    part(i, "attack", "ATT&CK", heatmap(incident)),
    el("div", { class: "halves" },
      part(i, "diamond", "Diamond", diamond(incident)),
      part(i, "indicators", "Indicators", indicators(incident))),
    part(i, "joins", "Why these belong together", joins(incident)));
}

const UNKNOWNS_FIRST = 4;

function unknowns(list, i) {
  return el("ul", { class: "plain" }, list.map((x) => el("li", null, told(x.text, i), x.remedy ? el("span", { class: "sub" }, capital(x.remedy)) : null)));
}

function part(i, name, title, body) {
  if (body === null || body === undefined || (Array.isArray(body) && body.every((b) => !b))) return null;
  return el("div", { class: `part part-of-${name}` }, el("h3", { id: `i-${i}-${name}` }, title), body);
}

const points = (n) => (Number.isInteger(n) ? number(n) : Number(n).toFixed(1));

function story(incident, i) {
  const box = el("div", { class: "story" });
  let all = incident.story.list.length <= FOLD_STEPS + 10;
  const draw = () => {
    let day = "";
    const list = all ? incident.story.list : incident.story.list.slice(0, FOLD_STEPS);
    replace(box, el("ol", null, list.map((step, s) => {
      const today = step.time ? timeText(step.time, "day") : "";
      const heading = today && today !== day ? el("span", { class: "day" }, today, el("span", { class: "zone" }, ` ${zoneShown()}`)) : null;
      if (today) day = today;
      return el("li", { id: `s-${i}-${s}`, class: `step ${step.kind === "inferred" ? "is-inferred" : "is-observed"}`, style: { "--tactic": tacticColour(step.tactic) } }, heading,
        el("div", { class: "step-when" }, el("span", { class: "step-number" }, s + 1), step.time ? timeEl(step.time, "clock") : el("span", { class: "sub inline" }, "no time")),
        el("div", { class: "step-what" },
          el("p", { class: "step-text" }, told(step.text, i)),
          el("p", { class: "step-meta" },
            el("span", { class: `kind kind-${step.kind === "inferred" ? "inferred" : "observed"}` }, step.kind === "inferred" ? "inferred" : "observed"),
            step.tactic ? el("span", { class: "tactic-word" }, tacticDot(step.tactic), tacticName(step.tactic)) : null,
            step.techniques.map(techniqueChip),
            step.events.length > 0 ? evidenceButton(step.events, step.events_total) : el("span", { class: "sub inline" }, "no event cited"))));
    })), all ? null : el("button", { type: "button", class: "button unfold", on: { click: () => { all = true; draw(); } } }, `Show all ${number(incident.story.list.length)} steps`));
  };
  onZone(draw);
  draw();
  return box;
}

function reasons(incident) {
  const block = (title, list) => list.length > 0 ? [el("h4", null, title), el("ul", { class: "plain" }, list.map((r) => el("li", null, capital(r))))] : null;
  const both = [block(`Severity: ${incident.severity}`, incident.severity_reasons), block(`Confidence: ${incident.confidence}`, incident.confidence_reasons)];
  return both.some(Boolean) ? both : null;
}

function riskSum(incident) {
  const { score, parts } = incident.risk;
  if (parts.length === 0) return null;
  const most = Math.max(...parts.map((p) => Math.abs(p.points)), 1);
  const row = (p) => el("tr", null,
    el("td", { class: "points" }, `${p.points < 0 ? "−" : "+"}${points(Math.abs(p.points))}`),
    el("td", null, el("span", { class: "risk-what" }, p.what), el("span", { class: "sub" }, p.why),
      el("span", { class: "risk-bar", "aria-hidden": "true" }, el("span", { style: { width: `${Math.round(Math.abs(p.points) / most * 100)}%` } }))));
  const shown = parts.slice(0, 6);
  const rest = parts.slice(6);
  return [el("table", { class: "risk" }, el("caption", { class: "visually-hidden" }, "Parts of the risk score"),
    el("tbody", null, shown.map(row)),
    rest.length === 0 ? el("tfoot", null, el("tr", null, el("td", { class: "points" }, points(score)), el("td", null, "in all"))) : null),
  rest.length > 0 ? [el("details", null, el("summary", null, `${rest.length} more parts, ${points(rest.reduce((a, p) => a + p.points, 0))} points`), el("table", { class: "risk" }, el("tbody", null, rest.map(row)))), el("p", { class: "risk-total" }, `${points(score)} in all`)] : null];
}

function blast(incident) {
  const b = incident.blast_radius;
  const row = (name, of) => of.total > 0 ? [name, [el("strong", null, number(of.total)), el("span", { class: "sub" }, of.list.slice(0, 8).join(", "), of.total > 8 ? ` and ${number(of.total - 8)} more` : "")]] : null;
  const rows = [row("Hosts", b.hosts), row("Accounts", b.accounts), row("Addresses", b.addresses), b.files > 0 ? ["Files", el("strong", null, number(b.files))] : null].filter(Boolean);
  return rows.length > 0 ? facts(rows) : null;
}

function phases(incident, i) {
  if (incident.phases.list.length === 0) return null;
  return el("ol", { class: "phases" }, incident.phases.list.map((p) => el("li", null,
    el("span", { class: "phase-name" }, capital(words(p.phase))),
    el("span", { class: "sub" }, p.first ? [timeEl(p.first), duration(p.first, p.last) && p.first !== p.last ? ` · ${duration(p.first, p.last)}` : ""] : null, p.steps.length > 0 ? [p.first ? " · " : "", "steps ", p.steps.slice(0, 8).map((s, n) => [n > 0 ? ", " : "", el("a", { href: `#s-${i}-${s}` }, s + 1)]), p.steps.length > 8 ? ", …" : ""] : null))));
}

function nextSteps(incident, i) {
  const { list, total } = incident.next_steps;
  if (list.length === 0) return null;
  const known = PHASES.map(([phase]) => phase);
  const groups = [...PHASES, ...[...new Set(list.map((s) => s.phase))].filter((p) => !known.includes(p)).map((p) => [p, capital(words(p))])];
  let n = 0;
  return [el("div", { class: "next" }, groups.map(([phase, title]) => {
    const steps = list.filter((s) => s.phase === phase);
    if (steps.length === 0) return null;
    return el("div", { class: "next-phase" }, el("h4", null, title), el("ul", null, steps.map((s) => {
      const id = `n-${i}-${n++}`;
      return el("li", null, el("input", { type: "checkbox", id }), el("div", null,
        el("label", { for: id }, told(s.text, i)),
        s.caution ? el("p", { class: "caution" }, el("strong", null, "Caution: "), told(s.caution, i)) : null,
        el("p", { class: "sub" }, capital(s.why)),
        s.targets.length > 0 ? el("p", { class: "row" }, s.targets.slice(0, 12).map((t) => el("span", { class: "chip mono", title: t }, hostShort(t))), s.targets.length > 12 ? el("span", { class: "sub inline" }, `and ${s.targets.length - 12} more`) : null) : null,
        s.reference ? el("p", { class: "reference" }, s.reference) : null));
    })));
  })), el("p", { class: "sub no-print" }, "Ticks last until this page is closed, and are printed with it."), shownOf(list.length, total, "steps")];
}

const ENTITIES_FIRST = 12;

function entities(incident, i) {
  const { list, total } = incident.entities;
  if (list.length === 0) return null;
  const name = (id) => list.find((e) => e.id === id);
  const row = (e) => {
    const links = incident.links.list.filter((l) => l.from === e.id || l.to === e.id);
    return el("li", { id: `e-${i}-${e.id}`, class: `entity part-${partClass(e.part)}` }, icon(e.kind),
      el("div", null,
        el("p", { class: "entity-name" }, el("button", { type: "button", class: "link mono", "aria-label": `Findings about ${e.shown}`, on: { click: () => searchFindings(e.shown) } }, e.shown),
          el("span", { class: "sub inline" }, `${words(e.kind)}${e.part ? ` · ${words(e.part)}` : ""} · ${plural(e.findings, "finding")}`)),
        e.first ? el("p", { class: "sub" }, timeEl(e.first), e.last && e.last !== e.first ? [" – ", timeEl(e.last)] : null) : null,
        e.facts.length > 0 ? el("ul", { class: "facts-list" }, e.facts.map((f) => el("li", null, `${f.label}: ${f.value}`, el("span", { class: "sub inline" }, [f.source, f.date].filter(Boolean).join(", "))))) : null,
        links.length > 0 ? el("ul", { class: "links" }, links.slice(0, 5).map((l) => {
          const other = name(l.from === e.id ? l.to : l.from);
          const otherName = other && brief(nameShort(other), 34);
          if (!other) return null;
          const text = l.from === e.id ? `${l.label} → ${otherName}` : `← ${l.label}: ${otherName}`;
          return el("li", null, l.event ? el("button", { type: "button", class: "link", on: { click: (event) => openEvent([l.event], 0, event.currentTarget, l.count) } }, text) : text, l.count > 1 ? el("span", { class: "sub inline" }, `${number(l.count)} times`) : null);
        }), links.length > 5 ? el("li", { class: "sub" }, `and ${links.length - 5} more links`) : null) : null));
  };
  const order = { attacker: 0, used: 1, victim: 2, none: 3, tool: 4 };
  const sorted = [...list].sort((a, b) => order[partClass(a.part)] - order[partClass(b.part)] || b.findings - a.findings);
  const rest = sorted.slice(ENTITIES_FIRST);
  return [el("ul", { class: "entities" }, sorted.slice(0, ENTITIES_FIRST).map(row)),
    rest.length > 0 ? el("details", { class: "stay" }, el("summary", null, `${number(rest.length)} more`), el("ul", { class: "entities" }, rest.map(row))) : null,
    shownOf(list.length, total, "entities")];
}

function diamond(incident) {
  const cells = [["Adversary", "adversary"], ["Capability", "capability"], ["Infrastructure", "infrastructure"], ["Victim", "victim"]];
  if (cells.every(([, key]) => incident.diamond[key].total === 0)) return null;
  return el("dl", { class: "diamond" }, cells.map(([title, key]) => {
    const { list, total } = incident.diamond[key];
    return el("div", { class: key }, el("dt", null, title), el("dd", null, list.length === 0 ? el("span", { class: "sub" }, "not known") : el("ul", { class: "plain" }, list.slice(0, 8).map((w) => el("li", null, w)), total > 8 ? el("li", { class: "sub" }, `and ${number(total - 8)} more`) : null)));
  }));
}

const INDICATORS_FIRST = 8;

function indicators(incident) {
  const { list, total } = incident.indicators;
  if (list.length === 0) return null;
  const table = (part) => el("table", { class: "indicators" }, el("caption", { class: "visually-hidden" }, "Indicators, defanged"),
    el("thead", null, el("tr", null, el("th", { scope: "col" }, "Kind"), el("th", { scope: "col" }, "Defanged"), el("th", { scope: "col" }, el("span", { class: "visually-hidden" }, "Copy")))),
    el("tbody", null, part.map(([kind, plain, defanged]) => el("tr", null, el("td", null, kind), el("td", { class: "mono" }, defanged),
      el("td", { class: "actions" }, copyButton(defanged, `${defanged}, defanged`), copyButton(plain, `${defanged} as it is`, "Plain"))))));
  return [el("p", { class: "row no-print" },
    el("button", { type: "button", class: "button", on: { click: (e) => copy(list.map(([, , d]) => d).join("\n"), plural(list.length, "defanged indicator"), e.currentTarget) } }, "Copy all, defanged"),
    el("button", { type: "button", class: "quiet", on: { click: (e) => copy(list.map(([kind, p]) => `${kind},${p}`).join("\n"), `${plural(list.length, "indicator")} as CSV`, e.currentTarget) } }, "As CSV for tools")),
  table(list.slice(0, INDICATORS_FIRST)),
  list.length > INDICATORS_FIRST ? el("details", null, el("summary", null, `${number(list.length - INDICATORS_FIRST)} more`), table(list.slice(INDICATORS_FIRST))) : null, shownOf(list.length, total, "indicators")];
}

function joins(incident) {
  const { list, total } = incident.joins;
  if (list.length === 0) return null;
  const named = new Map(findings.map((f) => [f.id, f]));
  const name = (id) => {
    const finding = named.get(id);
    return finding ? el("button", { type: "button", class: "link", on: { click: (e) => openFinding(finding, e.currentTarget) } }, finding.title) : el("code", null, id);
  };
  const row = (j) => el("li", null, el("p", null, name(j.finding), el("span", { class: "sub inline" }, " joins "), name(j.to),
    el("span", { class: "sub inline" }, ` at ${points(j.total)}, needed ${points(j.threshold)}`)),
  el("ul", { class: "because" }, j.because.map((b) => el("li", null, el("span", { class: "weight" }, `+${points(b.weight)}`), el("span", null, words(b.kind), " ", el("code", null, brief(b.key, 60)), el("span", { class: "sub" }, b.reason))))));
  return [el("p", { class: "sub" }, "Every finding but the first was joined to another one because of what they share. The weights add up, and the sum had to reach the threshold."),
    el("ul", { class: "joins" }, list.slice(0, 3).map(row)),
    list.length > 3 ? el("details", { class: "stay" }, el("summary", null, `${number(list.length - 3)} more joins`), el("ul", { class: "joins" }, list.slice(3).map(row))) : null,
    shownOf(list.length, total, "joins")];
}
