/**
 * `<wm-photos capture>`: choose or take photos, see them at once, send each with its progress.
 *
 * `ids` are the photos the server has; `pending` is true while one is on its way or failed.
 * Fires `wm:photos` whenever that changes.
 */
import { sendPhoto } from "../api.mjs";
import { el, word } from "../words.mjs";

/** @typedef {{file: File, id: string|number|null, tile: HTMLElement, failed: boolean}} Shot */

export class WmPhotos extends HTMLElement {
  /** Where the device is, to be sent along; nobody knows unless its user agreed. @type {() => {lon: number, lat: number, accuracy_m: number}|null} */
  static where = () => null;
  /** @type {Shot[]} */
  #shots = [];
  /** @type {HTMLInputElement|null} */
  #input = null;

  connectedCallback() {
    if (this.#input) return;
    this.#input = /** @type {HTMLInputElement} */ (
      el("input", { type: "file", accept: "image/*", multiple: !this.hasAttribute("capture"), capture: this.hasAttribute("capture") && "environment",
        class: "visually-hidden", id: `${this.id || "photos"}-file`, onchange: () => this.#take() }));
    const label = el("label", { class: "btn btn-plain photo-add i-camera", for: this.#input.id }, word("add_photos"));
    this.append(el("div", { class: "photo-tiles" }), this.#input, label);
    addEventListener("online", () => this.#shots.filter((shot) => shot.failed).forEach((shot) => this.#send(shot)));
  }

  /** @returns {(string|number)[]} */
  get ids() {
    return this.#shots.filter((shot) => shot.id !== null).map((shot) => /** @type {string|number} */ (shot.id));
  }

  get pending() {
    return this.#shots.some((shot) => shot.id === null);
  }

  get count() {
    return this.#shots.length;
  }

  /** Open the camera or the file chooser. */
  open() {
    this.#input?.click();
  }

  /** Forget all photos. */
  clear() {
    for (const shot of [...this.#shots]) this.#remove(shot);
  }

  #take() {
    const files = Array.from(this.#input?.files || []);
    if (this.#input) this.#input.value = "";
    for (const file of files) this.#add(file);
  }

  /** @param {File} file */
  #add(file) {
    const name = word("photo", { n: this.#shots.length + 1 });
    const image = el("img", { src: URL.createObjectURL(file), alt: name });
    const tile = el("div", { class: "photo-tile" }, image, el("progress", { max: 100, value: 0, "aria-label": name }));
    /** @type {Shot} */
    const shot = { file, id: null, tile, failed: false };
    const drop = el("button", { type: "button", class: "photo-drop", "aria-label": word("remove_photo", { n: this.#shots.length + 1 }), onclick: () => this.#remove(shot) }, "×");
    tile.append(drop);
    this.#shots.push(shot);
    this.querySelector(".photo-tiles")?.append(tile);
    this.#send(shot);
  }

  /** @param {Shot} shot */
  async #send(shot) {
    shot.failed = false;
    shot.tile.querySelector(".photo-again")?.remove();
    const bar = /** @type {HTMLProgressElement} */ (shot.tile.querySelector("progress"));
    bar.hidden = false;
    this.#changed();
    try {
      const sent = await sendPhoto(shot.file, (percent) => (bar.value = percent), WmPhotos.where());
      shot.id = sent.id;
      bar.hidden = true;
      shot.tile.classList.add("sent");
    } catch (fault) {
      this.#fail(shot, /** @type {Error} */ (fault));
    }
    this.#changed();
  }

  /** @param {Shot} shot @param {Error} fault */
  #fail(shot, fault) {
    shot.failed = true;
    const again = el("button", { type: "button", class: "photo-again", title: fault.message, onclick: () => this.#send(shot) }, word("photo_failed"));
    shot.tile.append(again);
  }

  /** @param {Shot} shot */
  #remove(shot) {
    this.#shots = this.#shots.filter((other) => other !== shot);
    URL.revokeObjectURL(/** @type {HTMLImageElement} */ (shot.tile.querySelector("img")).src);
    shot.tile.remove();
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("wm:photos", { bubbles: true }));
  }
}

customElements.define("wm-photos", WmPhotos);
