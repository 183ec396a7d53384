// The entity graph: four columns from outside to inside, places found by rule and not by chance.

const COLUMNS = [
  { title: "From", kinds: ["address", "domain"] },
  { title: "As", kinds: ["user", "cloud_principal", "logon_session"] },
  { title: "On", kinds: ["host", "service"] },
  { title: "With", kinds: ["process", "file", "file_hash"] },
];
const GRAPH_MAX = 36;
const PER_COLUMN_MAX = 10;

/** Processes of one name on one host are one node; the host is the first part of a process's key. */
function gather(incident) {
  const hosts = new Map(incident.entities.list.filter((e) => e.kind === "host").map((e) => [e.key, e.id]));
  const entities = new Map();
  const stands = new Map();
  const links = [];
  for (const e of incident.entities.list) {
    const local = e.kind === "process" ? `${e.key.split("|")[0]}\n${e.shown}` : e.id;
    const known = entities.get(local);
    if (known) { known.findings += e.findings; known.times += 1; }
    else entities.set(local, { ...e, times: 1 });
    stands.set(e.id, entities.get(local).id);
    const host = e.kind === "process" && !known && hosts.get(e.key.split("|")[0]);
    if (host) links.push({ from: host, to: e.id, label: "ran on it", count: 1, implied: true });
  }
  for (const l of incident.links.list) links.push({ ...l, from: stands.get(l.from), to: stands.get(l.to) });
  return { entities: [...entities.values()], links };
}

function layout(incident) {
  const { entities: all, links } = gather(incident);
  const linked = new Map();
  for (const link of links.filter((l) => !l.implied)) {
    for (const id of [link.from, link.to]) linked.set(id, (linked.get(id) || 0) + Math.max(1, link.count));
  }
  const worth = (e) => (linked.has(e.id) ? 1e6 : 0) + (e.kind === "logon_session" ? 0 : 1e5) + e.findings * 10 + (linked.get(e.id) || 0);
  const best = all.sort((a, b) => worth(b) - worth(a) || (a.id < b.id ? -1 : 1));
  const columns = COLUMNS.map((c) => ({ ...c, nodes: [] }));
  let placed = 0;
  for (const entity of best) {
    // Sessions and processes that nothing leads to say nothing in a picture.
    if (!linked.has(entity.id) && ["logon_session", "process", "file"].includes(entity.kind) && linked.size > 2) continue;
    const column = columns.find((c) => c.kinds.includes(entity.kind)) || columns[3];
    if (placed >= GRAPH_MAX || column.nodes.length >= PER_COLUMN_MAX) continue;
    column.nodes.push({ entity });
    placed += entity.times;
  }
  const used = columns.filter((c) => c.nodes.length > 0);
  const nodes = new Map(used.flatMap((c) => c.nodes).map((n) => [n.entity.id, n]));
  // Several links between the same two are one line with all their words.
  const merged = new Map();
  for (const l of links.filter((one) => nodes.has(one.from) && nodes.has(one.to) && one.from !== one.to)) {
    const key = `${l.from}\n${l.to}`;
    const known = merged.get(key);
    if (!known) merged.set(key, { from: l.from, to: l.to, count: l.count, labels: [l.label], implied: l.implied });
    else {
      known.count += l.count;
      known.implied = known.implied && l.implied;
      if (!known.labels.includes(l.label)) known.labels.push(l.label);
    }
  }
  const edges = [...merged.values()].map((l) => ({ ...l, label: l.labels.length > 2 ? `${l.labels[0]} +${l.labels.length - 1}` : l.labels.join(", ") }));
  // Each node goes near the middle of those it is linked to; a few rounds untangle most crossings.
  used.forEach((c) => c.nodes.forEach((n, i) => { n.place = (i + 0.5) / c.nodes.length; }));
  for (let round = 0; round < 8; round += 1) {
    for (const column of round % 2 ? [...used].reverse() : used) {
      for (const node of column.nodes) {
        const near = edges.flatMap((l) => (l.from === node.entity.id ? [nodes.get(l.to)] : l.to === node.entity.id ? [nodes.get(l.from)] : []));
        node.wish = near.length ? near.reduce((sum, n) => sum + n.place, 0) / near.length : node.place;
      }
      column.nodes.sort((a, b) => a.wish - b.wish || (a.entity.id < b.entity.id ? -1 : 1));
      column.nodes.forEach((n, i) => { n.place = (i + 0.5) / column.nodes.length; });
    }
  }
  return { used, nodes, edges, placed };
}

const NODE = { width: 186, height: 30, gap: 12 };

function graph(incident) {
  const { used, nodes, edges, placed } = layout(incident);
  if (placed === 0) return null;
  const rows = Math.max(...used.map((c) => c.nodes.length));
  const height = Math.max(120, rows * (NODE.height + NODE.gap) + 40);
  const width = used.length * NODE.width + (used.length - 1) * 118 + 4;
  const last = used[used.length - 1].nodes;
  const bulge = edges.some((l) => last.includes(nodes.get(l.from)) && last.includes(nodes.get(l.to))) ? 24 : 0;
  const step = used.length > 1 ? (width - NODE.width - 4) / (used.length - 1) : 0;
  used.forEach((c, i) => {
    // A short column spreads, so that its lines and their words stand apart.
    const room = Math.min(84, (height - 34) / c.nodes.length);
    const free = height - 34 - c.nodes.length * room;
    c.nodes.forEach((n, j) => {
      n.column = i;
      n.x = used.length > 1 ? 2 + i * step : (width - NODE.width) / 2;
      n.y = 26 + free / 2 + (j + 0.5) * room - NODE.height / 2 + 4;
    });
  });
  const picture = svg("svg", { class: "graph", viewBox: `0 0 ${width + bulge} ${height}`, style: { "max-width": `${width + bulge}px` }, role: "img", "aria-label": `Graph of ${placed} entities and ${edges.length} links; the list below holds them in words` });
  used.forEach((c) => add(picture, [svg("text", { x: c.nodes[0].x + NODE.width / 2, y: 14, class: "axis middle" }, c.title)]));
  const top = svg("g");
  for (const link of edges) {
    const a = nodes.get(link.from);
    const b = nodes.get(link.to);
    const path = curve(a, b);
    add(picture, [svg("path", { d: path.d, class: link.implied ? "edge implied" : "edge", "data-from": link.from, "data-to": link.to, "stroke-width": Math.min(4, 1 + Math.log2(Math.max(1, link.count)) * 0.5) },
      svg("title", null, `${a.entity.shown} ${link.labels.join(", ")} ${b.entity.shown}${link.count > 1 ? ` (${number(link.count)} times)` : ""}`))]);
    if (!link.implied && edges.filter((e) => !e.implied).length <= 18 && Math.abs(a.column - b.column) === 1) {
      add(top, [svg("text", { x: path.x, y: path.y - 3, class: "edge-label", "data-from": link.from, "data-to": link.to }, brief(link.label, 20))]);
    }
  }
  add(picture, [top]);
  for (const { entity, x, y } of nodes.values()) {
    const box = svg("g", { class: `node part-${partClass(entity.part)}`, transform: `translate(${x},${y})`, on: { mouseenter: () => light(picture, entity.id), mouseleave: () => light(picture, null), click: () => goToEntity(incident, entity.id) } },
      svg("title", null, `${words(entity.kind)} ${entity.shown}${entity.times > 1 ? ` (${entity.times} processes)` : ""}${entity.part ? `, ${entity.part}` : ""}`),
      svg("rect", { width: NODE.width, height: NODE.height, rx: 7 }),
      svg("svg", { x: 8, y: 7, width: 16, height: 16, viewBox: "0 0 16 16", class: "icon" }, svg("path", { d: own(ICONS, entity.kind) || ICONS.file })),
      svg("text", { x: 30, y: 19.5 }, brief(nameShort(entity), entity.times > 1 ? 17 : 21), entity.times > 1 ? ` ×${entity.times}` : ""));
    add(picture, [box]);
  }
  return el("figure", { class: "graph-figure" }, el("div", { class: "scroll-x", tabindex: "0", role: "group", "aria-label": "Entity graph" }, picture),
    el("figcaption", { class: "legend" }, PARTS.filter(([part]) => incident.entities.list.some((e) => partClass(e.part) === part)).map(([part, word]) => el("span", null, el("span", { class: `swatch part-${part}` }), word)),
      placed < incident.entities.total ? el("span", null, `${number(placed)} of ${number(incident.entities.total)} entities drawn`) : null));
}

/** A curve between two nodes, and its middle. */
function curve(a, b) {
  const half = NODE.height / 2;
  if (a.column === b.column) {
    const x = a.x + NODE.width;
    const bend = x + 22;
    return { d: `M${x},${a.y + half}C${bend},${a.y + half} ${bend},${b.y + half} ${x},${b.y + half}`, x: bend, y: (a.y + b.y) / 2 + half };
  }
  const [from, to] = a.column < b.column ? [a, b] : [b, a];
  const x1 = from.x + NODE.width;
  const x2 = to.x;
  const middle = (x1 + x2) / 2;
  // The words stand nearer to the end, where lines from one place have parted.
  const t = 0.66;
  const at = (p0, p1, p2, p3) => (1 - t) ** 3 * p0 + 3 * (1 - t) ** 2 * t * p1 + 3 * (1 - t) * t ** 2 * p2 + t ** 3 * p3;
  const [y1, y2] = [from.y + half, to.y + half];
  return { d: `M${x1},${y1}C${middle},${y1} ${middle},${y2} ${x2},${y2}`, x: at(x1, middle, middle, x2), y: at(y1, y1, y2, y2) };
}

/** Only the links of one entity, or all again. */
function light(picture, id) {
  picture.classList.toggle("dimmed", id !== null);
  picture.querySelectorAll("[data-from]").forEach((n) => n.classList.toggle("lit", n.dataset.from === id || n.dataset.to === id));
}

function goToEntity(incident, id) {
  const node = byId(`e-${incidents.indexOf(incident)}-${id}`);
  if (!node) return;
  const fold = node.closest("details");
  if (fold) fold.open = true;
  node.scrollIntoView({ block: "nearest" });
  node.querySelector("button")?.focus({ preventScroll: true });
}
