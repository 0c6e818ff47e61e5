/** A bench: list and map of the same rows, one of them in the drawer, everything by keyboard. */
import { load, toast } from "./case-view.mjs";
import { word } from "./words.mjs";
import "./elements/map.mjs";

const TYPING_MS = 350;
const SLOW_MS = 5000;

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/** What the benches share; each says what a row is on the map and how the drawer is filled. */
export class Bench {
  /** @type {HTMLElement} */ list = byId("list");
  /** @type {HTMLElement} */ drawer = byId("drawer");
  /** @type {HTMLElement} */ room = byId("bench");
  /** @type {HTMLFormElement} */ filters = byId("filters");
  /** @type {import("./elements/map.mjs").WmMap} */ map = byId("map");
  listUrl = location.pathname + location.search;
  chosen = "";
  #typing = 0;

  /**
   * @param {string} key Data attribute that names a row.
   * @param {string} home Path of the whole list.
   * @param {string} one Path before the name of one row.
   */
  constructor(key, home, one) {
    this.key = key;
    this.home = home;
    this.one = one;
  }

  /** Return a row as the map shows it. @param {DOMStringMap} data @returns {Record<string, any>} */
  item(data) {
    return { uid: data[this.key] || "", lon: Number(data.lon), lat: Number(data.lat), kind_name: data.kind };
  }

  /** Fill the drawer with one row. @param {string} _name @returns {Promise<void>} */
  async fill(_name) {}

  /** Take note that the drawer is closed. */
  emptied() {}

  /** Do what a click means on this bench alone; true if it meant something. @param {Element} _target @returns {boolean} */
  clicked(_target) {
    return false;
  }

  /** Listen, and show the rows that came with the page. On a phone the map is one tap away. */
  begin() {
    this.filters.addEventListener("submit", (event) => {
      event.preventDefault();
      this.applyFilters();
    });
    this.filters.addEventListener("input", () => {
      clearTimeout(this.#typing);
      this.#typing = setTimeout(() => this.applyFilters(), TYPING_MS);
    });
    byId("map-toggle")?.addEventListener("click", () => this.toggleMap());
    document.addEventListener("click", (event) => this.#click(/** @type {Element} */ (event.target), event));
    document.addEventListener("wm:key", (event) => this.#letter(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) this.close();
    });
    addEventListener("popstate", (event) => (event.state?.row ? this.open(event.state.row, false) : this.close()));
    if (matchMedia("(max-width: 991.98px)").matches) this.toggleMap();
    else this.drawn(true);
  }

  /** @returns {HTMLElement[]} */
  rows() {
    return Array.from(this.list.querySelectorAll(`tr[data-${this.key}]`));
  }

  /** Ask the server for the list again; focus, scroll and selection stay. @param {boolean} [fit] */
  async refresh(fit = false) {
    const slow = setTimeout(() => toast(word("still"), "warn"), SLOW_MS);
    await load(this.listUrl, "#list", "innerMorph");
    clearTimeout(slow);
    this.drawn(fit);
  }

  /** Show on the map what the list shows. @param {boolean} fit */
  drawn(fit) {
    this.map.show(this.rows().map(({ dataset }) => /** @type {any} */ (this.item(dataset))), fit);
    this.mark(this.chosen);
  }

  /** @param {string} name */
  mark(name) {
    this.chosen = name;
    for (const row of this.rows()) row.classList.toggle("chosen", row.dataset[this.key] === name);
    this.map.choose(name);
  }

  /** @param {string} url @param {boolean} [fit] */
  async goTo(url, fit = true) {
    this.listUrl = url;
    history.replaceState({}, "", url);
    await this.refresh(fit);
  }

  /** Make room for the drawer; true if it was closed. */
  reveal() {
    const first = this.drawer.hidden;
    this.drawer.hidden = false;
    this.room.classList.add("with-case");
    this.map.map?.resize();
    return first;
  }

  /** @param {string} name @param {boolean} [push] */
  async open(name, push = true) {
    const first = this.reveal();
    // The drawer takes some of the map's room: the rows are fitted into what is left.
    if (first) this.drawn(true);
    this.mark(name);
    if (push) history[first ? "pushState" : "replaceState"]({ row: name }, "", this.one + name);
    await this.fill(name);
  }

  close() {
    if (this.drawer.hidden) return;
    this.drawer.hidden = true;
    this.drawer.replaceChildren();
    this.emptied();
    this.room.classList.remove("with-case");
    this.map.map?.resize();
    history.replaceState({}, "", this.listUrl);
    byId(`row-${this.chosen}`)?.querySelector("a")?.focus();
  }

  /** @param {number} step */
  move(step) {
    const all = this.rows();
    const at = all.findIndex((row) => row.contains(document.activeElement) || row.dataset[this.key] === this.chosen);
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
    if (!next) return;
    next.querySelector("a")?.focus();
    next.scrollIntoView({ block: "nearest" });
    if (this.drawer.hidden) this.mark(next.dataset[this.key] || "");
    else this.open(next.dataset[this.key] || "");
  }

  toggleMap() {
    const hidden = this.room.classList.toggle("no-map");
    byId("map-toggle")?.setAttribute("aria-pressed", String(!hidden));
    this.map.map?.resize();
    if (!hidden) this.drawn(true);
  }

  /** @param {boolean} [fit] */
  applyFilters(fit = true) {
    const wanted = new URLSearchParams([...new FormData(this.filters)].filter(([, value]) => value).map(([name, value]) => [name, String(value)]));
    const query = String(wanted);
    this.goTo(query ? `${this.home}?${query}` : this.home, fit);
  }

  /** @param {Element} target @param {MouseEvent} event */
  #click(target, event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = /** @type {HTMLAnchorElement|null} */ (target.closest("a[data-queue], a[data-list]"));
    const row = /** @type {HTMLElement|null} */ (target.closest(`tr[data-${this.key}]`));
    if (target.closest("[data-close]")) return this.close();
    if (this.clicked(target) || !(link || row)) return;
    event.preventDefault();
    if (link) this.goTo(link.pathname + link.search);
    else this.open(row?.dataset[this.key] || "");
  }

  /** @param {KeyboardEvent} event */
  #letter(event) {
    /** @type {Record<string, () => void>} */
    const deeds = { j: () => this.move(1), k: () => this.move(-1), m: () => this.toggleMap(), r: () => this.refresh(), f: () => this.filters.querySelector("select")?.focus() };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  }
}
