/**
 * The base of fields that offer answers while one types: an ARIA combobox with a list below it.
 *
 * A descendant says what is found for what was typed (at once or later), how an answer reads in the
 * list and in the field, and is told which one was taken.
 */
import { el, word } from "../words.mjs";

/** @template Item */
export class Combobox extends HTMLElement {
  /** @type {Item[]} */
  #found = [];
  /** @type {Item|null} */
  #chosen = null;
  #active = -1;
  #asked = 0;
  #input = /** @type {HTMLInputElement} */ (document.createElement("input"));
  #list = el("ul", { role: "listbox", class: "choices", hidden: true });
  #status = el("span", { role: "status", class: "visually-hidden" });

  connectedCallback() {
    if (this.#input.isConnected) return;
    const id = this.getAttribute("input-id") || "field";
    this.#list.id = `${id}-list`;
    this.#list.setAttribute("aria-label", this.getAttribute("label") || "");
    const settings = { id, class: "form-control", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false",
      "aria-expanded": "false", "aria-controls": this.#list.id, "aria-autocomplete": "list", placeholder: this.getAttribute("placeholder") || "" };
    for (const [name, value] of Object.entries(settings)) this.#input.setAttribute(name, value);
    this.append(this.#input, this.#list, this.#status);
    this.#bind();
  }

  /** Return what answers `typed`, the best first. @param {string} typed trimmed @returns {Item[]|Promise<Item[]|null>} null leaves the list as it is */
  find(typed) {
    throw new Error(`nobody finds ${typed}`);
  }

  /** Return what stands in the list for `item`. @param {Item} item @returns {(Node|string)[]} */
  line(item) {
    return [this.called(item)];
  }

  /** Return what stands in the field once `item` is taken. @param {Item} item @returns {string} */
  called(item) {
    return String(item);
  }

  /** `item` was taken. @param {Item} item */
  taken(item) {
    throw new Error(`nobody takes ${item}`);
  }

  /** The words of the status and of an empty list. */
  words = { found: "kinds_found", none: "kinds_none" };

  get chosen() {
    return this.#chosen;
  }

  /** What stands in the field. */
  get typed() {
    return this.#input.value.trim();
  }

  clear() {
    this.#chosen = null;
    this.#input.value = "";
    this.#close();
  }

  focus() {
    this.#input.focus();
  }

  /** Take `item`. @param {Item} item */
  take(item) {
    this.#chosen = item;
    this.#input.value = this.called(item);
    this.#close();
    this.taken(item);
  }

  #bind() {
    this.#input.addEventListener("input", () => this.#search());
    this.#input.addEventListener("focus", () => this.#input.select());
    this.#input.addEventListener("blur", () => this.#leave());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    // A press on the list must not take the focus from the field before the click arrives.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
  }

  async #search() {
    this.#chosen = null;
    const asked = (this.#asked += 1);
    const answer = this.typed ? this.find(this.typed) : [];
    const found = answer instanceof Promise ? await answer : answer;
    if (asked !== this.#asked || found === null) return;
    this.#found = found;
    this.#active = found.length ? 0 : -1;
    this.#draw(Boolean(this.typed));
  }

  /** @param {boolean} open */
  #draw(open) {
    const rows = this.#found.map((item, index) => el("li", { role: "option", id: `${this.#list.id}-${index}`, "aria-selected": "false", onclick: () => this.take(item) }, ...this.line(item)));
    const none = el("li", { class: "muted", role: "option", "aria-disabled": "true", "aria-selected": "false" }, word(this.words.none));
    this.#list.replaceChildren(...(rows.length ? rows : [none]));
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
    this.#status.textContent = open ? word(this.words.found, { n: this.#found.length }) : "";
    this.#point();
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
    } else if (event.key === "Enter" && this.#found[this.#active]) this.take(this.#found[this.#active]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #leave() {
    // Leaving the field with one clear answer takes it: an agent types "bllj", Tab.
    if (!this.#chosen && !this.#list.hidden && this.#found[this.#active]) this.take(this.#found[this.#active]);
    this.#close();
  }

  #close() {
    this.#asked += 1;
    this.#found = [];
    this.#active = -1;
    this.#draw(false);
  }
}
