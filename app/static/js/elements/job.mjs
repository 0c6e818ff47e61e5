/** <wm-job job="17" state="running">title</wm-job>: a background job, how far it is, its end. */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";

const SOON_MS = 700;
const OVER = ["done", "refused", "cancelled", "failed"];

/** @typedef {{id: number, title: string, state: string, done: number, total: number|null, note: string, result: any, error: string|null}} Job */

/** Follow job `id` until it is over and return it. @param {number} id @param {(job: Job) => void} [onTold] @returns {Promise<Job>} */
export async function follow(id, onTold = () => {}) {
  for (;;) {
    const job = await call("GET", `/api/v1/jobs/${id}`);
    onTold(job);
    if (OVER.includes(job.state)) return job;
    await new Promise((resolve) => setTimeout(resolve, SOON_MS));
  }
}

class WmJob extends HTMLElement {
  /** @type {Node[]} */
  #title = [];
  /** @type {HTMLElement} */
  #state = el("span", { class: "job-state" });
  /** @type {HTMLProgressElement} */
  #bar = /** @type {HTMLProgressElement} */ (el("progress", { "aria-label": word("job_progress"), max: 1 }));
  #button = el("button", { type: "button", class: "btn btn-sm btn-plain", onclick: () => this.#stop() }, word("job_cancel"));
  #words = el("div", { class: "small" });

  connectedCallback() {
    if (this.#title.length) return;
    this.#title = [...this.childNodes];
    this.replaceChildren(el("div", { class: "job-line" }, ...this.#title, this.#state, this.#button), this.#bar, this.#words);
    this.#follow();
  }

  async #follow() {
    try {
      const job = await follow(Number(this.getAttribute("job")), (told) => this.#show(told));
      this.dispatchEvent(new CustomEvent("wm:job", { bubbles: true, detail: job }));
    } catch (fault) {
      this.#words.textContent = /** @type {Error} */ (fault).message;
    }
  }

  /** @param {Job} job */
  #show(job) {
    const over = OVER.includes(job.state);
    this.#state.dataset.state = job.state;
    this.#state.textContent = word(`job_${job.state}`);
    this.#bar.hidden = this.#button.hidden = over;
    if (job.total) Object.assign(this.#bar, { max: job.total, value: Math.min(job.done, job.total) });
    else this.#bar.removeAttribute("value");
    this.#words.classList.toggle("job-reason", Boolean(job.error));
    const count = job.total ? word("job_of", { done: job.done.toLocaleString(), total: job.total.toLocaleString() }) : job.done ? word("job_count", { done: job.done.toLocaleString() }) : "";
    this.#words.textContent = job.error || [over ? "" : job.note, count].filter(Boolean).join(" · ");
  }

  async #stop() {
    this.#button.setAttribute("disabled", "");
    await call("POST", `/api/v1/jobs/${this.getAttribute("job")}/cancel`);
  }
}

customElements.define("wm-job", WmJob);
