/** The work bench: cases in list and map, one in the drawer, kept fresh by the live feed. */
import { Bench } from "./bench.mjs";
import { keepFresh, showCase } from "./case-view.mjs";
import { feed } from "./feed.mjs";

const CALM_MS = 400;

class Desk extends Bench {
  #lastRefresh = 0;
  #waiting = 0;

  /** @param {DOMStringMap} data */
  item(data) {
    return { ...super.item(data), stage: data.stage, lamp: data.lamp };
  }

  /** @param {string} uid */
  fill(uid) {
    return showCase(uid, "#drawer");
  }

  /** @param {boolean} [fit] */
  async refresh(fit = false) {
    this.#lastRefresh = Date.now();
    const before = new Map(this.rows().map((row) => [row.dataset.uid, row.dataset.steps]));
    await super.refresh(fit);
    for (const row of this.rows()) {
      if (before.size && before.get(row.dataset.uid) !== row.dataset.steps) flash(row);
    }
  }

  /** Refresh at once, but not more often than the eye can follow. */
  refreshSoon() {
    if (this.#waiting) return;
    const wait = Math.max(0, this.#lastRefresh + CALM_MS - Date.now());
    this.#waiting = setTimeout(() => {
      this.#waiting = 0;
      this.refresh();
    }, wait);
  }

  /** @param {string} url @param {boolean} [fit] */
  async goTo(url, fit = true) {
    const asked = new URL(url, location.origin).searchParams;
    for (const name of ["state", "mine"]) {
      const kept = this.filters.elements.namedItem(name);
      if (kept instanceof HTMLInputElement) kept.value = asked.get(name) || "";
    }
    await super.goTo(url, fit);
  }
}

/** @param {HTMLElement} row */
function flash(row) {
  row.classList.remove("changed");
  requestAnimationFrame(() => row.classList.add("changed"));
}

const desk = new Desk("uid", "/desk", "/cases/");
desk.begin();
desk.map.addEventListener("wm:select", (event) => desk.open(/** @type {CustomEvent} */ (event).detail.uid));
desk.drawer.addEventListener("wm:acted", () => desk.refreshSoon());
feed.addEventListener("items", () => desk.refreshSoon());
keepFresh("#drawer");
