/** The form of one part: its fields, its shape by typing or by clicks on the map, saving it. */
import { call, Problem, RetryKey } from "../api.mjs";
import { el, word } from "../words.mjs";

/** @typedef {{type: string, coordinates: any}} Geometry */

/** @param {string} text @returns {number[][]} the positions typed, one a line; throws the sentence that says which is none */
export function positions(text) {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.flatMap((line, at) => {
    if (!line) return [];
    const numbers = line.split(/[\s,，]+/).map(Number);
    if (numbers.length !== 2 || numbers.some((number) => !Number.isFinite(number))) throw new Error(word("part_bad_line", { n: at + 1 }));
    return [numbers];
  });
}

/** @param {string} kind point | line | polygon @param {number[][]} points @returns {Geometry} */
export function geometry(kind, points) {
  if (points.length === 1) return { type: "Point", coordinates: points[0] };
  if (kind === "line" && points.length > 1) return { type: "LineString", coordinates: points };
  if (kind === "polygon" && points.length > 2) return { type: "Polygon", coordinates: [[...points, points[0]]] };
  throw new Error(word("part_incomplete"));
}

/** Binds the form inside `drawer` and draws on `map`. */
export class PartForm {
  #key = new RetryKey();
  #drawing = false;
  #coordsBefore = "";

  /**
   * @param {HTMLFormElement} form
   * @param {{draw: (points: number[][], kind: string) => void, saved: (part: any) => void}} place
   */
  constructor(form, place) {
    this.form = form;
    this.place = place;
    this.#coordsBefore = this.coords?.value || "";
    /** @type {Record<string, string>} */
    this.before = this.#fields();
    form.addEventListener("submit", (event) => this.#save(event));
    form.addEventListener("input", () => this.#show());
    form.querySelector("[data-draw]")?.addEventListener("click", () => this.#toggle());
    this.#show();
  }

  get coords() {
    return /** @type {HTMLTextAreaElement|null} */ (this.form.querySelector("[name=coords]"));
  }

  get kind() {
    const chosen = /** @type {HTMLSelectElement|null} */ (this.form.querySelector("[name=kind]"))?.selectedOptions[0]?.dataset.geometry;
    return chosen || /** @type {HTMLElement|null} */ (this.form.querySelector(".part-place"))?.dataset.geometry || "point";
  }

  get drawing() {
    return this.#drawing && this.form.isConnected;
  }

  /** Take a click on the map as the next position. @param {number} lon @param {number} lat */
  click(lon, lat) {
    const area = this.coords;
    if (!area) return;
    const line = `${lon.toFixed(7)}, ${lat.toFixed(7)}`;
    area.value = this.kind === "point" || !area.value.trim() ? line : `${area.value.trim()}\n${line}`;
    this.#show();
  }

  #toggle() {
    this.#drawing = !this.#drawing;
    const button = /** @type {HTMLElement} */ (this.form.querySelector("[data-draw]"));
    button.setAttribute("aria-pressed", String(this.#drawing));
    button.textContent = word(this.#drawing ? "part_drawing" : "part_draw");
    // A new shape is drawn from its first position; what stood there comes back by closing the form.
    if (this.#drawing && this.coords) this.coords.value = "";
  }

  #show() {
    const told = this.form.querySelector("[data-points]");
    if (told) told.textContent = word(`part_points_${this.kind}`);
    try {
      this.place.draw(positions(this.coords?.value || ""), this.kind);
    } catch {
      // Half a line is no position yet; saving says which line is wrong.
    }
  }

  #fields() {
    const skipped = ["kind", "coords", "coord_sys", "reason"];
    return Object.fromEntries([...new FormData(this.form)].filter(([name]) => !skipped.includes(name)).map(([name, value]) => [name, String(value).trim()]));
  }

  #body() {
    const code = this.form.dataset.partForm;
    const now = this.#fields();
    const changes = Object.fromEntries(Object.entries(now).filter(([name, value]) => (code ? value !== this.before[name] : value)));
    const told = new FormData(this.form);
    /** @type {Record<string, any>} */
    const body = { changes, reason: String(told.get("reason") || ""), coord_sys: told.get("coord_sys") || "cgcs2000" };
    const moved = this.coords && this.coords.value.trim() !== this.#coordsBefore.trim();
    if (!code || moved) body.geometry = geometry(this.kind, positions(this.coords?.value || ""));
    if (code) body.seen = Number(this.form.dataset.seen);
    else body.kind = told.get("kind");
    return body;
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    const code = this.form.dataset.partForm;
    const button = /** @type {HTMLButtonElement} */ (this.form.querySelector("button:not([type=button])"));
    button.disabled = true;
    try {
      const body = this.#body();
      const url = code ? `/api/v1/parts/${code}/steps` : "/api/v1/parts";
      const part = await call("POST", url, { body, key: this.#key.for(body) });
      this.#key.spend();
      this.place.saved(part);
    } catch (fault) {
      this.#refused(/** @type {Error} */ (fault));
    }
    button.disabled = false;
  }

  /** Say what is wrong; after a conflict show what stands there now, and keep what was typed. @param {Error} fault */
  #refused(fault) {
    const notice = /** @type {HTMLElement} */ (this.form.querySelector("[role=alert]"));
    notice.replaceChildren(fault.message);
    if (fault instanceof Problem && fault.current) {
      const now = fault.current;
      this.form.dataset.seen = String(now.version);
      const mine = this.#fields();
      const other = Object.entries(mine).filter(([name, value]) => value !== String(now[name] ?? ""));
      notice.replaceChildren(el("p", {}, word("part_conflict")), el("ul", { class: "mb-0" }, ...other.map(([name, value]) => el("li", {}, `${this.#label(name)}: ${value || "—"} · ${word("part_now")}: ${now[name] || "—"}`))));
      this.before = Object.fromEntries(Object.keys(mine).map((name) => [name, String(now[name] ?? "")]));
    }
    notice.hidden = false;
    notice.focus();
  }

  /** @param {string} name */
  #label(name) {
    return this.form.querySelector(`[name=${name}]`)?.closest("label")?.firstChild?.textContent || name;
  }
}
