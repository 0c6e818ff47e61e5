/** `<wm-supervise case="uid" name="…">`: gives a supervision order (督办) from the red list. */
import { el, word } from "../words.mjs";
import { deed, field } from "./deeds.mjs";

class WmSupervise extends HTMLElement {
  connectedCallback() {
    const inside = [
      field(word("supervise_words"), "textarea", { name: "words", required: true, maxlength: 1000, rows: 2 }),
      field(word("supervise_limit"), "input", { name: "limit", type: "number", min: 1, max: 1000, value: 24, required: true }),
    ];
    const url = `/api/v1/cases/${this.getAttribute("case")}/orders`;
    const form = deed(word("supervise_send"), inside, ({ words, limit }) => ({ url, body: { words, limit: Number(limit), unit: "wh" } }), () => word("supervised"));
    this.replaceChildren(el("details", {}, el("summary", { class: "btn btn-sm btn-plain" }, word("supervise"), el("span", { class: "visually-hidden" }, ` ${this.getAttribute("name")}`)), form));
  }
}

customElements.define("wm-supervise", WmSupervise);
