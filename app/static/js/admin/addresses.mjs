/** The page of addresses: finding, editing, bringing in. */
import { Problem, RetryKey, call } from "../api.mjs";
import { follow } from "../elements/job.mjs";
import "../elements/map.mjs";
import "../elements/upload.mjs";
import { data, el, word } from "../words.mjs";
import { geometry, pointsOf, readPoints, show, writePoints } from "./sketch.mjs";

const UNSURE = 0.6;
/** @type {Record<string, "point"|"line"|"area">} */
const DRAWN = { street: "line", region: "area", tract: "area", block: "area", plate: "point", poi: "point" };
/** @type {Record<string, string>} */
const names = data("type-names");
const key = new RetryKey();
/** @type {Map<string, string>} name → id of the streets offered */
const streets = new Map();
let street = "";

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);
const map = byId("map");
const edit = /** @type {HTMLFormElement} */ (byId("edit"));
/** @param {string} name @returns {HTMLInputElement} */
const input = (name) => /** @type {HTMLInputElement} */ (edit.elements.namedItem(name));

/** @param {any[]} hits */
function showHits(hits) {
  const list = byId("geocode-results");
  const lines = hits.map((hit) => {
    const sure = word("score", { n: Math.round(hit.score * 100) });
    const detail = [names[hit.precision] || names[hit.type], hit.within, sure, hit.score < UNSURE ? word("unsure") : ""].filter(Boolean).join(" · ");
    return el("li", {}, el("button", { type: "button", class: "hit", onclick: (/** @type {Event} */ event) => look(hit, /** @type {HTMLElement} */ (event.currentTarget)) }, el("strong", {}, hit.label), el("span", { class: "small muted" }, detail)));
  });
  list.replaceChildren(...(lines.length ? lines : [el("li", { class: "muted" }, word("found_none"))]));
  if (hits.length) look(hits[0], list.querySelector(".hit"));
}

/** Show a place that was found, and which of the list it is. @param {any} hit @param {HTMLElement} button */
function look(hit, button) {
  for (const other of byId("geocode-results").querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
  button.setAttribute("aria-current", "true");
  map.pin(hit.lon, hit.lat, 17);
}

/** @param {SubmitEvent} event */
async function find(event) {
  event.preventDefault();
  const q = byId("geocode-q").value.trim();
  if (!q) return;
  try {
    showHits((await call("GET", `/api/v1/geocode?q=${encodeURIComponent(q)}`)).items);
  } catch (fault) {
    byId("geocode-results").replaceChildren(el("li", { class: "notice warn" }, /** @type {Error} */ (fault).message));
  }
}

function points() {
  return readPoints(byId("edit-points").value) || [];
}

function sketch() {
  const drawn = points();
  show(map, geometry(DRAWN[input("type").value], drawn), drawn);
}

/** @param {{lon: number, lat: number}} place */
function addPoint({ lon, lat }) {
  const drawn = DRAWN[input("type").value] === "point" ? [] : points();
  drawn.push([lon, lat]);
  byId("edit-points").value = writePoints(drawn);
  map.clear();
  sketch();
}

function showFields() {
  const plate = input("type").value === "plate";
  for (const part of edit.querySelectorAll("[data-for]")) /** @type {HTMLElement} */ (part).hidden = (/** @type {HTMLElement} */ (part).dataset.for === "plate") !== plate;
}

/** @param {string} q */
async function offerStreets(q) {
  street = streets.get(q) || "";
  if (q.length < 2) return;
  const found = await call("GET", `/api/v1/addresses?type=street&limit=20&q=${encodeURIComponent(q)}`).catch(() => ({ items: [] }));
  for (const one of found.items) streets.set(one.name, one.id);
  byId("streets").replaceChildren(...found.items.map((/** @type {any} */ one) => el("option", { value: one.name })));
  street = streets.get(byId("edit-street").value) || street;
}

/** @param {any} place */
function fill(place) {
  for (const name of ["type", "name", "category", "note"]) input(name).value = place[name] || "";
  input("id").value = place.id;
  input("seen").value = place.seen;
  input("alias").value = place.alias.join(", ");
  input("former").value = place.former.join(", ");
  input("number").value = [place.number, place.sub].filter(Boolean).join("-");
  byId("edit-street").value = place.street_name || "";
  street = place.street || "";
  byId("edit-points").value = writePoints(pointsOf(place.geometry));
  byId("edit-title").textContent = word("edit_title", { name: place.name });
  byId("edit-title").dataset.name = place.name;
  input("type").disabled = true;
  byId("end").hidden = false;
  showFields();
  sketch();
}

/** @param {any[]} lines */
function showHistory(lines) {
  byId("history").replaceChildren(...lines.map((line) => el("li", {}, `${new Date(line.at).toLocaleString(document.documentElement.lang, { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" })} ${line.who || ""} ${word(`history_${line.action}`)}${line.before && line.before.name !== line.after.name ? `: ${line.before.name} → ${line.after.name}` : ""}`)));
}

/** @param {string} id */
async function open(id) {
  tell("");
  try {
    opened(await call("GET", `/api/v1/addresses/${id}`));
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message);
  }
}

/** @param {any} place */
function opened(place) {
  fill(place);
  showHistory(place.history);
  const [lons, lats] = [0, 1].map((n) => pointsOf(place.geometry).map((point) => point[n]));
  map.map?.fitBounds([Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], { padding: 40, maxZoom: 17, animate: false });
  byId("edit-title").scrollIntoView({ block: "nearest" });
  (place.type === "plate" ? byId("edit-number") : input("name")).focus();
}

/** @param {string} message @param {boolean} [good] */
function tell(message, good = false) {
  const place = byId("edit-told");
  place.hidden = !message;
  place.className = `notice ${good ? "good" : "warn"}`;
  place.textContent = message;
}

/** @param {object} more */
async function send(more) {
  const id = input("id").value;
  const shape = geometry(DRAWN[input("type").value], points());
  if (!shape) return tell(word("draw_first"));
  const body = { ...Object.fromEntries(["type", "name", "alias", "former", "number", "category", "note"].map((name) => [name, input(name).value])), street: street || null, geometry: shape, ...(id ? { seen: Number(input("seen").value) } : {}), ...more };
  try {
    const saved = await call("POST", id ? `/api/v1/addresses/${id}/changes` : "/api/v1/addresses", { body, key: key.for(body) });
    key.spend();
    if (saved.state === "ended") reset();
    else await open(saved.id);
    tell(word(saved.state === "ended" ? "ended" : "saved", { name: saved.name }), true);
  } catch (fault) {
    refused(/** @type {Problem} */ (fault));
  }
}

/** @param {Problem} fault */
function refused(fault) {
  if (fault.status !== 409) return tell(fault.message);
  input("seen").value = fault.current.seen;
  tell(`${word("conflict_place")} ${fault.current.name} ${fault.current.lon.toFixed(6)}, ${fault.current.lat.toFixed(6)}`);
}

function reset() {
  edit.reset();
  street = "";
  input("id").value = input("seen").value = "";
  input("type").disabled = false;
  byId("end").hidden = true;
  byId("history").replaceChildren();
  byId("edit-title").textContent = word("new_title");
  tell("");
  showFields();
  sketch();
}

/** @param {Promise<{job: number|null}>} begun */
async function watch(begun) {
  const told = byId("import-told");
  try {
    const { job } = await begun;
    if (job === null) return told.replaceChildren(el("p", { class: "notice" }, word("waiting_already")));
    told.replaceChildren(el("wm-job", { job }));
    const done = await follow(job);
    if (done.result) told.append(el("p", { class: "notice good" }, word("stored_n", { stored: done.result.stored, quarantined: done.result.quarantined || 0 })));
  } catch (fault) {
    told.replaceChildren(el("p", { class: "notice warn" }, /** @type {Error} */ (fault).message));
  }
}

/** @param {SubmitEvent} event */
function bringIn(event) {
  event.preventDefault();
  const form = /** @type {HTMLFormElement} */ (event.target);
  const given = Object.fromEntries(new FormData(form));
  if (!given.upload) return byId("import-told").replaceChildren(el("p", { class: "notice warn" }, word("no_file")));
  const columns = Object.fromEntries([...form.querySelectorAll("[data-column]")].map((field) => [/** @type {HTMLElement} */ (field).dataset.column, /** @type {HTMLInputElement} */ (field).value.trim()]).filter(([, column]) => column));
  const body = { ...given, mapping: { columns } };
  watch(call("POST", "/api/v1/addresses/imports", { body }));
}

byId("geocode").addEventListener("submit", find);
byId("import").addEventListener("submit", bringIn);
byId("harvest").addEventListener("click", () => watch(call("POST", "/api/v1/addresses/harvest")));
byId("end").addEventListener("click", () => confirm(word("end_sure", { name: byId("edit-title").dataset.name })) && send({ end: true }));
byId("edit-points").addEventListener("input", sketch);
byId("edit-street").addEventListener("input", (/** @type {Event} */ event) => offerStreets(/** @type {HTMLInputElement} */ (event.target).value.trim()));
input("type").addEventListener("change", () => {
  showFields();
  sketch();
});
edit.addEventListener("submit", (event) => {
  event.preventDefault();
  send({});
});
edit.addEventListener("reset", () => setTimeout(reset));
map.addEventListener("wm:pick", (/** @type {CustomEvent} */ event) => addPoint(event.detail));
document.addEventListener("click", (event) => {
  const id = /** @type {HTMLElement} */ (event.target).closest("[data-open]")?.getAttribute("data-open");
  if (id) open(id);
});
showFields();
const listed = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#rows [data-id]")]);
map.show(listed.map(({ dataset }) => ({ uid: dataset.id || "", lon: Number(dataset.lon), lat: Number(dataset.lat), stage: "file", lamp: "normal", kind_name: dataset.name })), Boolean(location.search));
