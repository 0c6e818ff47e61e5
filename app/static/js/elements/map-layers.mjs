/** The layers of the register on a map: which there are, which the reader chose, and the switch with the legend. */
import { call } from "../api.mjs";
import { NOTHING } from "../map-style.mjs";
import { el, uid } from "../words.mjs";

const KEY = "wm-layers";

/** @typedef {import("../map-style.mjs").Own} Own */
/** @typedef {import("../map-style.mjs").Register} Register */

/** @type {Promise<Register & {title?: string, empty?: string}>|null} */
let asked = null;

/** Return what the register offers to this reader; a map without it is still a map. */
export function register() {
  asked ||= call("GET", "/api/v1/layers").catch(() => NOTHING);
  return asked;
}

/** Return the names of the layers this reader switched on. @returns {string[]} */
export function chosen() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(kept) ? kept.map(String) : [];
  } catch {
    return [];
  }
}

/** @param {string} name @param {boolean} shown */
function keep(name, shown) {
  const names = chosen().filter((one) => one !== name);
  localStorage.setItem(KEY, JSON.stringify(shown ? [...names, name] : names));
}

/**
 * Return the switch for the layers of `from`, null where there are none.
 * @param {Register & {title?: string}} from
 * @param {() => string} on the ground the map shows now
 * @param {(one: Own, shown: boolean) => void} onSwitch
 */
export function switcher(from, on, onSwitch) {
  if (!from.items.length) return null;
  return el("details", { class: "map-layers" },
    el("summary", {}, from.title || ""),
    el("ul", {}, ...from.items.map((one) => row(one, on, onSwitch))));
}

/** @param {Own} one @param {() => string} on @param {(one: Own, shown: boolean) => void} onSwitch */
function row(one, on, onSwitch) {
  const id = uid("layer");
  const legend = legendOf(one, on());
  const shown = chosen().includes(one.name);
  legend.hidden = !shown || !legend.children.length;
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", class: "form-check-input", id, checked: shown }));
  box.addEventListener("change", () => {
    keep(one.name, box.checked);
    legend.hidden = !box.checked || !legend.children.length;
    onSwitch(one, box.checked);
  });
  return el("li", {}, el("span", { class: "map-layer" }, box, el("label", { for: id, title: one.source }, one.title)), legend);
}

/** @param {Own} one @param {string} on */
function legendOf(one, on) {
  return el("ul", { class: "legend" }, ...one.legend.filter((each) => each.label).map((each) => el("li", {}, el("i", { style: `background:${each.color[on]}`, "aria-hidden": "true" }), each.label)));
}
