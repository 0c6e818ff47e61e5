/** The panel of areas: dividing them into cells, drawing them, importing them, and the check. */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";
import { byId, showReport, tell, toLines, toPlaces, tried, watch } from "./grid-parts.mjs";

/** @typedef {import("./grid-parts.mjs").Page} Page */

/** @param {Page} page */
export function areaPanel(page) {
  byId("do-check").addEventListener("click", () => tried(async () => {
    const { job } = await call("POST", "/api/v1/cells/checks", { body: { within: page.within() } });
    watch(byId("check-job"), job, byId("do-check").textContent || "", (report) => showReport(page, report));
  }));
  byId("make-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!confirm(word("g_sure_make", { code: page.within() }))) return;
    tried(() => divide(page));
  });
  drawing(page);
  importing(page);
}

/** @param {Page} page */
async function divide(page) {
  const target = /** @type {HTMLInputElement} */ (byId("make-target"));
  const balanced = /** @type {HTMLInputElement} */ (byId("make-balanced"));
  const body = { within: page.within(), target_area: Number(target.value), balanced: balanced.checked };
  const { job } = await call("POST", "/api/v1/cells/makings", { body });
  watch(byId("make-job"), job, byId("do-make").textContent || "", (result) => {
    tell(word("g_made", { n: result.made }));
    showReport(page, result);
    page.refresh();
  });
}

/** @param {Page} page */
function drawing(page) {
  const { grid } = page;
  const border = /** @type {HTMLTextAreaElement} */ (byId("area-line"));
  const system = /** @type {HTMLSelectElement} */ (byId("area-system"));
  const draw = byId("do-draw");
  const store = /** @type {HTMLButtonElement} */ (byId("do-area"));
  /** What “Store” would send: the drawn polygon, or the repaired one that was looked at. @type {any} */
  let taken = null;

  /** @param {boolean} on */
  function turn(on) {
    draw.setAttribute("aria-pressed", String(on));
    byId("hint").textContent = on ? word("g_area") : "";
    grid.turn(on ? "area" : "choose");
    if (on) grid.sketch(toPlaces(border.value) || []);
  }

  async function examine() {
    const places = toPlaces(border.value);
    if (!places || places.length < 3) return tell(word("g_bad_places"), "bad");
    const found = await call("POST", "/api/v1/areas/previews", { body: { geometry: polygon(places), coord_sys: system.value } });
    const proposal = found.valid ? found : found.repaired;
    const told = found.valid ? "g_valid" : proposal ? "g_repair" : "g_beyond";
    byId("area-told").textContent = word(told, { reason: found.reason, area: Math.round(proposal?.area_m2 || 0).toLocaleString() });
    taken = proposal?.geometry || null;
    store.disabled = !taken;
    grid.propose(taken);
    if (taken) grid.zoom(box(taken));
  }

  draw.addEventListener("click", () => turn(grid.mode !== "area"));
  border.addEventListener("input", () => {
    store.disabled = true;
    if (grid.mode === "area") grid.sketch(toPlaces(border.value) || []);
  });
  grid.addEventListener("draft", () => {
    if (grid.mode === "area" && grid.draft.length) border.value = toLines(grid.draft);
  });
  byId("do-preview").addEventListener("click", () => tried(examine));
  document.addEventListener("keydown", (event) => {
    if (grid.mode !== "area") return;
    if (event.key === "Escape") turn(false);
    if (event.key === "Enter" && event.target !== border) {
      event.preventDefault();
      turn(false);
      tried(examine);
    }
  });
  byId("area-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (!page.within()) return tell(word("g_choose_division"), "bad");
    // What was examined is in our own system already.
    tried(async () => {
      const done = await call("POST", "/api/v1/areas", { body: { code: page.within(), geometry: taken } });
      tell(word("g_area_saved", { code: done.code, area: Math.round(done.area_m2).toLocaleString() }));
      turn(false);
      // What was stored stays in view: until there are cells, nothing else shows it.
      grid.propose(taken);
    });
  });
}

/** @param {import("./grid-map.mjs").Place[]} places */
function polygon(places) {
  return { type: "Polygon", coordinates: [[...places, places[0]]] };
}

/** @param {Page} page */
function importing(page) {
  const form = document.getElementById("import-form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    const upload = /** @type {HTMLInputElement} */ (form.querySelector("input[name=upload]")).value;
    const what = /** @type {HTMLSelectElement} */ (byId("import-what")).value;
    const system = /** @type {HTMLSelectElement} */ (byId("import-system")).value;
    tried(async () => {
      const url = what === "divisions" ? "/api/v1/divisions/imports" : "/api/v1/areas/imports";
      const { job } = await call("POST", url, { body: what === "divisions" ? { upload } : { upload, level: what, coord_sys: system } });
      watch(byId("import-job"), job, form.querySelector("button")?.textContent || "", (result) => {
        byId("import-told").replaceChildren(word("g_imported", result));
        if (result.quarantined) byId("import-told").append(" ", el("a", { href: `/api/v1/places/imports/${result.import}/quarantine.csv`, download: "" }, word("g_quarantine")));
        byId("import-told").append(...result.warnings.slice(0, 20).map((/** @type {string} */ one) => el("span", { class: "d-block small" }, one)));
        byId("repairs").replaceChildren(...(result.proposals || []).map((/** @type {any} */ one) => proposal(page, one)));
        page.refresh();
      });
    });
  });
}

/** Show a shape that was put aside and how it would be repaired; it is stored only by its button. @param {Page} page @param {{row: number, code: string|null, name: string|null, reason: string, area_m2: number, geometry: any}} one */
function proposal(page, one) {
  const name = one.name || one.code || String(one.row);
  const look = el("button", { type: "button", class: "linked", onclick: () => {
    page.grid.propose(one.geometry);
    page.grid.zoom(box(one.geometry));
  } }, word("g_look", { name }));
  const take = el("button", { type: "button", class: "btn btn-sm btn-plain", onclick: () => tried(async () => {
    const done = await call("POST", "/api/v1/areas", { body: { code: one.code, geometry: one.geometry } });
    page.grid.propose(null);
    take.remove();
    tell(word("g_area_saved", { code: done.code, area: Math.round(done.area_m2).toLocaleString() }));
  }) }, word("g_take", { name }));
  return el("li", {}, el("span", { class: "small grow" }, one.reason), look, one.code ? take : null);
}

/** Return the box of a polygon or of several. @param {any} geometry */
function box(geometry) {
  const numbers = geometry.coordinates.flat(Infinity);
  const of = (/** @type {number} */ n, /** @type {"min"|"max"} */ which) => numbers.reduce((/** @type {number} */ found, /** @type {number} */ one, /** @type {number} */ at) => (at % 2 === n ? Math[which](found, one) : found), numbers[n]);
  return [of(0, "min"), of(1, "min"), of(0, "max"), of(1, "max")];
}
