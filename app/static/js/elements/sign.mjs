/** `<wm-sign objects period>`: signs a period; the signature of a second person freezes it. */
import { el, word } from "../words.mjs";
import { deed, facts } from "./deeds.mjs";

class WmSign extends HTMLElement {
  connectedCallback() {
    const { objects, period, ...more } = facts(this);
    const url = `/api/v1/evaluations/${objects}/periods/${period}/signatures`;
    const anew = el("label", { class: "small" }, el("input", { type: "checkbox", name: "anew" }), " ", word("sign_anew"));
    const told = (/** @type {any} */ answer) => word(answer.frozen || answer.version ? "frozen" : "signed");
    this.replaceChildren(deed(word("sign_period"), [anew], ({ anew: wanted }) => ({ url, body: { ...more, ...(wanted ? { anew: true } : {}) } }), told));
  }
}

customElements.define("wm-sign", WmSign);
