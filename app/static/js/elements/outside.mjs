/** `<wm-outside objects period>`: records one mark from outside (外评) for an object of the ranking. */
import { el, word } from "../words.mjs";
import { deed, facts, field, options } from "./deeds.mjs";

const KINDS = ["satisfaction", "media", "leader_mark", "questionnaire"];

class WmOutside extends HTMLElement {
  connectedCallback() {
    const kinds = KINDS.map((kind) => el("option", { value: kind }, word(`out_${kind}`)));
    const inside = [
      field(word("object"), "select", { name: "object", required: true }, .../** @type {Node[]} */ (options(this))),
      field(word("kind"), "select", { name: "kind" }, ...kinds),
      field(word("mark_value"), "input", { name: "value", type: "number", min: 0, max: 1_000_000, step: "0.01", required: true }),
      field(word("mark_day"), "input", { name: "day", type: "date", required: true, value: today() }),
      field(word("mark_asked"), "input", { name: "n", type: "number", min: 1, value: 1, required: true }),
      field(word("mark_note"), "input", { name: "note", maxlength: 500 }),
    ];
    const form = deed(word("mark_keep"), inside, ({ value, n, note, ...rest }) => {
      const body = { ...facts(this, ["objects", "level", "post"]), ...rest, value: Number(value), n: Number(n), ...(note ? { note } : {}) };
      return { url: "/api/v1/outside-marks", body };
    }, () => word("mark_kept"));
    this.replaceChildren(form);
  }
}

/** The city's day, as a date field takes it. */
function today() {
  return new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
}

customElements.define("wm-outside", WmOutside);
