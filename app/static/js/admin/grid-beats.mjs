/** The panel of beats: shifts, balancing by a button, cells put into a beat, inspectors. */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";
import { byId, tell, tried, watch } from "./grid-parts.mjs";

/** @typedef {import("./grid-parts.mjs").Page} Page */

/** @param {Page} page */
export function beatPanel(page) {
  const shift = /** @type {HTMLSelectElement} */ (byId("shift"));
  const name = /** @type {HTMLInputElement} */ (byId("beat-name"));
  const people = /** @type {HTMLSelectElement} */ (byId("people"));
  let beat = 0;

  async function read() {
    if (byId("panel-beats").hidden) return;
    const { items, stray } = await call("GET", `/api/v1/beats?shift=${shift.value}&within=${page.within()}`);
    byId("stray").textContent = stray.length ? word("g_stray", { n: stray.length >= 500 ? "500+" : stray.length }) : "";
    byId("beats").replaceChildren(...(items.length ? items.map(row) : [el("li", { class: "muted" }, word("g_no_beats"))]));
    byId("beat-names").replaceChildren(...items.map((/** @type {any} */ one) => el("option", { value: one.name })));
  }

  /** @param {{id: number, name: string, cells: number, area_m2: number, inspectors: string[], people: number[], w: number, s: number, e: number, n: number}} one */
  function row(one) {
    const open = el("button", { type: "button", class: "linked", "aria-label": word("g_zoom", { name: one.name }), onclick: () => {
      page.grid.zoom([one.w, one.s, one.e, one.n]);
      staff(one);
    } }, one.name);
    const size = word("g_beat", { cells: one.cells, area: (one.area_m2 / 1e6).toFixed(2) });
    return el("li", {}, open, el("span", { class: "grow small" }, size), el("span", { class: "small muted" }, one.inspectors.join("、") || word("g_nobody")));
  }

  /** @param {{id: number, name: string, people: number[]}} one */
  function staff(one) {
    beat = one.id;
    byId("people-form").hidden = false;
    byId("people-beat").textContent = one.name;
    for (const option of people.options) option.selected = one.people.includes(Number(option.value));
  }

  shift.addEventListener("change", read);
  byId("tab-beats").addEventListener("click", () => setTimeout(read));
  document.addEventListener("grid:here", () => read());
  page.grid.addEventListener("chosen", () => (/** @type {HTMLButtonElement} */ (byId("do-assign")).disabled = !page.grid.chosen.size));
  byId("beat-form").addEventListener("submit", (event) => {
    event.preventDefault();
    tried(async () => {
      const done = await call("POST", "/api/v1/beats", { body: { shift: Number(shift.value), name: name.value, cells: [...page.grid.chosen] } });
      tell(word("g_beat_saved", { n: done.cells, name: done.name }));
      await page.refresh();
    });
  });
  byId("people-form").addEventListener("submit", (event) => {
    event.preventDefault();
    tried(async () => {
      const chosen = [...people.selectedOptions].map((one) => Number(one.value));
      await call("POST", `/api/v1/beats/${beat}/inspectors`, { body: { people: chosen } });
      tell(word("g_people_saved"));
      await read();
    });
  });
  byId("shift-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    tried(async () => {
      const one = await call("POST", "/api/v1/shifts", { body: Object.fromEntries(form) });
      if (![...shift.options].some((option) => option.value === String(one.id))) shift.append(el("option", { value: one.id }, `${one.name} ${one.begins}–${one.ends}`));
      shift.value = String(one.id);
      tell(word("g_shift_saved"));
      await read();
    });
  });
  byId("balance-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    tried(async () => {
      const body = { within: page.within(), shift: Number(shift.value), count: Number(form.get("count")), by: form.get("by") };
      const { job } = await call("POST", "/api/v1/beats/balances", { body });
      watch(byId("balance-job"), job, byId("do-balance").textContent || "", (result) => {
        tell(word("g_balanced", { n: result.beats, least: result.least.toLocaleString(), most: result.most.toLocaleString(), mean: result.mean.toLocaleString() }));
        page.refresh();
      });
    });
  });
}
