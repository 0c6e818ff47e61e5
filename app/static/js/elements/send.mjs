/**
 * `<wm-send post="/api/v1/…" label="Urge">` around a form: sends its fields as JSON, once, and says why not.
 *
 * Numbers come from `type=number`, truths from check boxes. Inside a case it fires `wm:acted`
 * {uid, label} afterwards, elsewhere the page is read again.
 */
import { Problem, RetryKey, call } from "../api.mjs";
import { el } from "../words.mjs";

export class WmSend extends HTMLElement {
  #key = new RetryKey();
  #told = el("p", { class: "notice bad", role: "alert", hidden: true });

  connectedCallback() {
    const form = this.querySelector("form");
    if (!form || this.#told.isConnected) return;
    form.prepend(this.#told);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(form, /** @type {SubmitEvent} */ (event).submitter);
    });
  }

  /** True while something is typed that was not sent: the page must not redraw it under the hands. */
  get busy() {
    const fields = [...this.querySelectorAll("textarea, input")];
    return fields.some((field) => /** @type {HTMLInputElement} */ (field).value !== /** @type {HTMLInputElement} */ (field).defaultValue);
  }

  /** @param {HTMLFormElement} form @param {HTMLElement|null} by the button that was pressed */
  async #send(form, by) {
    const body = { ...bodyOf(form), ...(by instanceof HTMLButtonElement && by.name ? { [by.name]: by.value } : {}) };
    if (by instanceof HTMLButtonElement) by.disabled = true;
    try {
      await call("POST", this.getAttribute("post") || "", { body, key: this.#key.for(body) });
      this.#done(form);
    } catch (fault) {
      this.#refused(form, /** @type {Problem} */ (fault));
    } finally {
      if (by instanceof HTMLButtonElement) by.disabled = false;
    }
  }

  /** @param {HTMLFormElement} form */
  #done(form) {
    this.#key.spend();
    // What was sent is typed no more: the case may be drawn anew over it.
    form.reset();
    this.#told.hidden = true;
    const uid = this.closest("article.case")?.getAttribute("data-uid");
    if (uid) this.dispatchEvent(new CustomEvent("wm:acted", { bubbles: true, detail: { uid, label: this.getAttribute("label") || "" } }));
    else location.reload();
  }

  /** @param {HTMLFormElement} form @param {Problem} fault */
  #refused(form, { message, fields }) {
    this.#told.hidden = false;
    this.#told.textContent = message;
    const [first = ""] = Object.keys(fields || {});
    /** @type {HTMLElement|null} */ (form.elements.namedItem(first))?.focus();
  }
}

/** @param {HTMLFormElement} form */
function bodyOf(form) {
  /** @type {Record<string, unknown>} */
  const body = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement) || !field.name) continue;
    if (field.type === "checkbox") body[field.name] = /** @type {HTMLInputElement} */ (field).checked;
    else if (field.type === "number") body[field.name] = field.value === "" ? null : Number(field.value);
    else body[field.name] = field.value.trim();
  }
  return body;
}

customElements.define("wm-send", WmSend);
