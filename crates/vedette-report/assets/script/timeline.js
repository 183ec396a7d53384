// The timeline picture: steps over time, one lane a host, coloured by tactic, shaped by level. Long silences are folded.

const LANES_MAX = 14;
/** Draws each timeline again, for a width when one is given. */
const pictures = [];

/** Stretches of time with something in them: a silence of more than a tenth of the whole lies between two. */
function stretches(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const whole = sorted[sorted.length - 1] - sorted[0];
  const list = [{ from: sorted[0], to: sorted[0], count: 0 }];
  for (const t of sorted) {
    const last = list[list.length - 1];
    if (t - last.to > Math.max(whole * 0.1, 60000) && list.length < 7) list.push({ from: t, to: t, count: 1 });
    else { last.to = t; last.count += 1; }
  }
  return list;
}

/** Gives each stretch a part of the width: half by what happens in it, half by how long it is, on a log scale. */
function scale(list, left, width) {
  const gap = 44;
  const room = width - gap * (list.length - 1);
  const weigh = list.map((s) => Math.log1p((s.to - s.from) / 1000) + 0.5);
  const all = weigh.reduce((a, b) => a + b, 0);
  const count = list.reduce((a, s) => a + s.count, 0);
  let x = left;
  list.forEach((s, i) => {
    s.x = x;
    s.width = Math.max(70, room * (0.5 * s.count / count + 0.5 * weigh[i] / all));
    x += s.width + gap;
  });
  const stretch = Math.max(1, x - gap - left) / width;
  list.forEach((s) => { s.x = left + (s.x - left) / stretch; s.width /= stretch; });
  return (t) => {
    const s = list.find((one) => t <= one.to) || list[list.length - 1];
    const part = s.to > s.from ? (t - s.from) / (s.to - s.from) : 0.5;
    // Room for the mark before, and for its number after.
    return s.x + 10 + Math.min(1, Math.max(0, part)) * Math.max(1, s.width - 34);
  };
}

function timeline(incident, number_) {
  const steps = incident.story.list.map((step, index) => ({ ...step, index, at: Date.parse(step.time) })).filter((s) => !Number.isNaN(s.at));
  if (steps.length === 0) return null;
  const marks = incident.marks.map(([time, host, count]) => ({ at: Date.parse(time), host, count })).filter((m) => !Number.isNaN(m.at));
  const box = el("div", { class: "picture scroll-x", tabindex: "0", role: "group", "aria-label": "Timeline picture; the story below tells the same in words" });
  const draw = (width) => replace(box, drawTimeline(steps, marks, width || Math.max(box.clientWidth || 900, 620), number_));
  onZone(() => draw());
  pictures.push(draw);
  let width = 0;
  new ResizeObserver(() => {
    if (Math.abs(box.clientWidth - width) > 2) { width = box.clientWidth; draw(); }
  }).observe(box);
  const used = tacticOrder.concat(["stealth", "defense-impairment"]).filter((t) => steps.some((s) => s.tactic === t));
  const levels = [4, 3, 2, 1, 0].filter((l) => steps.some((s) => rank(s.level) === l));
  const hosts = new Set(steps.map((s) => s.host || ""));
  return el("figure", { class: "timeline" }, box, el("figcaption", { class: "legend" },
    used.map((t) => el("span", null, tacticDot(t), tacticName(t))),
    levels.map((l) => el("span", { class: "shape-legend" }, svg("svg", { viewBox: "-7 -7 14 14", width: 12, height: 12, "aria-hidden": "true" }, shape(l)), LEVELS[l])),
    el("span", { class: "shape-legend" }, svg("svg", { viewBox: "-7 -7 14 14", width: 12, height: 12, "aria-hidden": "true", class: "hollow" }, shape(2)), "inferred"),
    marks.length > 0 ? el("span", { class: "shape-legend" }, svg("svg", { viewBox: "0 0 6 12", width: 6, height: 12, "aria-hidden": "true" }, svg("path", { d: "M3,1V11", class: "tick" })), "finding") : null,
    hosts.size > LANES_MAX ? el("span", null, `${LANES_MAX} of ${hosts.size} hosts shown`) : null));
}

function drawTimeline(steps, marks, width, number_) {
  const names = [];
  for (const s of steps) if (!names.includes(s.host || "")) names.push(s.host || "");
  const lanes = names.slice(0, LANES_MAX).map((name) => ({ name, rows: [], marks: marks.filter((m) => m.host === name) }));
  const within = marks.filter((m) => names.includes(m.host));
  const left = Math.min(150, Math.max(60, ...lanes.map((l) => Math.min(18, (hostShort(l.name) || "no host").length) * 7 + 18)));
  const list = stretches(steps.map((s) => s.at).concat(within.map((m) => m.at)));
  const x = scale(list, left, width - left - 12);
  for (const step of steps) {
    const lane = lanes.find((l) => l.name === (step.host || ""));
    if (!lane) continue;
    step.x = x(step.at);
    // Marks that would cover each other stand above each other, eight high; then they share a place.
    let row = lane.rows.findIndex((end) => end < step.x - 9);
    if (row < 0) row = lane.rows.length < 8 ? lane.rows.length : lane.rows.indexOf(Math.min(...lane.rows));
    step.row = row;
    lane.rows[row] = step.x + 11 + 6 * String(step.index + 1).length;
    step.lane = lane;
  }
  let y = 26;
  for (const lane of lanes) {
    lane.y = y;
    lane.height = Math.max(1, lane.rows.length) * 17 + 18;
    y += lane.height;
  }
  const height = y + 8;
  const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Timeline of ${steps.length} steps on ${names.length} hosts from ${timeText(steps[0].time)} ${zoneShown()}` });
  const put = (...nodes) => add(picture, nodes);
  list.forEach((s, i) => {
    put(svg("rect", { x: s.x, y: 20, width: s.width, height: height - 24, class: "stretch", rx: 4 }));
    const day = timeText(new Date(s.from).toISOString(), "day");
    const clockText = timeText(new Date(s.from).toISOString(), "clock").slice(0, 5);
    const before = i > 0 ? timeText(new Date(list[i - 1].from).toISOString(), "day") : "";
    const label = s.width > 96 || day !== before ? `${day.slice(5)} ${clockText}` : clockText;
    const late = s.x + 2 + label.length * 6.2 > width;
    put(svg("text", { x: late ? s.x + s.width : s.x + 2, y: 13, class: late ? "axis end" : "axis" }, label));
    for (const tick of ticks(s)) {
      const at = x(tick);
      put(svg("line", { x1: at, x2: at, y1: 20, y2: height - 4, class: "grid" }));
      if (at > s.x + 82 && at < s.x + s.width - 16) put(svg("text", { x: at, y: 13, class: "axis middle" }, tickText(tick, s.to - s.from)));
    }
    if (i > 0) {
      const from = list[i - 1];
      const middle = (from.x + from.width + s.x) / 2;
      put(svg("path", { d: `M${middle - 4},24l4,5l-4,5l4,5`, class: "fold" }), svg("text", { x: middle, y: 13, class: "axis middle" }, shortSpan(s.from - from.to)));
    }
  });
  for (const lane of lanes) {
    put(svg("line", { x1: left - 4, x2: width - 8, y1: lane.y + lane.height - 5, y2: lane.y + lane.height - 5, class: "lane" }));
    put(svg("text", { x: left - 12, y: lane.y + lane.height / 2 + 3, class: "lane-name" }, svg("title", null, lane.name || "no host"), brief(hostShort(lane.name) || "no host", 18)));
    for (const m of lane.marks) put(svg("line", { x1: x(m.at), x2: x(m.at), y1: lane.y + lane.height - 9, y2: lane.y + lane.height - 3, class: "tick" }));
  }
  for (const step of steps) {
    if (!step.lane) continue;
    const top = step.lane.y + 12 + step.row * 17;
    const mark = svg("g", { class: `step${step.kind === "inferred" ? " inferred" : ""}`, transform: `translate(${step.x.toFixed(1)},${top})`, style: { color: tacticColour(step.tactic) }, on: { click: () => goToStep(number_, step.index) } },
      svg("title", null, `${step.index + 1}. ${timeText(step.time)} ${zoneShown()} ${step.text}`), svg("circle", { r: 9, class: "hit" }), shape(rank(step.level)), svg("text", { x: 9, y: 3.6, class: "step-label" }, step.index + 1));
    put(mark);
  }
  return picture;
}

const EVEN = [1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800].map((s) => s * 1000);

/** Even times within a stretch, so many that their labels do not touch. */
function ticks(s) {
  const room = Math.floor(s.width / 92);
  const span = s.to - s.from;
  if (room < 2 || span <= 0) return [];
  const every = EVEN.find((e) => span / e <= room) || EVEN[EVEN.length - 1];
  // Even in the zone that is shown.
  const offset = clock.local ? new Date(s.from).getTimezoneOffset() * 60000 : 0;
  const list = [];
  for (let t = Math.ceil((s.from - offset) / every) * every + offset; t <= s.to && list.length < 40; t += every) list.push(t);
  return list;
}

function tickText(t, span) {
  const iso = new Date(t).toISOString();
  const clockText = timeText(iso, "clock");
  if (clockText === "00:00:00") return timeText(iso, "day").slice(5);
  return span < 300000 ? clockText : clockText.slice(0, 5);
}

function shortSpan(ms) {
  const minutes = ms / 60000;
  if (minutes < 90) return `${Math.round(minutes)} min`;
  if (minutes < 36 * 60) return `${Math.round(minutes / 60)} h`;
  return `${Math.round(minutes / 1440)} d`;
}

function goToStep(incident, step) {
  const node = byId(`s-${incident}-${step}`);
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.querySelector("button, a")?.focus({ preventScroll: true });
}
