/** The fields an action asks for, and the answers in them. */
import "./elements/alike.mjs";
import "./elements/photos.mjs";
import { el, word } from "./words.mjs";

const FEW = 4;

/** @typedef {{value: string, label: string}} Option */
/** @typedef {{name: string, type: string, required: boolean, label: string, options?: Option[]}} Ask */
/** @typedef {{text: string, input: HTMLElement|null}} Missing */

/**
 * Return the field for one ask: text, longtext, photos, choice, choices, bool, date or case.
 * @param {Ask} ask @param {string} id
 */
export function field(ask, id) {
  const few = ask.type === "choice" && (ask.options || []).length <= FEW;
  if (ask.type === "bool" || few) return radios(ask, id);
  if (ask.type === "choices") return checks(ask, id);
  if (ask.type === "case") return other(ask, id);
  if (ask.type === "photos") return group(ask, el("wm-photos", { id, "data-name": ask.name }));
  const label = el("label", { class: "form-label", for: id }, ask.label, star(ask));
  return el("div", { class: "field" }, label, plain(ask, id));
}

/** @param {Ask} ask @param {string} id */
function plain(ask, id) {
  const common = { id, name: ask.name, required: ask.required };
  if (ask.type === "choice") {
    const options = (ask.options || []).map((one) => el("option", { value: one.value }, one.label));
    return el("select", { ...common, class: "form-select" }, el("option", { value: "" }, word("choose")), ...options);
  }
  if (ask.type === "longtext") return el("textarea", { ...common, class: "form-control", rows: 3 });
  const type = ask.type === "date" ? "date" : "text";
  return el("input", { ...common, class: "form-control", type, autocomplete: "off" });
}

/** A case named by its number, chosen from those that may be about the same. @param {Ask} ask @param {string} id */
function other(ask, id) {
  const input = plain(ask, id);
  const found = el("wm-alike", { "data-for": id });
  return el("div", { class: "field" }, el("label", { class: "form-label", for: id }, ask.label, star(ask)), input, found);
}

/** @param {Ask} ask @param {string} id */
function checks(ask, id) {
  const choices = (ask.options || []).map((one, index) =>
    el("label", { class: "form-check", for: `${id}-${index}` },
      el("input", { class: "form-check-input", type: "checkbox", name: ask.name, value: one.value, id: `${id}-${index}` }), one.label));
  return group(ask, el("div", { class: "choices many" }, ...choices));
}

/** @param {Ask} ask @param {string} id */
function radios(ask, id) {
  const options = ask.type === "bool" ? [{ value: "true", label: word("yes") }, { value: "false", label: word("no") }] : ask.options || [];
  const choices = options.map((one, index) =>
    el("label", { class: "form-check", for: `${id}-${index}` },
      el("input", { class: "form-check-input", type: "radio", name: ask.name, value: one.value, id: `${id}-${index}`, required: ask.required }), one.label));
  return group(ask, el("div", { class: "choices" }, ...choices));
}

/** @param {Ask} ask @param {HTMLElement} inside */
function group(ask, inside) {
  return el("fieldset", { class: "field" }, el("legend", { class: "form-label" }, ask.label, star(ask)), inside);
}

/** @param {Ask} ask */
function star(ask) {
  return ask.required ? el("span", { class: "req", "aria-hidden": "true" }, "*") : null;
}

/**
 * Return the answers in `form`, and the first thing that is still missing.
 * @param {HTMLFormElement} form @param {Ask[]} asks
 * @returns {{answers: Record<string, unknown>, missing: Missing|null}}
 */
export function answersOf(form, asks) {
  /** @type {Record<string, unknown>} */
  const answers = {};
  /** @type {Missing|null} */
  let missing = null;
  for (const ask of asks) {
    const value = answer(form, ask);
    const empty = value === "" || value === null || (Array.isArray(value) && !value.length);
    if (!empty) answers[ask.name] = value;
    missing ||= lack(form, ask, empty);
  }
  return { answers, missing };
}

/** @param {HTMLFormElement} form @param {Ask} ask @param {boolean} empty @returns {Missing|null} */
function lack(form, ask, empty) {
  const photos = photosOf(form, ask);
  if (photos?.pending) return { text: word("photo_waiting"), input: null };
  if (!empty || !ask.required) return null;
  const input = /** @type {HTMLElement|null} */ ((photos || form).querySelector(photos ? "input" : `[name="${CSS.escape(ask.name)}"]`));
  return { text: word("required", { label: ask.label }), input };
}

/** @param {HTMLFormElement} form @param {Ask} ask @returns {any} */
function photosOf(form, ask) {
  return ask.type === "photos" ? form.querySelector(`wm-photos[data-name="${CSS.escape(ask.name)}"]`) : null;
}

/** @param {HTMLFormElement} form @param {Ask} ask @returns {unknown} */
function answer(form, ask) {
  if (ask.type === "choices") return new FormData(form).getAll(ask.name);
  if (ask.type === "photos") return photosOf(form, ask)?.ids || [];
  const value = new FormData(form).get(ask.name);
  if (ask.type === "bool") return value === null ? null : value === "true";
  return typeof value === "string" ? value.trim() : value;
}
