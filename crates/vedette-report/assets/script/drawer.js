// The evidence drawer: the fields of a cited event, and what a finding rests on.

const drawer = { node: byId("drawer"), from: null };

function openDrawer(title, body, from, name) {
  if (drawer.node.hidden) drawer.from = from || document.activeElement;
  else if (from) drawer.from = from;
  document.querySelectorAll("[data-open]").forEach((n) => n.removeAttribute("data-open"));
  if (from) from.setAttribute("data-open", "");
  const close = el("button", { type: "button", class: "quiet", "aria-label": "Close the evidence (Esc)", on: { click: closeDrawer } }, "Close");
  const heading = el("h2", { tabindex: "-1" }, title);
  replace(drawer.node, el("div", { class: "drawer-head" }, el("p", { class: "eyebrow" }, name), close, heading), el("div", { class: "drawer-body", tabindex: "0", role: "group", "aria-label": title }, body));
  // The page makes room; what was clicked stays where it was.
  const anchor = from || drawer.from;
  const top = anchor.getBoundingClientRect().top;
  drawer.node.hidden = false;
  document.body.classList.add("with-drawer");
  window.scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  heading.focus({ preventScroll: true });
  drawer.node.querySelector(".drawer-body").scrollTop = 0;
}

function closeDrawer() {
  if (drawer.node.hidden) return;
  const anchor = drawer.from && drawer.from.isConnected ? drawer.from : document.body;
  const top = anchor.getBoundingClientRect().top;
  drawer.node.hidden = true;
  document.body.classList.remove("with-drawer");
  if (anchor !== document.body) window.scrollBy({ top: anchor.getBoundingClientRect().top - top, behavior: "instant" });
  document.querySelectorAll("[data-open]").forEach((n) => n.removeAttribute("data-open"));
  if (drawer.from && drawer.from.isConnected) drawer.from.focus({ preventScroll: true });
  drawer.from = null;
}

/** A definition list of [name, node or text]; empty ones are left out. */
function facts(pairs, attributes) {
  return el("dl", { class: "facts", ...attributes }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "")
    .map(([name, value]) => el("div", null, el("dt", null, name), el("dd", null, value))));
}

const LONG = 360;

/** Long values are folded, and what is hidden is said. */
function fieldValue(value) {
  if (value.length <= LONG) return value;
  const rest = el("span", { hidden: true }, value.slice(LONG));
  const more = el("button", { type: "button", class: "link", "aria-expanded": "false" }, `… show ${number(value.length - LONG)} more characters`);
  more.addEventListener("click", () => {
    rest.hidden = !rest.hidden;
    more.setAttribute("aria-expanded", String(!rest.hidden));
    more.textContent = rest.hidden ? `… show ${number(value.length - LONG)} more characters` : " show less";
  });
  return [value.slice(0, LONG), rest, more];
}

function eventBody(uid, heading) {
  const event = events.get(uid);
  if (!event) {
    return el("p", { class: "note" }, "This event is cited and its fields are not in this report: it was beyond the bound of what is kept. Its uid is ", el("code", null, uid), ". The scan’s JSON may hold it.");
  }
  const text = () => event.fields.map(([name, value]) => `${name}: ${value}`).join("\n");
  const table = el("table", { class: "fields" }, el("caption", { class: "visually-hidden" }, "Fields of the event"),
    el("thead", { class: "visually-hidden" }, el("tr", null, el("th", { scope: "col" }, "Field"), el("th", { scope: "col" }, "Value"))),
    el("tbody", null, event.fields.map(([name, value, derived]) => el("tr", { class: derived ? "derived" : null },
      el("th", { scope: "row", title: derived ? "computed by the mapping" : null }, name, derived ? el("span", { class: "derived-mark" }, " computed") : null),
      el("td", null, fieldValue(value))))));
  const steps = (citedBy.get(uid) || []).filter((c) => c.step !== undefined);
  return [
    heading ? el("h3", null, heading) : null,
    facts([
      ["Time", event.time ? [timeEl(event.time, "fine"), event.basis && event.basis !== "stated" ? el("span", { class: "warn" }, ` ${event.basis}`) : null] : "no time"],
      ["Host", event.host], ["Log", [event.channel, event.code ? ` · ${event.code}` : ""]],
      ["File", el("span", { class: "path" }, event.file)], ["Record", event.record],
      ["Mapping", event.mapping && `${event.mapping}${event.mappingCase ? ` · ${event.mappingCase}` : ""}`],
      ["SHA-256", event.sha256 && [el("code", { class: "hash" }, event.sha256), copyButton(event.sha256, "SHA-256 of the event")]],
      ["Event uid", el("code", { class: "hash" }, uid)],
      ["Told in", steps.length > 0 && steps.slice(0, 6).map((c) => el("a", { class: "jump", href: `#s-${c.incident}-${c.step}`, on: { click: () => leaveDrawerOnPhone() } }, `${incidents.length > 1 ? `incident ${c.incident + 1}, ` : ""}step ${c.step + 1}`))],
    ]),
    el("div", { class: "fields-head" }, el("h3", null, plural(event.fields.length, "field")), copyButton(text, "all fields", "Copy all")),
    event.cut > 0 ? el("p", { class: "capped" }, `${plural(event.cut, "value")} cut when the event was kept; the file has the rest`) : null,
    table,
  ];
}

function leaveDrawerOnPhone() {
  if (window.matchMedia("(max-width: 900px)").matches) { drawer.from = null; closeDrawer(); }
}

/** Opens one event out of a list that can be walked through. */
function openEvent(uids, at, from, total = uids.length) {
  const uid = uids[at];
  const event = events.get(uid);
  const walk = uids.length > 1 ? el("div", { class: "walk" },
    el("button", { type: "button", class: "quiet", disabled: at === 0, on: { click: () => openEvent(uids, at - 1, null, total) } }, "Previous"),
    el("span", null, `Event ${at + 1} of ${number(uids.length)}${total > uids.length ? ` (of ${number(total)} cited)` : ""}`),
    el("button", { type: "button", class: "quiet", disabled: at === uids.length - 1, on: { click: () => openEvent(uids, at + 1, null, total) } }, "Next")) : null;
  openDrawer(event ? place(event.file, event.record) : "Cited event", [walk, eventBody(uid)], from, "Evidence");
}

function openFinding(finding, from) {
  const rule = finding.rule;
  const aside = finding.aside || (finding.incident < 0 ? "not joined" : "");
  const why = data.set_aside.list.find((s) => s.reason === finding.aside);
  openDrawer(finding.title, [
    el("p", { class: "row" }, levelBadge(finding.level), finding.techniques.map(techniqueChip)),
    facts([
      ["Time", timeEl(finding.time, "fine")], ["Host", finding.host], ["Actor", finding.actor],
      ["Incident", finding.incident >= 0 && incidents[finding.incident] && el("a", { class: "jump", href: `#i-${finding.incident}`, on: { click: leaveDrawerOnPhone } }, incidents[finding.incident].title)],
      ["Incident", finding.incident >= incidents.length && "one beyond those shown"],
      ["Set aside", aside && [aside, why ? el("span", { class: "sub" }, why.why) : null]],
      ["Rule", rule && el("a", { class: "jump", href: `#r-${finding.ruleNumber}`, on: { click: () => { openRule(finding.ruleNumber); leaveDrawerOnPhone(); } } }, rule.title)],
      ["Finding", [el("code", null, finding.id), copyButton(finding.id, "id of the finding")]],
      ["Source’s id", finding.source && el("code", null, finding.source)],
      ["Events", finding.count > 1 && number(finding.count)],
    ]),
    finding.unseen.length > 0 ? el("p", { class: "note" }, "Look twice: the rule’s filters ask for fields this source does not carry: ", el("code", null, finding.unseen.join(", "))) : null,
    finding.details.length > 0 ? [el("h3", null, "What matters"), el("table", { class: "fields" }, el("tbody", null, finding.details.map(([name, value]) => el("tr", null, el("th", { scope: "row" }, name), el("td", null, fieldValue(value))))))] : null,
    rule && rule.false_positives && rule.false_positives.length > 0 ? [el("h3", null, "Known false positives"), el("ul", null, rule.false_positives.map((f) => el("li", null, f)))] : null,
    finding.witnesses.length > 0 ? [el("h3", null, "Seen by other logs too"), el("ul", null, finding.witnesses.map((w) => el("li", null, events.has(w.uid)
      ? el("button", { type: "button", class: "link", on: { click: () => openEvent([w.uid], 0, null) } }, `${w.channel}: ${place(w.file, w.record)}`) : `${w.channel}: ${place(w.file, w.record)}`)))] : null,
    finding.uids.length > 1 ? el("p", null, el("button", { type: "button", class: "button", on: { click: () => openEvent(finding.uids, 0, null, finding.uidsTotal) } }, `Walk through its ${plural(finding.uidsTotal, "event")}`)) : null,
    eventBody(finding.uids[0], finding.uids.length > 1 ? "The closing event" : "The event"),
  ], from, "Finding");
}
