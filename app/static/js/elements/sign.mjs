/** `<wm-sign objects period>`: signs a period; the signature of a second person freezes it. */
import { word } from "../words.mjs";
import { deed, facts } from "./deeds.mjs";

class WmSign extends HTMLElement {
  connectedCallback() {
    const { objects, period, ...more } = facts(this);
    const url = `/api/v1/evaluations/${objects}/periods/${period}/signatures`;
    const told = (/** @type {any} */ answer) => word(answer.frozen || answer.version ? "frozen" : "signed");
    this.replaceChildren(deed(word("sign_period"), [], () => ({ url, body: more }), told));
  }
}

customElements.define("wm-sign", WmSign);
