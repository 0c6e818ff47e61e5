/** The page of the grid: tree, panels and map hold together here; cells are edited. */
import { call, RetryKey } from "../api.mjs";
import { data, el, word } from "../words.mjs";
import "../elements/map.mjs";
import "../elements/job.mjs";
import "../elements/upload.mjs";
import { areaPanel } from "./grid-areas.mjs";
import { beatPanel } from "./grid-beats.mjs";
import { GridMap } from "./grid-map.mjs";
import { tree } from "./grid-tree.mjs";
import { byId, tabs, tell, toLines, toPlaces } from "./grid-parts.mjs";
import { zonePanel } from "./grid-zones.mjs";

/** @typedef {import("./grid-tree.mjs").Division} Division */
/** @typedef {import("./grid-map.mjs").Place} Place */

const grid = new GridMap(/** @type {any} */ (byId("map")));
const key = new RetryKey();
const tools = ["split", "merge", "move", "renumber", "undo"];
const button = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (byId(`do-${name}`));
const line = /** @type {HTMLTextAreaElement} */ (byId("split-line"));
const from = /** @type {HTMLSelectElement} */ (byId("move-from"));
const to = /** @type {HTMLInputElement} */ (byId("move-to"));
/** @type {Division|null} */
let here = null;
/** @type {{id: number, can_undo: boolean}[]} */
let edits = [];

/** What the panels may ask of the page. */
const page = {
  grid,
  /** The code of the division chosen in the tree, "" for the whole city. */
  within: () => here?.code || "",
  level: () => here?.level || 0,
  refresh,
};

/** @param {Division} division */
function choose(division) {
  here = division;
  byId("where").textContent = `${division.name} ${division.code}`;
  if (division.w != null) grid.zoom([division.w, /** @type {number} */ (division.s), /** @type {number} */ (division.e), /** @type {number} */ (division.n)]);
  for (const id of ["do-check", "do-balance", "do-make"]) /** @type {HTMLButtonElement} */ (byId(id)).disabled = false;
  grid.choose([]);
  refresh(false);
}

/** Read list and history again, after a change the map too. @param {boolean} [changed] */
async function refresh(changed = true) {
  if (changed) grid.refresh();
  document.dispatchEvent(new CustomEvent("grid:here"));
  await Promise.all([list(), history()]);
  enable();
}

async function list() {
  const rows = byId("cells");
  if (!here) return rows.replaceChildren();
  const { items, next } = await call("GET", `/api/v1/cells?within=${here.code}`);
  rows.replaceChildren(...items.map(row));
  if (!items.length) rows.append(el("li", { class: "muted" }, word("g_no_cells")));
  if (here.w == null && items.length) grid.zoom(around(items));
  more(rows, next);
}

/** @param {HTMLElement} rows @param {string|null} next */
function more(rows, next) {
  if (!next || !here) return;
  const item = el("li", {}, el("button", { type: "button", class: "btn btn-sm btn-plain", onclick: async () => {
    const page = await call("GET", `/api/v1/cells?within=${here?.code}&after=${next}`);
    item.remove();
    rows.append(...page.items.map(row));
    more(rows, page.next);
  } }, word("g_more")));
  rows.append(item);
}

/** @param {{bbox: number[]}[]} items */
const around = (items) => [0, 1, 2, 3].map((n) => Math[n < 2 ? "min" : "max"](...items.map((one) => one.bbox[n])));

/** @param {{code: string, area_m2: number, beat: string|null, bbox: number[]}} cell */
function row(cell) {
  const tick = el("input", { type: "checkbox", class: "form-check-input", "aria-label": word("g_choose", { name: cell.code }), checked: grid.chosen.has(cell.code), "data-code": cell.code, onchange: () => grid.toggle(cell.code) });
  const name = el("button", { type: "button", class: "linked code", "aria-label": word("g_zoom", { name: cell.code }), onclick: () => grid.zoom(cell.bbox) }, cell.code);
  return el("li", {}, tick, name, el("span", { class: "num small grow" }, `${Math.round(cell.area_m2).toLocaleString()} m²`));
}

async function history() {
  const { items } = await call("GET", `/api/v1/cells/edits?within=${page.within()}`);
  edits = items;
  byId("edits").replaceChildren(...(items.length ? items.map(deed) : [el("li", { class: "muted" }, word("g_no_edits"))]));
}

/** @param {{id: number, at: string, verb: string, who: string|null, ended: string[], begun: string[], can_undo: boolean}} one */
function deed(one) {
  const short = (/** @type {string[]} */ codes) => (codes.length > 3 ? `${codes.slice(0, 2).join(" ")} … ${codes.length}` : codes.join(" "));
  const told = el("span", { class: "grow small" }, el("strong", {}, word(`g_${one.verb}`)), ` ${new Date(one.at).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" })} ${one.who || ""} `, el("span", { class: "code" }, word("g_edit_line", { ended: short(one.ended), begun: short(one.begun) })));
  const undo = one.can_undo ? el("button", { type: "button", class: "btn btn-sm btn-plain", onclick: () => takeBack(one.id) }, word("g_undo_this")) : null;
  return el("li", {}, told, undo);
}

function enable() {
  const count = grid.chosen.size;
  byId("chosen-count").textContent = count ? word("g_chosen", { n: count }) : word("g_none");
  byId("chosen-clear").hidden = !count;
  button("split").disabled = count < 1;
  button("merge").disabled = count < 2;
  button("move").disabled = count < 1;
  button("renumber").disabled = page.level() !== 5;
  button("undo").disabled = !edits.some((one) => one.can_undo);
  for (const tick of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#cells input"))) tick.checked = grid.chosen.has(tick.dataset.code || "");
}

/** @param {string} verb @param {object} body */
async function change(verb, body) {
  const sent = { verb, ...body };
  try {
    const done = await call("POST", "/api/v1/cells/edits", { body: sent, key: key.for(sent) });
    key.spend();
    leave();
    grid.choose(verb === "renumber" ? [] : done.begun);
    // Said last: who reads that it is done may undo it by the next key.
    await refresh();
    tell(word(`g_done_${verb}`, { n: done.begun.length, code: done.begun[0] }));
  } catch (fault) {
    refused(fault);
    await refresh();
  }
}

/** Say why not; what somebody else changed is looked at again. @param {unknown} fault */
function refused(fault) {
  const problem = /** @type {import("../api.mjs").Problem} */ (fault);
  tell(problem.message, "bad");
  if (problem.status === 409) grid.choose([...grid.chosen].filter((code) => !problem.current?.changed?.includes(code)));
}

/** @param {number} id */
async function takeBack(id) {
  try {
    const done = await call("POST", `/api/v1/cells/edits/${id}/undo`, { body: {}, key: key.for({ id }) });
    key.spend();
    grid.choose([]);
    await refresh();
    tell(word("g_done_undo", { n: done.begun.length }));
  } catch (fault) {
    refused(fault);
    await refresh();
  }
}

/** @param {"split"|"move"} which */
function begin(which) {
  const on = button(which).getAttribute("aria-pressed") !== "true";
  leave();
  if (!on) return;
  button(which).setAttribute("aria-pressed", "true");
  byId(`${which}-form`).hidden = false;
  grid.turn(which === "split" ? "line" : "vertex");
  byId("hint").textContent = word(which === "split" ? "g_line" : "g_vertex");
  if (which === "move") vertices();
  /** @type {HTMLElement} */ (which === "split" ? line : from).focus();
}

function vertices() {
  from.replaceChildren(...grid.vertices().map((place, n) => el("option", { value: place.join(", ") }, word("g_vertex_name", { n: n + 1, place: place.join(", ") }))));
  to.value = from.value;
}

function leave() {
  for (const which of ["split", "move"]) {
    button(which).setAttribute("aria-pressed", "false");
    byId(`${which}-form`).hidden = true;
  }
  line.value = "";
  byId("hint").textContent = "";
  grid.turn("choose");
}

const deeds = {
  split: () => begin("split"),
  merge: () => change("merge", { cells: [...grid.chosen] }),
  move: () => begin("move"),
  renumber: () => confirm(word("g_sure_renumber", { code: page.within() })) && change("renumber", { community: page.within() }),
  undo: () => {
    const last = edits.find((one) => one.can_undo);
    if (last) takeBack(last.id);
  },
};

/** @param {Event} [event] */
function cut(event) {
  event?.preventDefault();
  const places = toPlaces(line.value);
  if (!places || places.length < 2) return tell(word("g_bad_places"), "bad");
  change("split", { cells: [...grid.chosen], line: places });
}

/** @param {Place[]|null} places @param {Place[]|null} target */
function moveTo(places, target) {
  if (!places?.length || !target?.length) return tell(word("g_bad_places"), "bad");
  change("move", { vertex: places[0], to: target[0] });
}

for (const name of tools) button(name).addEventListener("click", deeds[/** @type {keyof typeof deeds} */ (name)]);
for (const one of document.querySelectorAll("[data-leave]")) one.addEventListener("click", leave);
byId("chosen-clear").addEventListener("click", () => grid.choose([]));
byId("split-form").addEventListener("submit", cut);
byId("move-form").addEventListener("submit", (event) => {
  event.preventDefault();
  moveTo(toPlaces(from.value), toPlaces(to.value));
});
from.addEventListener("change", () => (to.value = from.value));
line.addEventListener("input", () => grid.sketch(toPlaces(line.value) || []));
grid.addEventListener("draft", () => {
  if (grid.mode === "line") line.value = toLines(grid.draft);
});
grid.addEventListener("moved", (event) => {
  const { from: vertex, to: target } = /** @type {CustomEvent} */ (event).detail;
  moveTo([vertex], [target]);
});
grid.addEventListener("chosen", enable);
for (const name of ["far", "many", "near"]) grid.addEventListener(name, () => {
  if (grid.mode === "choose") byId("hint").textContent = name === "near" ? "" : word(`g_${name}`);
});
for (const name of /** @type {("cells"|"beats"|"zones")[]} */ (["cells", "beats", "zones"])) byId(`show-${name}`).addEventListener("change", (event) => grid.show({ ...grid.shown, [name]: /** @type {HTMLInputElement} */ (event.target).checked }));

const KEYS = /** @type {Record<string, string>} */ ({ s: "split", m: "merge", v: "move", n: "renumber", u: "undo" });
document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (event.key === "Escape" && grid.mode !== "choose" && grid.mode !== "area") return leave();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || byId("panel-cells").hidden) return;
  if (event.key === "Enter" && grid.mode === "line" && !(event.target instanceof HTMLButtonElement)) return cut(event);
  const name = KEYS[event.key.toLowerCase()];
  if (!name || button(name).disabled) return;
  // The letter must not be typed into the field that now gets the focus.
  event.preventDefault();
  button(name).click();
});

tabs(/** @type {HTMLElement} */ (document.querySelector("[role=tablist]")));
tree(byId("tree"), /** @type {HTMLInputElement} */ (byId("tree-find")), data("top"), choose);
beatPanel(page);
zonePanel(page);
areaPanel(page);
refresh(false);
