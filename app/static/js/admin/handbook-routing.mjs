/** The routing table: changed rows, what they would have done last month, and trying a place. */
import { RetryKey, call } from "../api.mjs";
import "../elements/map.mjs";
import { el, word } from "../words.mjs";
import { again, grid, say } from "./handbook.mjs";

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);
const rows = /** @type {HTMLElement} */ (byId("route-rows"));
const SURE = 0.6;
const key = new RetryKey();
const NAMES = ["kind", "area", "days", "begins", "ends", "department"];

/** @param {Element} row */
function read(row) {
  const found = Object.fromEntries(NAMES.map((name) => [name, /** @type {HTMLInputElement} */ (row.querySelector(`[name=${name}]`)).value.trim()]));
  const id = Number(/** @type {HTMLElement} */ (row).dataset.id);
  return id ? { ...found, id } : found;
}

/** Return what was changed: rows to keep as they stand now, rows to take out. */
function change() {
  const all = /** @type {HTMLElement[]} */ ([...rows.children]);
  const gone = all.filter((row) => row.classList.contains("gone"));
  const save = all.filter((row) => !gone.includes(row) && (row.classList.contains("edited") || !row.dataset.id)).map(read);
  return { save, remove: gone.map((row) => Number(row.dataset.id)).filter(Boolean) };
}

/** @param {(body: any) => Promise<void>} work */
async function withChange(work) {
  const body = change();
  if (!body.save.length && !body.remove.length) return say(word("nothing"), "bad");
  try {
    await work(body);
  } catch (fault) {
    say(/** @type {Error} */ (fault).message, "bad");
  }
}

/** @param {any} body */
async function dryRun(body) {
  const found = await call("POST", "/api/v1/routes/dry-run", { body });
  const name = (/** @type {string|null} */ one) => one || word("nobody");
  const ways = found.ways.map((/** @type {any} */ one) => el("li", {}, word("dry_way", { n: one.count, from: name(one.from), to: name(one.to) })));
  const list = found.items.map((/** @type {any} */ one) => [one.number || one.uid, one.kind_name, one.cell, name(one.from), name(one.to), one.why]);
  byId("dry-run").replaceChildren(el("p", { class: "notice" }, word(found.moved ? "dry_some" : "dry_none", found)),
    ...(found.moved ? [el("ul", {}, ...ways), grid(["case", "kind", "cell", "from", "to", "why"], list, (n) => `/cases/${found.items[n].uid}`)] : []));
}

/** @param {any} body */
async function store(body) {
  await call("POST", "/api/v1/routes", { body, key: key.for(body) });
  key.spend();
  again();
}

/** @param {string} head @param {any[]} list */
function others(head, list) {
  return list.length ? [el("h4", { class: "small" }, word(head)), el("ul", { class: "hb-why small" }, ...list.map((one) => el("li", {}, one.why)))] : [];
}

/** @param {any} found */
function show(found) {
  const { suggestion } = found;
  if (!suggestion) return byId("suggested").replaceChildren(el("p", { class: "notice warn" }, word("none_fits")));
  const sure = word("sure", { word: suggestion.sureness, n: Math.round(suggestion.sure * 100) });
  byId("suggested").replaceChildren(el("div", { class: suggestion.sure < SURE ? "notice warn" : "notice good" }, el("strong", {}, suggestion.department_name), ` · ${sure}`, el("div", { class: "small" }, suggestion.why)),
    ...others("border", suggestion.border), ...others("passed", suggestion.passed));
}

/** @param {Event} event */
async function tryPlace(event) {
  event.preventDefault();
  const form = new FormData(byId("try"));
  const [lon, lat] = String(form.get("point")).split(/[,，\s]+/).map(Number);
  if (!Number.isFinite(lon) || !Number.isFinite(lat)) return say(word("pick_first"), "bad");
  const asked = new URLSearchParams({ lon: String(lon), lat: String(lat) });
  for (const name of ["kind", "at", "part_code"]) if (form.get(name)) asked.set(name, String(form.get(name)));
  try {
    show(await call("GET", `/api/v1/routes/suggestion?${asked}`));
  } catch (fault) {
    say(/** @type {Error} */ (fault).message, "bad");
  }
}

rows.addEventListener("input", (event) => /** @type {Element} */ (event.target).closest("tr")?.classList.add("edited"));
rows.addEventListener("click", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-remove]");
  const row = /** @type {HTMLElement} */ (button?.closest("tr"));
  if (!button) return;
  if (!row.dataset.id) return row.remove();
  const gone = row.classList.toggle("gone");
  button.setAttribute("aria-pressed", String(gone));
  button.textContent = word(gone ? "keep_row" : "remove_row");
});
byId("add-row").addEventListener("click", () => {
  rows.append(byId("new-route").content.querySelector("tr").cloneNode(true));
  /** @type {HTMLElement} */ (rows.lastElementChild?.querySelector("input"))?.focus();
});
byId("try-table").addEventListener("click", () => withChange(dryRun));
byId("routes").addEventListener("submit", (/** @type {Event} */ event) => {
  event.preventDefault();
  withChange(store);
});
byId("try").addEventListener("submit", tryPlace);
byId("map").addEventListener("wm:pick", (/** @type {CustomEvent} */ event) => {
  byId("try-point").value = `${event.detail.lon.toFixed(6)}, ${event.detail.lat.toFixed(6)}`;
});
