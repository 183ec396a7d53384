// Time in UTC or in the reader's own zone; the other one stands in the tooltip.

const clock = { local: false, listeners: [] };
const zoneName = Intl.DateTimeFormat().resolvedOptions().timeZone || "local time";

const pad = (n, width = 2) => String(n).padStart(width, "0");

function parts(iso, local) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return null;
  const get = (name) => at[`get${local ? "" : "UTC"}${name}`]();
  return {
    day: `${get("FullYear")}-${pad(get("Month") + 1)}-${pad(get("Date"))}`,
    clock: `${pad(get("Hours"))}:${pad(get("Minutes"))}:${pad(get("Seconds"))}`,
    fine: `.${pad(get("Milliseconds"), 3)}`,
  };
}

/** "2026-03-05 14:01:20"; `form` may be "day", "clock" or "fine". */
function timeText(iso, form, local = clock.local) {
  if (!iso) return "no time";
  const p = parts(iso, local);
  if (!p) return iso;
  if (form === "day") return p.day;
  if (form === "clock") return p.clock;
  if (form === "short-day") return `${p.day} ${p.clock.slice(0, 5)}`;
  return `${p.day} ${p.clock}${form === "fine" ? p.fine : ""}`;
}

const zoneShown = (local = clock.local) => (local ? zoneName : "UTC");

/** A <time> that follows the switch. */
function timeEl(iso, form) {
  if (!iso) return el("span", { class: "untimed" }, "no time");
  const node = el("time", { datetime: iso, "data-form": form || "" });
  show(node);
  return node;
}

function show(node) {
  const iso = node.getAttribute("datetime");
  node.textContent = timeText(iso, node.dataset.form);
  node.title = `${timeText(iso, "fine", !clock.local)} ${zoneShown(!clock.local)}`;
}

function onZone(run) {
  clock.listeners.push(run);
}

function switchZone() {
  clock.local = !clock.local;
  document.querySelectorAll("time[datetime]").forEach(show);
  clock.listeners.forEach((run) => run());
  say(`Times in ${zoneShown()}`);
}

function duration(first, last) {
  const seconds = Math.round((new Date(last) - new Date(first)) / 1000);
  if (!(seconds >= 0)) return "";
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const at = units.findIndex(([, size]) => seconds >= size);
  if (at < 0) return "one moment";
  const [unit, size] = units[at];
  const whole = Math.floor(seconds / size);
  const next = units[at + 1];
  const rest = next ? Math.floor((seconds % size) / next[1]) : 0;
  return plural(whole, unit) + (rest > 0 && whole < 24 ? ` ${plural(rest, next[0])}` : "");
}
