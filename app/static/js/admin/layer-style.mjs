/** The style editor: the form beside the map; what the map draws is what the server would publish. */
import { call } from "../api.mjs";
import { GROUNDS } from "../map-style.mjs";
import { el, uid, word } from "../words.mjs";

const PAUSE_MS = 200;
const LEAST_CONTRAST = 3;

/** @typedef {import("../elements/map.mjs").WmMap} WmMap */
/** @typedef {{value: string, label: string, color: Record<string, string>}} Row */

/**
 * Let the layer's style be edited; does nothing on a page without such a form.
 * @param {any} layer
 * @param {WmMap} map
 * @param {(document: object) => void} save
 * @param {(fault: unknown) => void} refused
 */
export function edit(layer, map, save, refused) {
  const tokens = /** @type {HTMLFormElement|null} */ (document.getElementById("tokens"));
  const form = /** @type {HTMLFormElement|null} */ (document.getElementById("style"));
  if (tokens) editTokens(tokens, layer, map, save);
  else if (form) new Editor(form, layer, map, save, refused);
}

/** Return the contrast of two colours (WCAG 2.2). @param {string} a @param {string} b */
export function contrast(a, b) {
  const light = (/** @type {string} */ hex) => {
    const [r, g, bl] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [hi, lo] = [light(a), light(b)].sort((x, y) => y - x);
  return (hi + 0.05) / (lo + 0.05);
}

/** @param {string} ink @param {string} land */
function hint(ink, land) {
  const n = contrast(ink, land);
  const place = /** @type {HTMLElement} */ (document.getElementById("contrast"));
  place.textContent = `${n < LEAST_CONTRAST ? "▲ " : "✓ "}${word(n < LEAST_CONTRAST ? "low" : "enough", { n: n.toFixed(1) })}`;
}

/** @param {HTMLFormElement} form @returns {string} */
function groundOf(form) {
  return String(new FormData(form).get("ground"));
}

/** @param {HTMLFormElement} form @param {any} layer @param {WmMap} map @param {(document: object) => void} save */
function editTokens(form, layer, map, save) {
  /** @type {Record<string, Record<string, string>>} */
  const chosen = structuredClone(layer.document?.tokens || {});
  const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll("input[type=color]")]);
  const shown = () => {
    const on = groundOf(form);
    const colours = { ...GROUNDS[on], ...chosen[on] };
    for (const input of inputs) input.value = colours[input.name].slice(0, 7);
    hint(colours.text.slice(0, 7), colours.land);
    map.setAttribute("ground", on);
    map.preview({ tokens: chosen, items: [] }, []);
  };
  form.addEventListener("input", (event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (input.type === "color") (chosen[groundOf(form)] ||= {})[input.name] = input.value;
    shown();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save({ tokens: chosen });
  });
  shown();
}

class Editor {
  /** @type {any} */
  #style;
  #waiting = 0;

  /** @param {HTMLFormElement} form @param {any} layer @param {WmMap} map @param {(document: object) => void} save @param {(fault: unknown) => void} refused */
  constructor(form, layer, map, save, refused) {
    this.form = form;
    this.layer = layer;
    this.map = map;
    this.refused = refused;
    this.#style = structuredClone(layer.document);
    this.#fill();
    form.addEventListener("input", (event) => this.#take(/** @type {HTMLInputElement} */ (event.target)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      save(this.#style);
    });
    document.getElementById("class-add")?.addEventListener("click", () => this.#add("", ""));
    document.getElementById("class-fill")?.addEventListener("click", () => this.#common());
    this.#draw();
  }

  /** @param {string} name @returns {HTMLInputElement} */
  #field(name) {
    return /** @type {any} */ (this.form.elements.namedItem(name));
  }

  #fill() {
    const on = groundOf(this.form);
    for (const name of ["color", "outline"]) this.#field(name).value = this.#style[name][on];
    for (const name of ["width", "radius", "opacity", "label"]) this.#field(name).value = this.#style[name];
    this.#field("field").value = this.#style.classes.field;
    this.#list();
  }

  /** @param {HTMLInputElement} input */
  #take(input) {
    const on = groundOf(this.form);
    if (input.name === "ground") this.#fill();
    else if (input.name === "color" || input.name === "outline") this.#style[input.name][on] = input.value;
    else if (input.name === "field") this.#style.classes.field = input.value;
    else if (input.name === "label") this.#style.label = input.value;
    else if (["width", "radius", "opacity"].includes(input.name)) this.#style[input.name] = Number(input.value);
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.#draw(), PAUSE_MS);
  }

  /** @param {string} value @param {string} hue */
  #add(value, hue) {
    const color = hue ? Object.fromEntries(Object.keys(GROUNDS).map((on) => [on, hue])) : { ...this.#style.color };
    this.#style.classes.rows.push({ value, label: "", color });
    this.#list();
    this.#draw();
  }

  /** Make a class of each of the commonest values, in hues that stand apart. */
  #common() {
    const statistics = JSON.parse(document.getElementById("statistics")?.textContent || "null");
    const found = statistics?.attributes?.find((/** @type {any} */ one) => one.key === this.#style.classes.field);
    if (!found) return this.#field("field").focus();
    this.#style.classes.rows = [];
    found.common.forEach((/** @type {[string, number]} */ [value], /** @type {number} */ n) => this.#add(value, HUES[n % HUES.length]));
  }

  #list() {
    const on = groundOf(this.form);
    const rows = /** @type {Row[]} */ (this.#style.classes.rows);
    document.getElementById("classes")?.replaceChildren(...rows.map((row, n) => {
      const [a, b] = [uid("value"), uid("label")];
      const text = (/** @type {string} */ id, /** @type {"value"|"label"} */ what) => el("input", { class: "form-control", id, value: row[what], oninput: (/** @type {Event} */ event) => (row[what] = /** @type {HTMLInputElement} */ (event.target).value) });
      return el("li", {},
        el("input", { type: "color", value: row.color[on], "aria-label": word("class_n", { n: n + 1 }), oninput: (/** @type {Event} */ event) => (row.color[on] = /** @type {HTMLInputElement} */ (event.target).value) }),
        el("label", { class: "visually-hidden", for: a }, word("class_value")), text(a, "value"),
        el("label", { class: "visually-hidden", for: b }, word("class_label")), text(b, "label"),
        el("button", { type: "button", class: "btn btn-sm btn-plain", "aria-label": word("class_remove", { n: n + 1 }), onclick: () => this.#drop(row) }, "✕"));
    }));
  }

  /** @param {Row} row */
  #drop(row) {
    this.#style.classes.rows = this.#style.classes.rows.filter((/** @type {Row} */ one) => one !== row);
    this.#list();
    this.#draw();
  }

  async #draw() {
    const on = groundOf(this.form);
    hint(this.#style.color[on], GROUNDS[on].land);
    try {
      const layers = await call("POST", `/api/v1/layers/${this.layer.name}/preview`, { body: { document: this.#style } });
      this.map.setAttribute("ground", on);
      const published = this.layer.version_id || !this.layer.is_own;
      const items = published ? [{ name: this.layer.name, title: "", source: "", min_zoom: this.layer.min_zoom, layers, legend: [] }] : [];
      this.map.preview({ tokens: {}, items }, [this.layer.name]);
    } catch (fault) {
      this.refused(fault);
    }
  }
}

/** Eight hues that eyes of all kinds tell apart (after Okabe and Ito). */
const HUES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#a67c00", "#56b4e9", "#8b3fa0", "#4a5868"];
