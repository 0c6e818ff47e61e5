/** `<wm-take objects period>`: has a file of the ranking written in the background, and offers it. */
import { call, uuid } from "../api.mjs";
import { el, word } from "../words.mjs";
import { facts } from "./deeds.mjs";
import { follow } from "./job.mjs";

const FORMATS = ["xlsx", "pdf", "png", "map"];

class WmTake extends HTMLElement {
  #told = el("div", { role: "status", class: "taken" });

  connectedCallback() {
    const formats = this.getAttribute("objects") === "regions" ? FORMATS : FORMATS.filter((one) => one !== "map");
    const buttons = formats.map((format) => el("button", { type: "button", class: "btn btn-sm btn-plain", "data-format": format, onclick: () => this.#ask(format) }, word(`take_${format}`)));
    this.replaceChildren(el("div", { class: "units", role: "group", "aria-label": word("take_away") }, ...buttons), this.#told);
  }

  /** @param {string} format */
  async #ask(format) {
    this.#told.textContent = word("take_waits");
    try {
      const { job } = await call("POST", "/api/v1/evaluation-exports", { body: { ...facts(this), format }, key: uuid() });
      const bar = /** @type {HTMLProgressElement} */ (el("progress", { "aria-label": word("take_waits") }));
      this.#told.append(bar);
      const done = await follow(job);
      if (done.state !== "done") throw new Error(done.error || word("failed"));
      const { name } = done.result;
      this.#told.replaceChildren(el("a", { href: `/api/v1/evaluation-exports/${job}`, download: name }, word("take_ready", { name })));
    } catch (fault) {
      this.#told.replaceChildren(el("p", { class: "notice bad", role: "alert" }, /** @type {Error} */ (fault).message));
    }
  }
}

customElements.define("wm-take", WmTake);
