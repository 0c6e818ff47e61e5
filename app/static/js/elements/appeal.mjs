/** `<wm-appeal objects object period>`: the way to appeal (申诉) from a score. */
import { el, word } from "../words.mjs";
import { deed, facts, field, options } from "./deeds.mjs";

class WmAppeal extends HTMLElement {
  connectedCallback() {
    const inside = [
      field(word("indicator"), "select", { name: "indicator", required: true }, .../** @type {Node[]} */ (options(this))),
      field(word("case_optional"), "input", { name: "case", maxlength: 60 }),
      field(word("reason"), "textarea", { name: "reason", required: true, maxlength: 2000, rows: 2 }),
    ];
    const form = deed(word("send_appeal"), inside, ({ indicator, case: number, reason }) => {
      const body = { ...facts(this), indicator, reason, ...(number ? { case: number } : {}) };
      return { url: "/api/v1/score-appeals", body };
    }, () => word("appeal_sent"));
    this.replaceChildren(el("details", { class: "appeal" }, el("summary", {}, word("appeal")), form));
  }
}

customElements.define("wm-appeal", WmAppeal);
