// Builds elements. Text always becomes a text node; there is no other way in this report to make one.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, run] of Object.entries(value)) node.addEventListener(event, run);
    else if (name === "style") for (const [key, to] of Object.entries(value)) node.style.setProperty(key, to);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(node, child);
    else if (child instanceof Node) node.append(child);
    else if (child !== null && child !== undefined && child !== false) node.append(document.createTextNode(String(child)));
  }
}

/** el("p", { class: "note", on: { click } }, "text", child, [more]) */
function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function replace(node, ...children) {
  node.replaceChildren();
  add(node, children);
}

const byId = (id) => document.getElementById(id);

function say(text) {
  byId("live").textContent = text;
}

/** Copies text; a page opened as a file may be denied the clipboard, so the old way stands behind. */
async function copy(text, what, button) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    const area = el("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" });
    area.value = text;
    document.body.append(area);
    area.select();
    done = document.execCommand("copy");
    area.remove();
  }
  say(done ? `Copied: ${what}` : "The browser did not allow copying");
  if (button) {
    const was = button.textContent;
    button.textContent = done ? "Copied" : "Not allowed";
    button.focus();
    setTimeout(() => { button.textContent = was; }, 1400);
  }
}

function copyButton(text, what, label = "Copy") {
  const button = el("button", { class: "quiet", type: "button", "aria-label": `${label}: ${what}` }, label);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    copy(typeof text === "function" ? text() : text, what, button);
  });
  return button;
}

/** A member that the object itself has: a key may be `__proto__`. */
const own = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;
const number = (n) => Number(n || 0).toLocaleString("en-US");
const words = (text) => String(text || "").replace(/[_-]/g, " ");
const capital = (text) => text ? text[0].toUpperCase() + text.slice(1) : "";

function bytes(n) {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit += 1; }
  return `${unit === 0 ? n : n.toFixed(1)} ${units[unit]}`;
}

/** "12 of 300 shown", or nothing when all are. */
function shownOf(shown, total, what) {
  return shown < total ? el("p", { class: "capped" }, `${number(shown)} of ${number(total)} ${what} shown`) : null;
}

/** The last part of a path, the middle of anything else that is long. */
function brief(text, max) {
  const cut = text.length > max && /[\\/]/.test(text) ? text.split(/[\\/]/).filter(Boolean).pop() || text : text;
  if (cut.length <= max) return cut;
  const half = Math.floor((max - 1) / 2);
  return `${cut.slice(0, half)}…${cut.slice(cut.length - half)}`;
}
