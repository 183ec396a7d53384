// The rules that fired: by whom, under which licence, what to do about them, when they are wrong.

function rulesSection() {
  const list = data.rules;
  return el("section", { class: "list-part", id: "rules", "aria-labelledby": "rules-title" },
    el("h2", { id: "rules-title" }, "Rules that fired"),
    el("p", { class: "lead" }, `${number(list.length)} of ${number(data.summary.rules.running)} running rules.`),
    el("div", { class: "rules" }, list.map(ruleEntry)));
}

function ruleEntry(rule, i) {
  const box = el("details", { class: `rule lv-${LEVELS[rank(rule.level)]}`, id: `r-${i}` },
    el("summary", null, levelMark(rank(rule.level)), el("span", { class: "rule-title" }, rule.title), el("span", { class: "sub inline" }, rule.level), el("span", { class: "rule-count" }, plural(rule.count, "finding"), el("span", { class: "print-only" }, [rule.author, rule.license].filter(Boolean).map((w) => ` · ${w}`).join("")))));
  let drawn = false;
  const draw = () => {
    if (drawn) return;
    drawn = true;
    add(box, [el("div", { class: "rule-body" },
      rule.description ? el("p", null, rule.description) : null,
      rule.guide ? [el("h4", null, "Investigation guide"), guide(rule.guide)] : null,
      rule.false_positives && rule.false_positives.length > 0 ? [el("h4", null, "Known false positives"), el("ul", null, rule.false_positives.map((f) => el("li", null, f)))] : null,
      facts([
        ["Author", rule.author], ["Licence", rule.license], ["Status", rule.status],
        ["Techniques", rule.techniques.length > 0 && el("span", { class: "row" }, rule.techniques.map((t) => el("span", { class: "chip" }, `${t} ${techniqueName(t)}`)))],
        ["Rule id", el("code", null, rule.id)], ["File", rule.path && el("code", null, rule.path)],
        ["References", rule.references && rule.references.length > 0 && el("ul", { class: "plain" }, rule.references.map((r) => el("li", { class: "url" }, r)))],
      ]),
      el("p", { class: "no-print" }, el("button", { type: "button", class: "button", on: { click: () => searchFindings(rule.id) } }, `Show its ${plural(rule.count, "finding")}`)))]);
  };
  box.addEventListener("toggle", draw);
  box.drawNow = draw;
  return box;
}

/** A guide is paragraphs and lists of plain text. */
function guide(text) {
  const blocks = text.trim().split(/\n\s*\n/);
  return el("div", { class: "guide" }, blocks.map((block) => {
    const lines = block.split("\n").map((l) => l.trim()).filter(Boolean);
    const items = lines.every((l) => /^([-*]|\d+[.)])\s/.test(l));
    return items ? el("ul", null, lines.map((l) => el("li", null, l.replace(/^([-*]|\d+[.)])\s+/, "")))) : el("p", null, lines.join(" "));
  }));
}

function openRule(i) {
  const node = byId(`r-${i}`);
  if (node) { node.drawNow(); node.open = true; }
}
