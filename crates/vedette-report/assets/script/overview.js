// The first screen: the answer, how far the search reached, the earliest evidence, how sure, what is missing.

const MISSING_FIRST = 2;
/** As many stand open as leave room on the first screen for the rest of the answer. */
const ANSWERS_FIRST = 3;

function overview() {
  const a = data.answer;
  const s = data.summary;
  const first = incidents[0];
  const rows = incidents.map((incident, i) => answerRow(incident, i));
  const rest = rows.length > ANSWERS_FIRST + 1 ? rows.splice(ANSWERS_FIRST) : [];
  const list = incidents.length === 0 ? noIncident() : el("div", { class: "answers" }, el("ol", null, rows),
    rest.length > 0 ? el("details", null, el("summary", null, `${number(rest.length)} more: ${countLevels(incidents.slice(ANSWERS_FIRST))}`), el("ol", { start: ANSWERS_FIRST + 1 }, rest)) : null);
  const more = shownOf(incidents.length, data.incidents.total, "incidents");
  const missing = a.missing.map((m) => el("li", null, m.text, m.remedy && m.incidents.length === 0 ? el("span", { class: "sub" }, capital(m.remedy)) : null));
  const folded = missing.length > MISSING_FIRST ? el("details", { class: "stay" }, el("summary", null, `${number(missing.length - MISSING_FIRST)} more`), el("ul", { class: "plain" }, missing.splice(MISSING_FIRST))) : null;
  return el("section", { class: "overview", id: "overview", "aria-labelledby": "answer" },
    data.summary.complete ? null : el("p", { class: "banner", role: "note" }, "The run was interrupted: what is here is right, and not all."),
    el("p", { class: "eyebrow" }, "Answer"),
    el("h1", { id: "answer" }, a.headline),
    list, more,
    el("div", { class: "cards" },
      card("Scope", [
        facts([
          ["Hosts", number(a.hosts)], ["Files", number(s.files)], ["Records", [number(s.records), el("span", { class: "sub inline" }, ` in ${bytes(s.bytes)}`)]],
          ["Covered", s.first ? [timeEl(s.first, "short-day"), " – ", timeEl(s.last, "short-day"), el("span", { class: "sub" }, duration(s.first, s.last))] : "no event has a time"],
          ["Findings", levelsLine()],
        ]),
      ]),
      card("Earliest evidence", a.earliest ? [
        el("p", { class: "big" }, timeEl(a.earliest.time)),
        el("p", { class: "earliest-text" }, told(a.earliest.text, a.earliest.incident)),
        el("p", { class: "row" }, a.earliest.host ? chip(hostShort(a.earliest.host), a.earliest.host) : null, a.earliest.event ? evidenceButton([a.earliest.event], 1) : null),
        incidents.length > 1 ? el("p", { class: "sub" }, `Belongs to incident ${a.earliest.incident + 1}. What came before it is not in this data, or no rule knows it.`) : null,
      ] : [el("p", { class: "sub" }, "No incident, so no evidence of one.")]),
      card("Confidence", a.confidence ? [
        el("p", { class: "row" }, confidenceBadge(a.confidence.word), incidents.length > 1 ? el("span", { class: "sub inline" }, "in the first") : null),
        el("ul", { class: "plain" }, a.confidence.why.slice(0, 4).map((w) => el("li", null, capital(w)))),
      ] : [el("p", { class: "sub" }, first ? "Not stated." : "Nothing to be sure or unsure of.")]),
      card("What is missing", a.missing.length > 0 ? [el("ul", { class: "plain" }, missing), folded, shownOf(a.missing.length, a.missing_total, "points")] : [el("p", { class: "sub" }, "Nothing that this scan could notice.")], "missing")));
}

function card(title, body, extra = "") {
  return el("section", { class: `card ${extra}` }, el("h2", null, title), body);
}

function answerRow(incident, i) {
  return el("li", { class: `answer lv-${LEVELS[rank(incident.severity)]}` },
    el("div", { class: "answer-mark" }, levelMark(rank(incident.severity)), el("span", { class: "answer-level" }, incident.severity)),
    el("div", null,
      el("a", { class: "answer-title", href: `#i-${i}`, "data-stop": true }, incident.title),
      el("p", { class: "answer-line" }, told(data.answer.lines[i], i)),
      el("p", { class: "meta" }, incident.first ? timeEl(incident.first) : null, incident.first ? el("span", null, duration(incident.first, incident.last)) : null,
        el("span", null, plural(incident.findings, "finding")), el("span", null, `${incident.confidence || "unstated"} confidence`))));
}

/** "4 high, 2 low" */
function countLevels(list) {
  return [4, 3, 2, 1, 0].map((level) => [list.filter((i) => rank(i.severity) === level).length, LEVELS[level]]).filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}`).join(", ");
}

function levelsLine() {
  const levels = data.summary.levels.map((n, i) => [4 - i, n]).filter(([, n]) => n > 0);
  if (levels.length === 0) return "none";
  return el("span", { class: "levels" }, levels.map(([level, n]) => el("a", { href: "#findings", class: `level lv-${LEVELS[level]}`, on: { click: () => onlyLevel(level) } }, levelMark(level), `${number(n)} ${LEVELS[level]}`)));
}

function noIncident() {
  const total = data.answer.findings_total;
  return el("p", { class: "lead" }, total > 0 ? "The findings stand below, each with its event. None was joined to others strongly enough to be told as one story." : "No rule spoke. Below stands what was read, what was not, and which rules were asked: nothing found is only as good as what was looked at.");
}
