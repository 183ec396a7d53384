// Keys, and the card that lists them.

const KEYS = [
  ["/", "Search the findings"], ["j  k", "Next, previous step or finding"], ["Enter", "Open its evidence"], ["Esc", "Close the evidence; clear the search"],
  ["t", "Light, dark, or as the system"], ["u", "UTC or local time"], ["g", "To the answer"], ["?", "This card"],
];

const help = el("dialog", { class: "help", "aria-labelledby": "help-title" },
  el("h2", { id: "help-title" }, "Keys"),
  el("dl", null, KEYS.map(([key, what]) => el("div", null, el("dt", null, key.split("  ").map((k) => el("kbd", null, k))), el("dd", null, what)))),
  el("button", { type: "button", class: "button", on: { click: () => help.close() } }, "Close"));

function showHelp() {
  if (!help.isConnected) document.body.append(help);
  if (!help.open) help.showModal();
}

const stop = { at: null };

/** Moves to the next place worth stopping at; an open drawer follows. */
function move(by) {
  const stops = [...document.querySelectorAll("main [data-stop]")].filter((n) => n.checkVisibility());
  if (stops.length === 0) return;
  const inDrawer = !drawer.node.hidden;
  const active = inDrawer ? document.querySelector("[data-open]") || stop.at : document.activeElement;
  let index = stops.indexOf(active);
  if (index < 0 && stop.at && stop.at.isConnected) index = stops.indexOf(stop.at);
  if (index < 0) {
    const first = stops.findIndex((n) => n.getBoundingClientRect().top > 80);
    index = by > 0 ? (first < 0 ? stops.length : first) - 1 : first < 0 ? stops.length : first;
  }
  const next = stops[Math.min(stops.length - 1, Math.max(0, index + by))];
  stop.at = next;
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "center" });
  if (inDrawer && next.tagName === "BUTTON") next.click();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  const typing = event.target.matches("input[type=search], select, textarea");
  if (event.key === "Escape") {
    if (typing && event.target.value && event.target === view.search) clearFilter();
    else if (typing) event.target.blur();
    else closeDrawer();
    return;
  }
  if (typing) {
    if (event.key === "Enter" && event.target === view.search) view.body.querySelector("[data-stop]")?.focus();
    return;
  }
  const run = {
    "/": () => { byId("findings")?.scrollIntoView(); view.search?.focus({ preventScroll: true }); },
    j: () => move(1), k: () => move(-1), t: switchTheme, u: switchZoneAll, g: () => byId("overview").scrollIntoView(), "?": showHelp,
  }[event.key];
  if (run) { event.preventDefault(); run(); }
}
