/**
 * `<wm-kind-picker>`: choose a kind of part or event by pinyin initials, pinyin, name or code.
 *
 * An ARIA combobox over the kinds in the page's `#kinds` block. `value` is the kind's id
 * ("E0102"); fires `wm:kind` {kind} when one is chosen.
 */
import { data, el } from "../words.mjs";
import { Combobox } from "./combobox.mjs";

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

/** @extends {Combobox<Kind>} */
export class WmKindPicker extends Combobox {
  /** @type {Kind[]} */
  #kinds = data("kinds") || [];

  get value() {
    return this.chosen?.id || "";
  }

  set value(id) {
    const kind = this.#kinds.find((one) => one.id === id);
    if (kind) this.take(kind);
  }

  get kind() {
    return this.chosen;
  }

  /** @override @param {string} typed */
  find(typed) {
    const scored = this.#kinds.map((kind) => ({ kind, score: likeness(kind, typed.toLowerCase()) }));
    const good = scored.filter((one) => one.score).sort((a, b) => b.score - a.score || a.kind.name.length - b.kind.name.length);
    return good.slice(0, SHOWN).map((one) => one.kind);
  }

  /** @override @param {Kind} kind */
  line(kind) {
    return [el("strong", {}, this.called(kind)), el("span", { class: "muted small" }, ` ${kind.big_name} · ${kind.code} · ${kind.initials}`)];
  }

  /** @override @param {Kind} kind */
  called(kind) {
    return document.documentElement.lang === "en" && kind.name_en ? kind.name_en : kind.name;
  }

  /** @override @param {Kind} kind */
  taken(kind) {
    this.dispatchEvent(new CustomEvent("wm:kind", { bubbles: true, detail: { kind } }));
  }
}

customElements.define("wm-kind-picker", WmKindPicker);
