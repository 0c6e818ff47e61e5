/** One layer: what is said of it, its versions, its repairs, its figures; the style has a module of its own. */
import { call, Problem, RetryKey } from "../api.mjs";
import { data, el, word } from "../words.mjs";
import { started, tell, told } from "./layer-forms.mjs";
import { edit } from "./layer-style.mjs";
import "../elements/job.mjs";
import "../elements/map.mjs";
import "../elements/upload.mjs";

const layer = data("layer");
const url = `/api/v1/layers/${layer.name}`;
const map = /** @type {import("../elements/map.mjs").WmMap} */ (document.getElementById("map"));
const key = new RetryKey();

/** Change the layer as it was seen; show the page anew when that went well. @param {string} path @param {object} body @param {string} done */
function change(path, body, done) {
  return told(async () => {
    const seen = { ...body, revision: layer.revision };
    await call("POST", url + path, { body: seen, key: key.for([path, seen]) });
    tell(done);
    location.reload();
  });
}

/** @param {string} id @param {(form: HTMLFormElement) => void} work */
function onSubmit(id, work) {
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById(id));
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    work(form);
  });
}

onSubmit("about", (form) => {
  const given = new FormData(form);
  const body = { ...Object.fromEntries(given), posts: given.getAll("posts") };
  change("", body, word("saved"));
});

onSubmit("import", (form) => told(async () => {
  const given = new FormData(form);
  const body = { upload: given.get("upload"), coord_sys: given.get("coord_sys"), part: given.get("part") };
  const { job } = await call("POST", `${url}/versions`, { body, key: key.for(body) });
  started(job, word("import"));
}));

for (const button of document.querySelectorAll("[data-publish]")) {
  button.addEventListener("click", () => {
    const version = Number(/** @type {HTMLElement} */ (button).dataset.publish) || null;
    if (!version && !confirm(word("choose_sure"))) return;
    change("/publish", { version }, word(version ? "published" : "withdrawn"));
  });
}

for (const button of document.querySelectorAll("[data-undo-style]")) button.addEventListener("click", () => change("/styles/undo", {}, word("saved")));

document.getElementById("count")?.addEventListener("click", () => told(async () => {
  const { job } = await call("POST", `${url}/count`, { body: {} });
  started(job, layer.title);
}));

for (const button of document.querySelectorAll("[data-look]")) button.addEventListener("click", () => told(() => look(Number(/** @type {HTMLElement} */ (button).dataset.look))));

/** Show a version and the repairs it offers on the map. @param {number} version */
async function look(version) {
  const found = await call("GET", `${url}/versions/${version}/features`);
  const shapes = found.repairs.map((/** @type {any} */ one) => ({ type: "Feature", geometry: one.geometry, properties: { repair: one.row } }));
  show({ type: "FeatureCollection", features: [...found.features, ...shapes] });
  map.scrollIntoView({ block: "nearest" });
  const place = document.querySelector(`[data-repairs="${version}"]`);
  if (place) offer(/** @type {HTMLElement} */ (place), version, found.repairs);
}

/** @param {{type: string, features: any[]}} collection */
function show(collection) {
  const drawn = map.map;
  if (!drawn) return;
  const draft = /** @type {any} */ (drawn.getSource("draft"));
  if (draft) draft.setData(collection);
  else {
    drawn.addSource("draft", { type: "geojson", data: /** @type {any} */ (collection) });
    const repaired = ["has", "repair"];
    const ink = /** @type {any} */ (["case", repaired, "#b42318", "#0b5cad"]);
    drawn.addLayer({ id: "draft-fill", type: "fill", source: "draft", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": ink, "fill-opacity": 0.3 } });
    drawn.addLayer({ id: "draft-line", type: "line", source: "draft", filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": ink, "line-width": 1.5 } });
    drawn.addLayer({ id: "draft-point", type: "circle", source: "draft", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": ink, "circle-radius": 4 } });
  }
  const box = around(collection.features);
  if (box) drawn.fitBounds(box, { padding: 24, animate: false, maxZoom: 17 });
}

/** @param {any[]} features @returns {[number, number, number, number]|null} */
function around(features) {
  const flat = features.flatMap((one) => one.geometry.coordinates.flat(9));
  if (!flat.length) return null;
  const lons = flat.filter((_, n) => n % 2 === 0);
  const lats = flat.filter((_, n) => n % 2 === 1);
  const least = (/** @type {number[]} */ all) => all.reduce((a, b) => Math.min(a, b));
  const most = (/** @type {number[]} */ all) => all.reduce((a, b) => Math.max(a, b));
  return [least(lons), least(lats), most(lons), most(lats)];
}

/** @param {HTMLElement} place @param {number} version @param {any[]} repairs */
function offer(place, version, repairs) {
  const list = /** @type {HTMLElement} */ (place.querySelector("ul"));
  if (!repairs.length) return list.replaceChildren(el("li", {}, word("repair_none")));
  const take = (/** @type {number[]|null} */ rows) => told(async () => {
    const body = rows ? { rows } : {};
    const { accepted } = await call("POST", `${url}/versions/${version}/repairs`, { body, key: key.for([version, rows]) });
    tell(word("accepted", { n: accepted }));
    location.reload();
  });
  const fixed = "fixed" in place.dataset;
  const button = (/** @type {string} */ text, /** @type {number[]|null} */ rows) => (fixed ? null : el("button", { type: "button", class: "btn btn-sm btn-plain", onclick: () => take(rows) }, text));
  list.replaceChildren(
    ...repairs.map((one) => el("li", {}, `${word("repair_row", { n: one.row })} `, button(word("repair_take"), [one.row]))),
    el("li", {}, button(word("repair_all", { n: repairs.length }), null)));
}

edit(layer, map, (document_) => change("/styles", { document: document_ }, word("saved")), (fault) => fault instanceof Problem && tell(fault.message, true));
