// ATT&CK: a column for each tactic that was seen, its techniques with their number of findings.

function heatmap(incident) {
  const cells = incident.heat;
  if (cells.length === 0) return null;
  const order = [...tacticOrder, ...new Set(cells.map(([t]) => t).filter((t) => !tacticOrder.includes(t)))];
  const most = Math.max(1, ...cells.map(([, , n]) => n));
  const columns = order.map((tactic) => [tactic, cells.filter(([t]) => t === tactic).sort((a, b) => b[2] - a[2] || (a[1] < b[1] ? -1 : 1))]);
  const seen = columns.filter(([, list]) => list.length > 0);
  const unseen = columns.filter(([, list]) => list.length === 0).map(([tactic]) => tacticName(tactic));
  return [
    el("div", { class: "heatmap" }, seen.map(([tactic, list]) => el("div", { class: "tactic", style: { "--tactic": tacticColour(tactic) } },
      el("h4", null, tacticName(tactic)),
      el("ul", null, list.map(([, id, n]) => {
        const [parent, sub] = techniqueName(id).split(": ");
        return el("li", { class: "cell", style: { "--heat": `${Math.round(10 + 28 * Math.log1p(n) / Math.log1p(most))}%` } },
          el("span", { class: "cell-top" }, el("span", { class: "mono" }, id), el("span", { class: "count", title: n ? plural(n, "finding") : "named by the story alone" }, n ? number(n) : "story")),
          el("span", { class: "cell-name" }, sub ? `${parent}: ${sub}` : parent || "not in ATT&CK 18"));
      }))))),
    unseen.length > 0 ? el("p", { class: "sub" }, `Not seen: ${unseen.join(", ")}.`) : null,
  ];
}
