/** The register of parts: list and map of the same rows, one part in the drawer, all by keyboard. */
import { call, Problem } from "../api.mjs";
import { load, toast } from "../case-view.mjs";
import { follow } from "../elements/job.mjs";
import { el, word } from "../words.mjs";
import { PartForm } from "./parts-form.mjs";
import "../elements/map.mjs";

const TYPING_MS = 350;
const SLOW_MS = 5000;
/** Hues of the states, as the map's discs know them. @type {Record<string, string>} */
const STAGES = { intact: "close", damaged: "handle", lost: "verify" };

const list = /** @type {HTMLElement} */ (document.getElementById("list"));
const drawer = /** @type {HTMLElement} */ (document.getElementById("drawer"));
const bench = /** @type {HTMLElement} */ (document.getElementById("bench"));
const filters = /** @type {HTMLFormElement} */ (document.getElementById("filters"));
const inView = /** @type {HTMLInputElement} */ (document.getElementById("in-view"));
const map = /** @type {import("../elements/map.mjs").WmMap} */ (document.getElementById("map"));
let listUrl = location.pathname + location.search;
let chosen = "";
/** @type {PartForm|null} */
let form = null;
/** @type {{type: string, coordinates: any}|null} */
let shape = null;

/** @returns {HTMLElement[]} */
const rows = () => Array.from(list.querySelectorAll("tr[data-code]"));

/** @param {boolean} [fit] */
async function refresh(fit = false) {
  const slow = setTimeout(() => toast(word("still"), "warn"), SLOW_MS);
  await load(listUrl, "#list", "innerHTML");
  clearTimeout(slow);
  drawn(fit);
}

/** @param {boolean} fit */
function drawn(fit) {
  const items = rows().map(({ dataset }) => ({ uid: dataset.code || "", lon: Number(dataset.lon), lat: Number(dataset.lat), stage: STAGES[dataset.state || ""], kind_name: dataset.kind }));
  map.show(items, fit && !inView.checked);
  mark(chosen);
}

/** @param {string} code */
function mark(code) {
  chosen = code;
  for (const row of rows()) row.classList.toggle("chosen", row.dataset.code === code);
  map.choose(code);
}

/** @param {string} url @param {boolean} [fit] */
async function goTo(url, fit = true) {
  listUrl = url;
  history.replaceState({}, "", url);
  await refresh(fit);
}

/** @param {string} url @param {string} code */
async function show(url, code) {
  drawer.hidden = false;
  bench.classList.add("with-case");
  map.map?.resize();
  mark(code);
  await load(url, "#drawer", "innerHTML");
  bind();
  /** @type {HTMLElement|null} */ (drawer.querySelector("#part-title"))?.focus();
}

/** @param {string} code @param {boolean} [push] */
async function open(code, push = true) {
  if (push) history[drawer.hidden ? "pushState" : "replaceState"]({ code }, "", `/admin/parts/${code}`);
  await show(`/admin/parts/${code}?fragment=1`, code);
}

/** Give the drawer's form, photo field and shape their work. */
function bind() {
  const told = drawer.querySelector("[data-shape]");
  draw(told ? JSON.parse(told.textContent || "null") : null);
  const found = /** @type {HTMLFormElement|null} */ (drawer.querySelector("[data-part-form]"));
  form = found && new PartForm(found, { draw: sketch, saved });
  if (told) draw(JSON.parse(told.textContent || "null"));
  drawer.querySelector("[data-photo]")?.addEventListener("change", (event) => addPhoto(/** @type {HTMLInputElement} */ (event.target)));
}

/** @param {any} part */
async function saved(part) {
  toast(part.version === 1 ? word("part_added", { code: part.code }) : word("part_saved"));
  map.map?.getSource("parts") && map.map.refreshTiles("parts");
  await refresh();
  await open(part.code);
}

/** @param {HTMLInputElement} input */
async function addPhoto(input) {
  const file = input.files?.[0];
  if (!file) return;
  const body = new FormData();
  body.append("file", file);
  const csrf = /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=csrf]")).content;
  const answer = await fetch(`/api/v1/parts/${input.dataset.photo}/photos`, { method: "POST", headers: { "X-CSRF-Token": csrf, Accept: "application/json" }, body }).catch(() => null);
  if (answer?.ok) {
    toast(word("part_photo_added"));
    return show(`/admin/parts/${input.dataset.photo}?fragment=1`, chosen);
  }
  toast(answer ? new Problem(answer.status, await answer.json().catch(() => ({}))).message : word("unreachable"), "bad");
}

/** Show what is being drawn. @param {number[][]} points @param {string} kind */
function sketch(points, kind) {
  if (points.length === 1) draw({ type: "Point", coordinates: points[0] });
  else if (kind === "polygon" && points.length > 2) draw({ type: "Polygon", coordinates: [[...points, points[0]]] });
  else if (points.length > 1) draw({ type: "LineString", coordinates: points });
  else draw(null);
}

/** @param {{type: string, coordinates: any}|null} geometry */
function draw(geometry) {
  shape = geometry;
  const on = map.map;
  if (!on?.isStyleLoaded()) return void on?.once("idle", () => draw(shape));
  if (!on.getSource("part-shape")) {
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--brand").trim();
    on.addSource("part-shape", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
    on.addLayer({ id: "part-fill", type: "fill", source: "part-shape", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour, "fill-opacity": 0.2 } });
    on.addLayer({ id: "part-line", type: "line", source: "part-shape", paint: { "line-color": colour, "line-width": 3 } });
    on.addLayer({ id: "part-point", type: "circle", source: "part-shape", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": colour, "circle-radius": 6, "circle-stroke-color": "#fff", "circle-stroke-width": 2 } });
  }
  const features = geometry ? [{ type: "Feature", properties: {}, geometry }] : [];
  /** @type {any} */ (on.getSource("part-shape")).setData({ type: "FeatureCollection", features });
}

function close() {
  if (drawer.hidden) return;
  drawer.hidden = true;
  drawer.replaceChildren();
  form = null;
  draw(null);
  bench.classList.remove("with-case");
  map.map?.resize();
  history.replaceState({}, "", listUrl);
  document.getElementById(`row-${chosen}`)?.querySelector("a")?.focus();
}

/** @param {number} step */
function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement) || row.dataset.code === chosen);
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  if (!next) return;
  next.querySelector("a")?.focus();
  next.scrollIntoView({ block: "nearest" });
  if (drawer.hidden) mark(next.dataset.code || "");
  else open(next.dataset.code || "");
}

function toggleMap() {
  const hidden = bench.classList.toggle("no-map");
  document.getElementById("map-toggle")?.setAttribute("aria-pressed", String(!hidden));
  map.map?.resize();
  if (!hidden) drawn(true);
}

async function exportThese() {
  const format = /** @type {HTMLSelectElement} */ (document.getElementById("export-format")).value;
  const query = Object.fromEntries(new URL(listUrl, location.origin).searchParams);
  delete query.after;
  try {
    const { job } = await call("POST", "/api/v1/part-exports", { body: { format, filters: query } });
    toast(word("export_begun"));
    const done = await follow(job);
    if (done.state !== "done") return toast(done.error || word(`job_${done.state}`), "bad");
    const { name, parts } = done.result;
    const note = el("div", { class: "notice good" }, el("a", { href: `/api/v1/part-exports/${job}`, download: name }, word("export_ready", { name, n: parts.toLocaleString() })));
    document.getElementById("toasts")?.append(note);
  } catch (fault) {
    toast(/** @type {Error} */ (fault).message, "bad");
  }
}

/** @param {Element} target @param {MouseEvent} event */
function onClick(target, event) {
  const link = /** @type {HTMLAnchorElement|null} */ (target.closest("a[data-list]"));
  const row = /** @type {HTMLElement|null} */ (target.closest("tr[data-code]"));
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (target.closest("[data-close]")) close();
  else if (target.closest("[data-export]")) exportThese();
  else if (target.closest("#add-part")) show("/admin/parts/new", "");
  else if (link) {
    event.preventDefault();
    goTo(link.pathname + link.search);
  } else if (row) {
    event.preventDefault();
    open(row.dataset.code || "");
  }
}

/** @param {KeyboardEvent} event */
function onLetter(event) {
  /** @type {Record<string, () => void>} */
  const deeds = { j: () => move(1), k: () => move(-1), m: toggleMap, r: () => refresh(), f: () => /** @type {HTMLElement} */ (filters.querySelector("select")).focus() };
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

function seenBox() {
  const bounds = map.map?.getBounds();
  return bounds ? [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((number) => number.toFixed(5)).join(",") : "";
}

/** @param {boolean} [fit] */
function applyFilters(fit = true) {
  if (inView.checked) inView.value = seenBox();
  const wanted = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value).map(([name, value]) => [name, String(value)]));
  const query = String(wanted);
  goTo(query ? `/admin/parts?${query}` : "/admin/parts", fit);
}

let typingTimer = 0;
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  applyFilters();
});
filters.addEventListener("input", () => {
  clearTimeout(typingTimer);
  typingTimer = setTimeout(applyFilters, TYPING_MS);
});
document.getElementById("map-toggle")?.addEventListener("click", toggleMap);
document.addEventListener("click", (event) => onClick(/** @type {Element} */ (event.target), event));
document.addEventListener("wm:key", (event) => onLetter(/** @type {CustomEvent} */ (event).detail));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
});
map.addEventListener("wm:select", (event) => form?.drawing || open(/** @type {CustomEvent} */ (event).detail.uid));
addEventListener("popstate", (event) => (event.state?.code ? open(event.state.code, false) : close()));
for (const name of ["htmx:error", "htmx:response:error"]) document.addEventListener(name, () => toast(word("unreachable"), "bad"));

/** The map comes when its library has: then its clicks and moves are heard. */
function listen() {
  if (!map.map) return void setTimeout(listen, 100);
  map.map.on("click", (event) => form?.drawing && form.click(event.lngLat.lng, event.lngLat.lat));
  map.map.on("moveend", (event) => event.originalEvent && inView.checked && applyFilters(false));
}
if (matchMedia("(max-width: 991.98px)").matches) toggleMap();
else drawn(true);
if (document.createElement("canvas").getContext("webgl2")) listen();
