/** The register of parts: list and map of the same rows, one part in the drawer, shapes drawn on the map. */
import { call, Problem } from "../api.mjs";
import { Bench } from "../bench.mjs";
import { load, toast } from "../case-view.mjs";
import { follow } from "../elements/job.mjs";
import { el, word } from "../words.mjs";
import { PartForm } from "./parts-form.mjs";

/** Hues of the states, as the map's discs know them. @type {Record<string, string>} */
const STAGES = { intact: "close", damaged: "handle", lost: "verify" };

const inView = /** @type {HTMLInputElement} */ (document.getElementById("in-view"));
/** @type {PartForm|null} */
let form = null;
/** @type {{type: string, coordinates: any}|null} */
let shape = null;

class Register extends Bench {
  /** @param {DOMStringMap} data */
  item(data) {
    return { ...super.item(data), stage: STAGES[data.state || ""] };
  }

  /** @param {boolean} fit */
  drawn(fit) {
    // Whoever filters by what is in view has chosen the view.
    super.drawn(fit && !inView.checked);
  }

  /** @param {string} code */
  fill(code) {
    return this.show(`/admin/parts/${code}?fragment=1`);
  }

  /** @param {string} url */
  async show(url) {
    await load(url, "#drawer", "innerHTML");
    bind();
    /** @type {HTMLElement|null} */ (this.drawer.querySelector("#part-title"))?.focus();
  }

  emptied() {
    form = null;
    draw(null);
  }

  /** @param {Element} target */
  clicked(target) {
    if (target.closest("[data-export]")) exportThese();
    else if (target.closest("#add-part")) this.begun();
    else return false;
    return true;
  }

  begun() {
    this.reveal();
    this.mark("");
    this.show("/admin/parts/new");
  }

  /** @param {boolean} [fit] */
  applyFilters(fit = true) {
    if (inView.checked) inView.value = seenBox();
    super.applyFilters(fit);
  }
}

const bench = new Register("code", "/admin/parts", "/admin/parts/");
const { map, drawer } = bench;

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
  await bench.refresh();
  await bench.open(part.code);
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
    return bench.fill(bench.chosen);
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

async function exportThese() {
  const format = /** @type {HTMLSelectElement} */ (document.getElementById("export-format")).value;
  const query = Object.fromEntries(new URL(bench.listUrl, location.origin).searchParams);
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

function seenBox() {
  const bounds = map.map?.getBounds();
  return bounds ? [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((number) => number.toFixed(5)).join(",") : "";
}

map.addEventListener("wm:select", (event) => form?.drawing || bench.open(/** @type {CustomEvent} */ (event).detail.uid));
for (const name of ["htmx:error", "htmx:response:error"]) document.addEventListener(name, () => toast(word("unreachable"), "bad"));

/** The map comes when its library has: then its clicks and moves are heard. */
function listen() {
  if (!map.map) return void setTimeout(listen, 100);
  map.map.on("click", (event) => form?.drawing && form.click(event.lngLat.lng, event.lngLat.lat));
  map.map.on("moveend", (event) => event.originalEvent && inView.checked && bench.applyFilters(false));
}
bench.begin();
if (document.createElement("canvas").getContext("webgl2")) listen();
