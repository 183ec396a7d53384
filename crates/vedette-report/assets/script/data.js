// The data block, and quick ways through it.

const data = JSON.parse(byId("data").textContent);
const LEVELS = ["informational", "low", "medium", "high", "critical"];
const rank = (level) => Math.max(0, LEVELS.indexOf(level));
const string = (n) => (n < 0 ? "" : data.strings[n]);
const incidents = data.incidents.list;

/** Findings, decoded once. */
const findings = data.findings.rows.map((row, index) => {
  const [id, rule, level, time, host, channel, code, actor, file, record, count, incident, aside, uids, uidsTotal,
    details, unseen, techniques, witnesses, source, title] = row;
  const of = data.rules[rule];
  return {
    index, id, level, time, record, count, incident, uidsTotal, rule: of, ruleNumber: rule,
    title: title >= 0 ? string(title) : of ? of.title : "",
    host: string(host), channel: string(channel), code: string(code), actor: string(actor), file: string(file),
    aside: string(aside), uids: uids.map(string), source: string(source),
    details: details.map(([name, value]) => [string(name), string(value)]),
    unseen: unseen.map(string), techniques: techniques.map(string),
    witnesses: witnesses.map(([f, r, c, u]) => ({ file: string(f), record: r, channel: string(c), uid: string(u) })),
  };
});

const events = new Map(data.evidence.rows.map((row) => {
  const [uid, file, record, time, basis, host, channel, code, mapping, mappingCase, sha256, cut, fields] = row;
  return [uid, {
    uid, record, time, sha256, cut, file: string(file), basis: string(basis), host: string(host),
    channel: string(channel), code: string(code), mapping: string(mapping), mappingCase: string(mappingCase),
    fields: fields.map(([name, value, derived]) => [string(name), string(value), Boolean(derived)]),
  }];
}));

/** Event -> the steps and findings that rest on it. */
const citedBy = new Map();
function cite(uid, by) {
  if (!citedBy.has(uid)) citedBy.set(uid, []);
  citedBy.get(uid).push(by);
}
incidents.forEach((incident, i) => incident.story.list.forEach((step, s) => step.events.forEach((uid) => cite(uid, { incident: i, step: s }))));
findings.forEach((finding) => finding.uids.forEach((uid) => cite(uid, { finding })));

const tacticNames = new Map(data.attack.tactics.map(([short, name]) => [short, name]));
const tacticOrder = data.attack.tactics.map(([short]) => short);
const techniqueName = (id) => own(data.attack.techniques, id) || "";
const tacticName = (short) => tacticNames.get(short) || capital(words(short));
/** Newer tactics were split from Defense Evasion and share its colour. */
const tacticColour = (short) => {
  const known = tacticNames.has(short) ? short : short === "stealth" || short === "defense-impairment" ? "defense-evasion" : "";
  return known ? `var(--t-${known})` : "var(--muted)";
};
/** The part an entity plays, as one of a few that have a colour. */
const partClass = (part) => {
  const word = String(part || "");
  if (/attack|adversary|suspected|infrastructure|external/.test(word)) return "attacker";
  if (/tool/.test(word)) return "tool";
  if (/used|actor|compromised/.test(word)) return "used";
  if (/victim|target/.test(word)) return "victim";
  return "none";
};
const PARTS = [["attacker", "the attacker’s, or suspected to be"], ["used", "account used"], ["tool", "tool"], ["victim", "victim or target"]];
/** A user by the name alone, where it was written as a distinguished name. */
const userShort = (name) => (/^cn=/i.test(name) ? name.slice(3).split(",")[0] : name);
/** The program of a command line, without its folder. */
function programShort(text) {
  const found = text.match(/^"([^"]+)"/) || text.match(/^(.+?\.(?:exe|dll|sys|com|bat|cmd|ps1))(?=[\s"]|$)/i) || text.match(/^(\S+)/);
  return found ? found[1].split(/[\\/]/).filter(Boolean).pop() || text : text;
}
const SHORT = { host: (n) => hostShort(n), user: (n) => userShort(n), process: programShort };
const nameShort = (entity) => (own(SHORT, entity.kind) || String)(entity.shown);
/** A host without its domain; addresses stay whole. */
const hostShort = (name) => (/^[^.\s]*[a-z][^.\s]*\.[^\s]*[a-z]/i.test(name) ? name.split(".")[0] : name);
const fileName = (path) => path.split(/[\\/!]/).pop() || path;
/** "Security.evtx #1042" */
const place = (file, record) => `${fileName(file)} #${record}`;

/** Names of people and machines in an incident's texts stand out, and do not break; what a text quotes is set as code. */
const namesOf = incidents.map((incident) => {
  const kinds = ["host", "user", "address", "cloud_principal", "domain"];
  const names = [...new Set(incident.entities.list.filter((e) => kinds.includes(e.kind) && e.shown.length >= 3 && e.shown.length <= 80).map((e) => e.shown))];
  const quote = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const any = names.sort((a, b) => b.length - a.length).slice(0, 60).map(quote).join("|");
  return new RegExp(`(“[^”]*”${any ? `|(?<![\\w.-])(?:${any})(?![\\w-])` : ""})`, "g");
});

function told(text, i) {
  return text.split(namesOf[i]).map((part, n) => {
    if (n % 2 === 0) return part;
    if (part.startsWith("“")) return el("span", { class: "quoted" }, part);
    return el("span", { class: part.length <= 36 ? "name short" : "name" }, part);
  });
}
