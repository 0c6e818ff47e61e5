/** <wm-upload name="upload" accept=".csv,.xlsx">: send one file, see how far it is; the form gets its id. */
import { Problem } from "../api.mjs";
import { el, uid as number, word } from "../words.mjs";

/** @typedef {{id: string, name: string, bytes: number}} Sent */

class WmUpload extends HTMLElement {
  /** What was sent, null before. @type {Sent|null} */
  sent = null;
  #input = /** @type {HTMLInputElement} */ (el("input", { type: "file", class: "form-control", onchange: () => this.#take(this.#input.files) }));
  #hidden = /** @type {HTMLInputElement} */ (el("input", { type: "hidden" }));
  #bar = /** @type {HTMLProgressElement} */ (el("progress", { max: 100, hidden: true, "aria-label": word("upload_progress") }));
  #told = el("p", { class: "small mb-0", role: "status" });

  connectedCallback() {
    if (this.#input.isConnected) return;
    const id = number("upload");
    this.#input.id = id;
    this.#input.accept = this.getAttribute("accept") || "";
    this.#hidden.name = this.getAttribute("name") || "upload";
    this.append(el("label", { class: "form-label", for: id }, this.getAttribute("label") || word("upload_label")), this.#input, this.#bar, this.#told, this.#hidden);
    this.addEventListener("dragover", (event) => this.#over(event, true));
    this.addEventListener("dragleave", (event) => this.#over(event, false));
    this.addEventListener("drop", (event) => {
      this.#over(event, false);
      this.#take(event.dataTransfer?.files || null);
    });
  }

  /** @param {DragEvent} event @param {boolean} over */
  #over(event, over) {
    event.preventDefault();
    this.classList.toggle("over", over);
  }

  /** @param {FileList|null} files */
  async #take(files) {
    const file = files?.[0];
    if (!file) return;
    this.#bar.hidden = false;
    this.#told.textContent = file.name;
    try {
      this.sent = await send(file, (percent) => (this.#bar.value = percent));
      this.#hidden.value = this.sent.id;
      this.#told.textContent = word("upload_done", { name: this.sent.name, size: (this.sent.bytes / 1e6).toFixed(1) });
      this.dispatchEvent(new CustomEvent("wm:upload", { bubbles: true, detail: this.sent }));
    } catch (fault) {
      this.#hidden.value = "";
      this.#told.textContent = /** @type {Error} */ (fault).message;
    }
    this.#bar.hidden = true;
  }
}

/** @param {File} file @param {(percent: number) => void} onProgress @returns {Promise<Sent>} */
function send(file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `/api/v1/uploads?name=${encodeURIComponent(file.name)}`);
    request.responseType = "json";
    request.setRequestHeader("X-CSRF-Token", /** @type {HTMLMetaElement} */ (document.querySelector("meta[name=csrf]")).content);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onProgress(Math.round((100 * event.loaded) / event.total));
    request.onerror = () => reject(new Problem(0, { detail: word("unreachable") }));
    request.onload = () => (request.status === 201 ? resolve(request.response) : reject(new Problem(request.status, request.response || {})));
    request.send(file);
  });
}

customElements.define("wm-upload", WmUpload);
