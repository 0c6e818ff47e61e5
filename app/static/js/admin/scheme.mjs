/** A scheme as a form: read into its document, checked as one types, saved, tried, published. */
import { RetryKey, call } from "../api.mjs";
import { el, word } from "../words.mjs";

/** @typedef {{where: string, message: string}} Fault */

const form = /** @type {HTMLFormElement} */ (document.getElementById("scheme"));
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const summary = document.getElementById("faults");
const { code = "", version = "", object = "" } = form.dataset;
const path = `/api/v1/schemes/${encodeURIComponent(code)}/versions/${version}`;
const key = new RetryKey();
const LISTS = /** @type {const} */ (["parts", "deductions", "grades", "groups"]);
const PAUSE_MS = 400;
let revision = Number(form.dataset.revision);

/** @param {string} text @param {"good"|"bad"} tone */
function say(text, tone) {
  Object.assign(told, { className: `notice ${tone}`, textContent: text, hidden: false });
  told.scrollIntoView({ block: "nearest" });
}

/** @param {Element} row @param {string} name */
const input = (row, name) => /** @type {HTMLInputElement|null} */ (row.querySelector(`[data-field="${name}"]`));
/** @param {Element} row @param {string} name */
const text = (row, name) => input(row, name)?.value.trim() || "";

/**
 * Read brackets, one a line: `0–50 → 100`; `1:` alone begins those of an area's class.
 * @param {string} lines
 */
function tables(lines) {
  /** @type {Record<string, unknown[]>} */
  const found = {};
  let name = "";
  for (const line of lines.split("\n").map((one) => one.trim()).filter(Boolean)) {
    const head = line.match(/^(\d)\s*[:：]$/);
    const row = line.match(/^(\d+)\s*(?:[-–—~]\s*(\d*))?\s*(?:→|->|=>|[:：]|\s)\s*(\d+(?:\.\d+)?)$/);
    if (head) name = head[1];
    else (found[name] ||= []).push(row ? { low: Number(row[1]), high: row[2] === "" ? null : Number(row[2] ?? row[1]), score: row[3] } : line);
  }
  return found;
}

/** @param {Element} row */
function part(row) {
  const rule = text(row, "rule");
  const whole = { code: text(row, "code"), name: text(row, "name"), weight: text(row, "weight"), formula: text(row, "formula"), rule };
  if (rule === "threshold") return { ...whole, at: text(row, "at"), each: text(row, "each") || null };
  if (rule !== "brackets") return whole;
  const scale = [["days", "days"], ["by_parts", "parts"]].filter(([field]) => input(row, field)?.checked).map(([, name]) => name);
  return { ...whole, tables: tables(text(row, "tables")), scale, per_parts: text(row, "per_parts") || "1000" };
}

/** @type {Record<string, (row: Element) => Record<string, unknown>>} */
const READERS = {
  parts: part,
  deductions: (row) => ({ code: text(row, "code"), name: text(row, "name"), formula: text(row, "formula"), each: text(row, "each"), cap: text(row, "cap") || null }),
  grades: (row) => ({ grade: text(row, "grade"), low: text(row, "low"), colour: text(row, "colour"), hex: text(row, "hex") }),
  groups: (row) => ({ code: text(row, "code"), name: text(row, "name"), objects: text(row, "objects").split(/[,，\s]+/).filter(Boolean) }),
};

/** @param {string} name */
const rows = (name) => [...form.querySelectorAll(`ul [data-row="${name}"]`)];

function read() {
  const head = /** @type {Element} */ (form.querySelector('[data-section=""]'));
  const lists = Object.fromEntries(LISTS.map((name) => [name, rows(name).map(READERS[name])]));
  return { code, object, name: text(head, "name"), cap: text(head, "cap") || null, ...lists };
}

/** @param {Fault[]} faults */
function show(faults) {
  for (const bad of form.querySelectorAll(".bad")) bad.classList.remove("bad");
  for (const line of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-faults]"))) Object.assign(line, { hidden: true, textContent: "" });
  const loose = [];
  for (const { where, message } of faults) {
    const [name, n, field = ""] = where.split(".");
    const row = rows(name)[Number(n)];
    const line = /** @type {HTMLElement|null|undefined} */ (row?.querySelector("[data-faults]"));
    if (row) input(row, field)?.classList.add("bad");
    if (line) Object.assign(line, { hidden: false, textContent: `${line.textContent} ${message}`.trim() });
    else loose.push(message);
  }
  if (summary) summary.textContent = faults.length ? [word("faults", { n: faults.length }), ...loose].join(" ") : word("sound");
}

async function check() {
  try {
    show((await call("POST", "/api/v1/schemes/checks", { body: { document: read() } })).faults);
  } catch (fault) {
    if (summary) summary.textContent = /** @type {Error} */ (fault).message;
  }
}

/** @param {string} tail @param {object} more @returns {Promise<any>} */
function post(tail, more = {}) {
  const body = { revision, ...more };
  return call("POST", `${path}${tail}`, { body, key: key.for({ tail, body }) });
}

async function save() {
  revision = (await post("", { document: read() })).revision;
  key.spend();
}

/** @param {() => Promise<void>} work */
const trying = (work) => async (/** @type {Event} */ event) => {
  event.preventDefault();
  try {
    await work();
  } catch (fault) {
    say(/** @type {Error} */ (fault).message, "bad");
  }
};

let waiting = 0;
function soon() {
  for (const row of /** @type {HTMLElement[]} */ (rows("parts"))) row.dataset.rule = text(row, "rule");
  clearTimeout(waiting);
  if (summary) waiting = window.setTimeout(check, PAUSE_MS);
}

/** @param {any} found */
function draw({ rows: items }) {
  const stand = (/** @type {any} */ one) => (one.score === null ? "—" : `${one.score.toFixed(2)} ${one.grade} · ${one.rank}`);
  const moved = (/** @type {number|null} */ n) => (n ? (n > 0 ? `▲ ${n}` : `▼ ${-n}`) : "—");
  const line = (/** @type {any} */ row) => el("tr", {}, el("th", { scope: "row" }, row.name), el("td", { class: "num" }, stand(row.old)), el("td", { class: "num" }, stand(row.new)), el("td", { class: "num" }, moved(row.moved)));
  const head = ["object", "old", "new", "moved"].map((name) => el("th", { scope: "col" }, word(name)));
  return el("div", { class: "scheme-scroll", tabindex: 0, role: "region", "aria-label": word("table") }, el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...items.map(line))));
}

form.addEventListener("input", soon);
form.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const add = target.dataset.add;
  if (add) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById(`row-${add}`));
    const row = /** @type {HTMLElement} */ (/** @type {Element} */ (template.content.firstElementChild).cloneNode(true));
    target.previousElementSibling?.append(row);
    row.querySelector("input")?.focus();
  }
  if ("remove" in target.dataset) target.closest("[data-row]")?.remove();
  if (add || "remove" in target.dataset) soon();
});
form.addEventListener("submit", trying(async () => {
  await save();
  say(word("saved"), "good");
}));
document.getElementById("publish")?.addEventListener("click", trying(async () => {
  if (!confirm(word("publish_sure"))) return;
  await save();
  await post("/publication", { default: /** @type {HTMLInputElement} */ (document.getElementById("default")).checked });
  location.reload();
}));
document.getElementById("drop")?.addEventListener("click", trying(async () => {
  if (!confirm(word("drop_sure"))) return;
  await post("/drop");
  location.assign("/admin/schemes");
}));
document.getElementById("choose")?.addEventListener("click", trying(async () => {
  await call("POST", `/api/v1/schemes/${encodeURIComponent(code)}/default`, { body: {}, key: key.for({}) });
  location.reload();
}));
document.getElementById("simulate")?.addEventListener("submit", trying(async () => {
  // What is tried is what stands in the form, so a draft is saved first.
  if (summary) await save();
  const period = /** @type {HTMLInputElement} */ (document.getElementById("period")).value;
  document.getElementById("simulated")?.replaceChildren(draw(await call("GET", `${path}/simulation?period=${encodeURIComponent(period)}`)));
}));
soon();
