// Small signs: severity has a colour, a shape and a word; kinds of entities have an icon.

/** Shapes by rank, centred on 0,0 within a radius of 6. */
const SHAPES = [
  "M0,-3.4A3.4,3.4 0 1 1 0,3.4A3.4,3.4 0 1 1 0,-3.4Z",
  "M0,-5A5,5 0 1 1 0,5A5,5 0 1 1 0,-5Z",
  "M-4.6,-4.6H4.6V4.6H-4.6Z",
  "M0,-5.8L5.8,4.6H-5.8Z",
  "M0,-6.6L6.6,0L0,6.6L-6.6,0Z",
];

function shape(level, attributes) {
  return svg("path", { d: SHAPES[level], ...attributes });
}

/** The mark alone; the word must stand beside it. */
function levelMark(level) {
  const name = LEVELS[level];
  return svg("svg", { class: `mark lv-${name}`, viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true", focusable: "false" }, shape(level));
}

function levelBadge(level) {
  return el("span", { class: `badge lv-${LEVELS[level]}` }, levelMark(level), capital(LEVELS[level]));
}

const levelWord = (level) => el("span", { class: `level lv-${LEVELS[level]}` }, levelMark(level), LEVELS[level]);

/** How sure, as three bars and the word. */
function confidenceBadge(word) {
  const n = own({ low: 1, medium: 2, high: 3 }, word) || 0;
  const bars = svg("svg", { viewBox: "0 0 14 12", width: 14, height: 12, "aria-hidden": "true", focusable: "false" },
    [0, 1, 2].map((i) => svg("rect", { x: i * 5, y: 8 - i * 4, width: 3.4, height: 4 + i * 4, class: i < n ? "bar on" : "bar" })));
  return el("span", { class: "badge confidence" }, bars, `${capital(word || "unknown")} confidence`);
}

/** Icons on a grid of 16, drawn as strokes. */
const ICONS = {
  host: "M2,3H14V11H2Z M6,14H10 M8,11V14",
  user: "M8,8A3,3 0 1 0 8,2A3,3 0 1 0 8,8Z M2.5,14C3,10.8 5.2,9.8 8,9.8S13,10.8 13.5,14",
  address: "M8,2A6,6 0 1 0 8,14A6,6 0 1 0 8,2Z M2,8H14 M8,2C5,5.5 5,10.5 8,14C11,10.5 11,5.5 8,2",
  domain: "M8,2A6,6 0 1 0 8,14A6,6 0 1 0 8,2Z M2,8H14 M8,2C5,5.5 5,10.5 8,14C11,10.5 11,5.5 8,2",
  process: "M3,4L6.5,8L3,12 M8,12H13",
  logon_session: "M9,3H13V13H9 M2,8H10 M7,5L10,8L7,11",
  file_hash: "M6,2L4.5,14 M11.5,2L10,14 M2.5,6H14 M2,10.5H13.5",
  cloud_principal: "M4.5,12.5A3,3 0 0 1 4.5,6.6A4,4 0 0 1 12,6.2A3.2,3.2 0 0 1 11.7,12.5Z",
  file: "M4,2H9.5L12.5,5V14H4Z M9.5,2V5H12.5",
  service: "M8,5.5A2.5,2.5 0 1 0 8,10.5A2.5,2.5 0 1 0 8,5.5Z M8,2V4 M8,12V14 M2,8H4 M12,8H14 M3.8,3.8L5.2,5.2 M10.8,10.8L12.2,12.2 M12.2,3.8L10.8,5.2 M5.2,10.8L3.8,12.2",
};

function icon(kind, attributes) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", focusable: "false", ...attributes },
    svg("path", { d: own(ICONS, kind) || "M3,3H13V13H3Z" }));
}

const tacticDot = (short) => el("span", { class: "dot", "aria-hidden": "true", style: { background: tacticColour(short) } });
const chip = (text, title) => el("span", { class: "chip", title }, text);
const techniqueChip = (id) => el("span", { class: "chip mono", title: techniqueName(id) }, id, techniqueName(id) ? el("span", { class: "visually-hidden" }, ` ${techniqueName(id)}`) : null);
