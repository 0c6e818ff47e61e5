/**
 * `<wm-kind-picker>`: choose a kind of part or event by pinyin initials, pinyin, name or code.
 *
 * An ARIA combobox over the kinds in the page's `#kinds` block. `value` is the kind's id
 * ("E0102"); fires `wm:kind` {kind} when one is chosen.
 */
import { data, el, word } from "../words.mjs";

const SHOWN = 9;

/** @typedef {{id: string, code: string, family: string, name: string, name_en: string, big_name: string, initials: string, pinyin: string}} Kind */

/**
 * Return how well `kind` answers `typed`; 0 is not at all.
 * @param {Kind} kind @param {string} typed in lower case
 */
export function likeness(kind, typed) {
  const names = [kind.initials, kind.pinyin, kind.name, kind.code, kind.id.toLowerCase(), (kind.name_en || "").toLowerCase()];
  if (names.includes(typed)) return 4;
  if (names.some((name) => name.startsWith(typed))) return 3;
  if (kind.name.includes(typed) || kind.initials.includes(typed)) return 2;
  return names.some((name) => name.includes(typed)) || inOrder(kind.initials, typed) ? 1 : 0;
}

/** Say whether the letters of `typed` stand in `initials` in this order: "blj" finds "bllj". @param {string} initials @param {string} typed */
function inOrder(initials, typed) {
  let at = -1;
  return typed.length > 1 && [...typed].every((letter) => (at = initials.indexOf(letter, at + 1)) >= 0);
}

export class WmKindPicker extends HTMLElement {
  /** @type {Kind[]} */
  #kinds = [];
  /** @type {Kind[]} */
  #found = [];
  /** @type {Kind|null} */
  #chosen = null;
  #active = -1;
  #input = /** @type {HTMLInputElement} */ (document.createElement("input"));
  #list = el("ul", { role: "listbox", class: "kind-list", hidden: true });
  #status = el("span", { role: "status", class: "visually-hidden" });

  connectedCallback() {
    if (this.#kinds.length) return;
    this.#kinds = data("kinds") || [];
    const id = this.getAttribute("input-id") || "kind";
    this.#list.id = `${id}-list`;
    this.#list.setAttribute("aria-label", this.getAttribute("label") || "");
    const settings = { id, class: "form-control", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": this.#list.id, "aria-autocomplete": "list", placeholder: this.getAttribute("placeholder") || "" };
    for (const [name, value] of Object.entries(settings)) this.#input.setAttribute(name, value);
    this.append(this.#input, this.#list, this.#status);
    this.#bind();
  }

  get value() {
    return this.#chosen?.id || "";
  }

  set value(id) {
    const kind = this.#kinds.find((one) => one.id === id);
    if (kind) this.#choose(kind);
  }

  get kind() {
    return this.#chosen;
  }

  clear() {
    this.#chosen = null;
    this.#input.value = "";
    this.#close();
  }

  focus() {
    this.#input.focus();
  }

  #bind() {
    this.#input.addEventListener("input", () => this.#search());
    this.#input.addEventListener("focus", () => this.#input.select());
    this.#input.addEventListener("blur", () => this.#leave());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    // A press on the list must not take the focus from the field before the click arrives.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  #search() {
    this.#chosen = null;
    const typed = this.#input.value.trim().toLowerCase();
    const scored = this.#kinds.map((kind) => ({ kind, score: typed ? likeness(kind, typed) : 0 }));
    const good = scored.filter((one) => one.score).sort((a, b) => b.score - a.score || a.kind.name.length - b.kind.name.length);
    this.#found = good.slice(0, SHOWN).map((one) => one.kind);
    this.#active = this.#found.length ? 0 : -1;
    this.#draw(Boolean(typed));
  }

  /** @param {boolean} open */
  #draw(open) {
    const rows = this.#found.map((kind, index) => this.#row(kind, index));
    const none = el("li", { class: "muted", role: "option", "aria-disabled": "true", "aria-selected": "false" }, word("kinds_none"));
    this.#list.replaceChildren(...(rows.length ? rows : [none]));
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
    this.#status.textContent = open ? word("kinds_found", { n: this.#found.length }) : "";
    this.#point();
  }

  /** @param {Kind} kind @param {number} index */
  #row(kind, index) {
    return el("li", { role: "option", id: `${this.#list.id}-${index}`, "aria-selected": "false", onclick: () => this.#choose(kind) },
      el("strong", {}, this.#title(kind)), el("span", { class: "muted small" }, ` ${kind.big_name} · ${kind.code} · ${kind.initials}`));
  }

  #point() {
    const rows = Array.from(this.#list.children);
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === this.#active)));
    const on = this.#found[this.#active] && !this.#list.hidden;
    if (on) this.#input.setAttribute("aria-activedescendant", rows[this.#active].id);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || this.#list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#found.length) {
      this.#active = (this.#active + step + this.#found.length) % this.#found.length;
      this.#point();
    } else if (event.key === "Enter" && this.#found[this.#active]) this.#choose(this.#found[this.#active]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #leave() {
    // Leaving the field with one clear answer takes it: an agent types "bllj", Tab.
    if (!this.#chosen && !this.#list.hidden && this.#found[this.#active]) this.#choose(this.#found[this.#active]);
    this.#close();
  }

  /** @param {Kind} kind */
  #choose(kind) {
    this.#chosen = kind;
    this.#input.value = this.#title(kind);
    this.#close();
    this.dispatchEvent(new CustomEvent("wm:kind", { bubbles: true, detail: { kind } }));
  }

  /** @param {Kind} kind */
  #title(kind) {
    return document.documentElement.lang === "en" && kind.name_en ? kind.name_en : kind.name;
  }

  #close() {
    this.#found = [];
    this.#active = -1;
    this.#draw(false);
  }
}

customElements.define("wm-kind-picker", WmKindPicker);
