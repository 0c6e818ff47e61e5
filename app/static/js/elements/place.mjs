/**
 * `<wm-place>` with a `<wm-map>` inside it or given as `mapElement`: the place of a report, chosen on the map, typed, or from the device.
 *
 * `value` is {lon, lat} in degrees (CGCS2000) or null, `where` what the server knows about it, `partCode`
 * the code of the chosen part. Fires `wm:place` when any of these changes.
 */
import { Problem, call } from "../api.mjs";
import { el, word } from "../words.mjs";

const ROUGH_M = 30;

/** @typedef {{lon: number, lat: number}} Place */

export class WmPlace extends HTMLElement {
  /** @type {Place|null} */
  value = null;
  /** @type {any} */
  where = null;
  partCode = "";
  /** @type {AbortController|null} */
  #asking = null;
  /** @type {any} */
  mapElement = null;
  #facts = el("div", { class: "place-facts", "aria-live": "polite" });

  connectedCallback() {
    if (this.#facts.isConnected) return;
    this.append(this.#facts);
    this.addEventListener("wm:pick", (event) => this.#take(/** @type {CustomEvent} */ (event).detail, false));
    this.#typed()?.addEventListener("change", () => this.#read());
  }

  /** Ask the device where it is, once; the map shows it and the user may correct it. */
  locate() {
    if (!navigator.geolocation) return this.#say("no_position");
    this.#say("locating");
    const options = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 5_000 };
    navigator.geolocation.getCurrentPosition((fix) => this.#fixed(fix), () => this.#say("no_position"), options);
  }

  /** Choose this place (degrees, CGCS2000) and move the map to it. @param {Place} place */
  set(place) {
    this.#take(place, true);
  }

  /** Choose the place the user pointed at on the map (degrees, CGCS2000). @param {Place} place */
  take(place) {
    this.#take(place, false);
  }

  /** Forget the place. */
  clear() {
    this.value = this.where = null;
    this.partCode = "";
    this.#facts.replaceChildren();
    this.#map()?.clear();
    const typed = this.#typed();
    if (typed) typed.value = "";
  }

  /** @returns {any} */
  #map() {
    return this.mapElement || this.querySelector("wm-map");
  }

  /** @returns {HTMLInputElement|null} */
  #typed() {
    return this.querySelector("input[data-coordinates]");
  }

  #read() {
    const field = /** @type {HTMLInputElement} */ (this.#typed());
    const found = field.value.trim().match(/^(-?\d+(?:\.\d+)?)[\s,，;]+(-?\d+(?:\.\d+)?)$/);
    const right = found && Math.abs(Number(found[1])) <= 180 && Math.abs(Number(found[2])) <= 90;
    field.setCustomValidity(right || !field.value ? "" : word("bad_coordinates"));
    field.reportValidity();
    if (found && right) this.#take({ lon: Number(found[1]), lat: Number(found[2]) }, true);
  }

  /** @param {GeolocationPosition} fix */
  #fixed({ coords }) {
    const rounded = Math.round(coords.accuracy);
    this.#take({ lon: coords.longitude, lat: coords.latitude }, true);
    this.dataset.accuracy = word(rounded > ROUGH_M ? "inaccurate" : "accuracy", { n: rounded });
  }

  /** @param {Place} place @param {boolean} move */
  async #take(place, move) {
    this.value = { lon: Number(place.lon.toFixed(7)), lat: Number(place.lat.toFixed(7)) };
    this.partCode = "";
    delete this.dataset.accuracy;
    if (move) this.#map()?.pin(place.lon, place.lat, 17);
    const typed = this.#typed();
    if (typed) typed.value = `${place.lon.toFixed(6)}, ${place.lat.toFixed(6)}`;
    await this.#ask(this.value);
    this.#changed();
  }

  /** @param {Place} place */
  async #ask({ lon, lat }) {
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    try {
      this.where = await call("GET", `/api/v1/locate?lon=${lon}&lat=${lat}`, { signal: asking.signal });
      this.#draw();
    } catch (fault) {
      if (asking.signal.aborted) return;
      this.where = null;
      this.#facts.replaceChildren(el("p", { class: "notice warn" }, /** @type {Problem} */ (fault).message));
    }
  }

  #draw() {
    const where = this.where;
    const rows = ["cell", "community", "street", "district"].filter((name) => where[name]);
    const named = (/** @type {any} */ one) => (typeof one === "string" ? one : one.name || one.code);
    const list = el("dl", {}, ...rows.flatMap((name) => [el("dt", {}, word(name)), el("dd", { class: name === "cell" ? "code" : "" }, named(where[name]))]));
    if (where.address) list.prepend(el("dt", {}, word("address")), el("dd", {}, where.address));
    const note = this.dataset.accuracy ? el("p", { class: "small muted mb-1" }, this.dataset.accuracy) : null;
    const inside = where.cell ? list : el("p", { class: "notice warn" }, word("outside"));
    this.#facts.replaceChildren(...[note, inside, this.#parts(where.parts || [])].filter((one) => one !== null));
  }

  /** @param {{code: string, name: string, distance: number}[]} parts */
  #parts(parts) {
    const near = parts.filter((part) => part.distance <= 50).slice(0, 6);
    if (!near.length) return el("p", { class: "small muted mb-0" }, word("no_parts"));
    const buttons = near.map((part) =>
      el("button", { type: "button", class: "btn btn-sm btn-plain", "aria-pressed": "false", "data-part": part.code, title: part.code, onclick: () => this.#choosePart(part) },
        `${part.name} · ${word("metres", { n: Math.round(part.distance) })}`));
    return el("div", { role: "group", "aria-label": word("parts_near"), class: "part-choice" }, ...buttons);
  }

  /** @param {{code: string}} part */
  #choosePart(part) {
    this.partCode = this.partCode === part.code ? "" : part.code;
    for (const button of this.querySelectorAll("[data-part]")) {
      button.setAttribute("aria-pressed", String(/** @type {HTMLElement} */ (button).dataset.part === this.partCode));
    }
    const chosen = (this.where.parts || []).find((/** @type {any} */ one) => one.code === this.partCode);
    this.dispatchEvent(new CustomEvent("wm:part", { bubbles: true, detail: { part: chosen || null } }));
    this.#changed();
  }

  /** @param {string} key */
  #say(key) {
    this.#facts.replaceChildren(el("p", { class: key === "no_position" ? "notice warn" : "muted" }, word(key)));
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("wm:place", { bubbles: true }));
  }
}

customElements.define("wm-place", WmPlace);
