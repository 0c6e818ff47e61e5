/**
 * `<wm-sheet case="uid">` around a button and a status: asks for the case sheet (案卷单), waits until the
 * worker has written it, opens the PDF.
 */
import { Problem, call, uuid } from "../api.mjs";

const LOOK_MS = 700;
const OVER = new Set(["done", "failed", "refused", "cancelled"]);

export class WmSheet extends HTMLElement {
  connectedCallback() {
    this.querySelector("button")?.addEventListener("click", () => this.#print());
  }

  async #print() {
    const button = /** @type {HTMLButtonElement} */ (this.querySelector("button"));
    const said = /** @type {HTMLElement} */ (this.querySelector("[role=status]"));
    button.disabled = true;
    said.textContent = this.getAttribute("doing");
    try {
      const { job } = await call("POST", `/api/v1/cases/${this.getAttribute("case")}/sheets`, { body: {}, key: uuid() });
      const made = await this.#ended(job);
      said.textContent = made.state === "done" ? "" : made.error || this.getAttribute("failed");
      if (made.state === "done") location.assign(`/cases/${this.getAttribute("case")}/sheet.pdf?job=${job}`);
    } catch (fault) {
      said.textContent = /** @type {Problem} */ (fault).message;
    } finally {
      button.disabled = false;
    }
  }

  /** @param {number} job */
  async #ended(job) {
    for (;;) {
      const found = await call("GET", `/api/v1/jobs/${job}`);
      if (OVER.has(found.state)) return found;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}

customElements.define("wm-sheet", WmSheet);
