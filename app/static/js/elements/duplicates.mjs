/**
 * `<wm-duplicates>`: cases that may be about the same thing as the report being written.
 *
 * `ask({kind, lon, lat, text, part})` looks again, not more often than the eye can follow; an
 * incomplete report clears the list.
 */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";

const CALM_MS = 350;

/** @typedef {{kind: string, lon: number, lat: number, text: string, part: string}} Report */

class WmDuplicates extends HTMLElement {
  #timer = 0;
  /** @type {AbortController|null} */
  #asking = null;

  connectedCallback() {
    this.setAttribute("aria-live", "polite");
  }

  /** @param {Report|null} report null if kind or place is missing */
  ask(report) {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    if (!report) return this.replaceChildren();
    this.#timer = setTimeout(() => this.#search(report), CALM_MS);
  }

  /** @param {Report} report */
  async #search({ kind, lon, lat, text, part }) {
    const asking = (this.#asking = new AbortController());
    const query = new URLSearchParams({ kind, lon: String(lon), lat: String(lat), text, ...(part ? { part_code: part } : {}) });
    try {
      this.#show((await call("GET", `/api/v1/duplicates?${query}`, { signal: asking.signal })).items);
    } catch {
      // A hint that cannot be had must not stand in the way of the report.
      if (!asking.signal.aborted) this.replaceChildren();
    }
  }

  /** @param {any[]} items */
  #show(items) {
    if (!items.length) return this.replaceChildren();
    const lines = items.slice(0, 5).map((item) =>
      el("li", {}, el("a", { href: `/cases/${item.uid}`, target: "_blank", rel: "noopener" }, item.number || item.kind_name), ` ${item.state_label} · ${item.reasons.join(" · ")}`, item.description ? el("span", { class: "muted d-block" }, item.description) : null));
    this.replaceChildren(el("div", { class: "notice warn" }, el("strong", {}, word("duplicates", { n: items.length })), el("ul", { class: "mb-0" }, ...lines)));
  }
}

customElements.define("wm-duplicates", WmDuplicates);
