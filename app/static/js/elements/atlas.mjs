/**
 * `<wm-atlas source="…"><wm-map></wm-map></wm-atlas>`: areas coloured by score or by late cases, red marks on late ones.
 * A click leads to the late cases of the area and the departments that owe them; the list below leads there too.
 */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";

const CLASSES = ["#fff3d6", "#ffd48a", "#f7a35c", "#de6b48", "#a83232"];
const NONE = "#9aa5b1";
const ALIKE = CLASSES[1];
const MARK = "#c5221f";

/** @typedef {{code: string, name: string, score: number|null, grade: string|null, rank: number|null, late: number}} Facts */

class WmAtlas extends HTMLElement {
  /** @type {any} */
  #told = null;
  #by = "score";
  /** The map may be drawn on. */
  #stands = false;
  /** It is drawn on. */
  #ready = false;
  #legend = el("div", { class: "legend small" });
  #words = el("p", { class: "small", role: "status" });

  async connectedCallback() {
    this.append(this.#words);
    this.addEventListener("wm:map", () => {
      this.#stands = true;
      if (this.#told) this.#bind();
    });
    this.#words.textContent = word("still");
    try {
      this.#told = await call("GET", this.getAttribute("source") || "");
    } catch (fault) {
      this.#words.replaceWith(el("p", { class: "notice bad", role: "alert" }, /** @type {Error} */ (fault).message));
      return;
    }
    this.#words.textContent = "";
    this.prepend(this.#choice());
    this.append(this.#legend, this.#table());
    this.#paint();
    if (this.#stands) this.#bind();
  }

  get #box() {
    return /** @type {import("./map.mjs").WmMap|null} */ (this.querySelector("wm-map"));
  }

  /** @returns {Facts[]} */
  get #facts() {
    return this.#told.features.map((/** @type {any} */ one) => one.properties);
  }

  #choice() {
    const button = (/** @type {string} */ by) => el("button", { type: "button", class: "btn btn-sm btn-plain", "data-by": by, "aria-pressed": String(by === this.#by), onclick: () => this.#choose(by) }, word(`as_${by === "score" ? "scores" : "late"}`));
    return el("div", { class: "units", role: "group", "aria-label": word("map_of") }, button("score"), button("late"));
  }

  /** @param {string} by */
  #choose(by) {
    this.#by = by;
    for (const one of this.querySelectorAll("[data-by]")) one.setAttribute("aria-pressed", String(one.getAttribute("data-by") === by));
    this.#paint();
  }

  #bind() {
    const map = /** @type {import("maplibre-gl").Map} */ (this.#box?.map);
    // A change of theme brings a new style, without what was laid on the old one.
    map.on("styledata", () => map.getSource("atlas") || this.#paint());
    this.#ready = true;
    map.on("click", "atlas", (event) => event.features?.[0] && location.assign(`/evaluation/late?area=${event.features[0].properties.code}`));
    map.on("mousemove", "atlas", (event) => event.features?.[0] && this.#tell(/** @type {any} */ (event.features[0].properties)));
    this.#paint();
  }

  /** @param {Facts} facts */
  #tell(facts) {
    this.#words.textContent = word("late_here", { name: facts.name, n: facts.late, score: facts.score ?? "—" });
  }

  #paint() {
    const breaks = steps(this.#facts.map((one) => one[/** @type {"score"|"late"} */ (this.#by)]).filter((one) => one != null));
    // Less of a score is worse, more late cases are worse: the darker the worse.
    const colours = this.#by === "score" ? [...CLASSES].reverse() : CLASSES;
    this.#explain(breaks, colours);
    const map = this.#box?.map;
    if (!map || !this.#ready) return;
    if (!map.getSource("atlas")) this.#lay(map);
    const value = ["get", this.#by];
    const step = !breaks.length ? ALIKE : ["step", ["to-number", value, 0], colours[0], ...breaks.flatMap((at, n) => [at, colours[n + 1]])];
    map.setPaintProperty("atlas", "fill-color", /** @type {any} */ (["case", ["==", value, null], NONE, step]));
    this.dataset.drawn = this.#by;
  }

  /** @param {import("maplibre-gl").Map} map */
  #lay(map) {
    map.addSource("atlas", { type: "geojson", data: this.#told });
    map.addLayer({ id: "atlas", type: "fill", source: "atlas", paint: { "fill-opacity": 0.72 } });
    map.addLayer({ id: "atlas-edge", type: "line", source: "atlas", paint: { "line-color": "#33404d", "line-width": 1 } });
    map.addLayer({ id: "atlas-late", type: "symbol", source: "atlas", filter: [">", ["get", "late"], 0], layout: { "text-field": ["concat", "●", ["to-string", ["get", "late"]]], "text-font": ["sans-serif"], "text-size": ["interpolate", ["linear"], ["get", "late"], 1, 14, 20, 24, 100, 34] }, paint: { "text-color": MARK, "text-halo-color": "#ffffff", "text-halo-width": 2 } });
  }

  /** @param {number[]} breaks @param {string[]} colours */
  #explain(breaks, colours) {
    const count = (/** @type {number} */ n) => this.#facts.filter((one) => classOf(one[/** @type {"score"|"late"} */ (this.#by)], breaks) === n).length;
    const said = (/** @type {number} */ n) => (n === 0 ? (breaks.length ? `< ${breaks[0]}` : "•") : n === breaks.length ? `≥ ${breaks[n - 1]}` : `${breaks[n - 1]}–${breaks[n]}`);
    const swatch = (/** @type {string} */ colour, /** @type {string} */ text) => el("span", { class: "swatch" }, el("i", { style: `background:${colour}`, "aria-hidden": "true" }), text);
    const shown = [...Array(breaks.length + 1).keys()].map((n) => swatch(breaks.length ? colours[n] : ALIKE, `${said(n)} (${count(n)})`));
    this.#legend.replaceChildren(...shown, swatch(NONE, `${word("no_data")} (${count(-1)})`));
  }

  #table() {
    const rows = [...this.#facts].sort((a, b) => b.late - a.late).slice(0, 200).map((one) => {
      const link = el("a", { href: `/evaluation/late?area=${one.code}`, class: "num" }, String(one.late));
      return el("tr", {}, el("th", { scope: "row" }, one.name), el("td", { class: "n" }, link), el("td", { class: "n num" }, one.score == null ? "—" : one.score.toFixed(2)), el("td", { class: "n num" }, one.rank == null ? "–" : String(one.rank)));
    });
    const head = ["area", "late", "score", "rank"].map((name, n) => el("th", { scope: "col", class: n ? "n" : "" }, word(name)));
    const grid = el("table", { class: "table table-sm" }, el("caption", { class: "visually-hidden" }, word("map_of")), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
    return el("div", { class: "scroll twin", tabindex: "0", role: "region", "aria-label": word("map_of") }, grid);
  }
}

/** Return up to four breaks that divide `values` into classes of about equal size. @param {(number|null)[]} values @returns {number[]} */
function steps(values) {
  const sorted = /** @type {number[]} */ ([...values]).sort((a, b) => a - b);
  const cut = [0.2, 0.4, 0.6, 0.8].map((part) => sorted[Math.floor(part * sorted.length)]).filter((one) => one != null && one > sorted[0]);
  return [...new Set(cut)];
}

/** @param {number|null} value @param {number[]} breaks */
function classOf(value, breaks) {
  return value == null ? -1 : breaks.filter((at) => value >= at).length;
}

customElements.define("wm-atlas", WmAtlas);
