/**
 * `<wm-address>`: a place by its address, a crossing, a name, pinyin initials or a number on a part.
 *
 * Fires `wm:address` {hit} when one is chosen; hit is {label, lon, lat, precision, score, …}.
 */
import { Problem, call } from "../api.mjs";
import { el, word } from "../words.mjs";
import { Combobox } from "./combobox.mjs";

const CALM_MS = 200;
const UNSURE = 0.6;

/** @typedef {{label: string, type: string, within: string, lon: number, lat: number, score: number, precision: string}} Hit */

/** @extends {Combobox<Hit>} */
class WmAddress extends Combobox {
  words = { found: "places_found", none: "places_none" };
  /** @type {AbortController|null} */
  #asking = null;

  /** @override @param {string} typed @returns {Promise<Hit[]|null>} */
  async find(typed) {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    await new Promise((resolve) => setTimeout(resolve, CALM_MS));
    if (asking.signal.aborted || typed.length < 2) return null;
    try {
      return (await call("GET", `/api/v1/geocode?q=${encodeURIComponent(typed)}`, { signal: asking.signal })).items;
    } catch (fault) {
      return fault instanceof Problem ? [] : null;
    }
  }

  /** @override @param {Hit} hit */
  line(hit) {
    const unsure = hit.score < UNSURE ? ` · ${word("unsure")}` : "";
    return [el("strong", {}, hit.label), el("span", { class: "muted small" }, ` ${hit.within}${hit.precision === "interpolated" ? ` · ${word("between")}` : ""}${unsure}`)];
  }

  /** @override @param {Hit} hit */
  called(hit) {
    return hit.label;
  }

  /** @override @param {Hit} hit */
  taken(hit) {
    this.dispatchEvent(new CustomEvent("wm:address", { bubbles: true, detail: { hit } }));
  }
}

customElements.define("wm-address", WmAddress);
