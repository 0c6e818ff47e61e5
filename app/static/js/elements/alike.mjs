/**
 * `<wm-alike data-for="field">`: cases near the one shown that may be about the same thing.
 *
 * A press puts the number of the case, or its uid while it has none, into the field beside.
 */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";

/** @typedef {{uid: string, number: string|null, kind_name: string, state_label: string, distance: number, reasons: string[], closed_at: string|null}} Alike */

export class WmAlike extends HTMLElement {
  connectedCallback() {
    this.#look();
  }

  async #look() {
    const shown = /** @type {HTMLElement|null} */ (this.closest("article.case"));
    if (!shown) return;
    const { lon, lat, kind, uid, text = "" } = shown.dataset;
    try {
      const { items } = await call("GET", `/api/v1/duplicates?${new URLSearchParams({ kind: kind || "", lon: lon || "", lat: lat || "", text, open: "true" })}`);
      this.#show(items.filter((/** @type {Alike} */ one) => one.uid !== uid && !one.closed_at));
    } catch {
      // Without the list the number can still be typed.
      this.replaceChildren();
    }
  }

  /** @param {Alike[]} found */
  #show(found) {
    const rows = found.map((one) => el("li", {}, el("button", { type: "button", class: "btn btn-sm btn-plain", "data-alike": one.uid, onclick: () => this.#choose(one) },
      el("span", { class: "code" }, one.number || word("no_number")), ` ${one.kind_name} · ${one.state_label} · ${one.reasons.join("，")}`)));
    this.replaceChildren(rows.length ? el("ul", { class: "alike" }, ...rows) : el("p", { class: "small muted" }, word("alike_none")));
  }

  /** @param {Alike} one */
  #choose(one) {
    const field = /** @type {HTMLInputElement} */ (document.getElementById(this.dataset.for || ""));
    field.value = one.number || one.uid;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
}

customElements.define("wm-alike", WmAlike);
