// Files and their verdicts, and what each host's logs cover.

function filesSection() {
  const { list, total } = data.files;
  const c = data.coverage;
  return el("section", { class: "list-part", id: "files", "aria-labelledby": "files-title" },
    el("h2", { id: "files-title" }, "Files and verdicts"),
    el("p", { class: "lead" }, `${number(data.summary.records)} records = ${number(data.summary.events)} events + ${number(data.summary.joined)} joined + ${number(data.summary.duplicate)} duplicate + ${number(data.summary.rejected)} rejected.`),
    shownOf(list.length, total, "files"),
    el("div", { class: "table-box", tabindex: "0", role: "group", "aria-label": "Table of files" }, el("table", { class: "files" }, el("caption", { class: "visually-hidden" }, "Files"),
      el("thead", null, el("tr", null, ["File", "Understood as", "Records", "Events", "First", "Last", "To know"].map((t, i) => el("th", { scope: "col", class: i === 2 || i === 3 ? "num" : null }, t)))),
      el("tbody", null, list.map(fileRow)))),
    c.list.length > 0 ? el("details", { class: "coverage" }, el("summary", null, `What each log covers: ${plural(c.total, "log")} of ${plural(data.answer.hosts, "host")}`), shownOf(c.list.length, c.total, "logs"),
      el("div", { class: "table-box", tabindex: "0", role: "group", "aria-label": "Table of logs" }, el("table", null,
        el("thead", null, el("tr", null, ["Host", "Log", "Events", "First", "Last", "To know"].map((t, i) => el("th", { scope: "col", class: i === 2 ? "num" : null }, t)))),
        el("tbody", null, c.list.map(([host, channel, n, first, last, missing, notices]) => el("tr", null,
          el("td", { class: "mono" }, host || "no host"), el("td", null, channel), el("td", { class: "num" }, number(n)), el("td", { class: "when" }, timeEl(first)), el("td", { class: "when" }, timeEl(last)),
          el("td", null, missing > 0 ? el("span", { class: "warn" }, `${number(missing)} record numbers missing`) : null, notices.map(([kind, time]) => el("p", { class: "warn" }, `${kind} `, time ? timeEl(time) : null))))))))) : null);
}

function fileRow(f) {
  const known = f.parser ? [f.parser, el("span", { class: "sub" }, f.format)] : f.format;
  const notes = [
    f.complete ? null : "not read to its end",
    f.rejected > 0 ? `${number(f.rejected)} rejected` : null,
    f.duplicate > 0 ? `${number(f.duplicate)} held by an earlier file too` : null,
    f.unmapped > 0 ? `${number(f.unmapped)} of a kind no mapping knows` : null,
    f.untimed > 0 ? `${number(f.untimed)} without a time` : null,
    f.time_basis && !["stated", "none"].includes(f.time_basis) ? f.time_basis : null,
  ].filter(Boolean);
  return el("tr", null,
    el("td", { class: "path" }, f.path, el("span", { class: "sub" }, bytes(f.bytes), f.sha256 ? [" · SHA-256 ", el("code", { class: "hash" }, f.sha256)] : null)),
    el("td", null, known), el("td", { class: "num" }, number(f.records)), el("td", { class: "num" }, number(f.events)),
    el("td", { class: "when" }, f.first ? timeEl(f.first) : "–"), el("td", { class: "when" }, f.last ? timeEl(f.last) : "–"),
    el("td", null, notes.length > 0 ? el("span", { class: "notes" }, notes.join(" · ")) : null,
      f.rejects.map(([reason, n, record, detail]) => el("p", { class: "warn" }, `${number(n)} × ${reason}, first record ${number(record)}`, detail ? el("span", { class: "sub" }, detail) : null)),
      f.problems.map(problemText)));
}

function problemText(p) {
  return el("p", { class: "warn" }, `${p.code ? `${p.code}: ` : ""}${p.fault}${p.count > 1 ? ` (${number(p.count)} times)` : ""}`, el("span", { class: "sub" }, [p.consequence, p.remedy].filter(Boolean).map(capital).join(". ")));
}
