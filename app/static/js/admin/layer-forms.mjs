/** What the pages of layers share: telling how it went, and a job that was started. */
import { el } from "../words.mjs";

/** Show a sentence where a screen reader hears it. @param {string} text @param {boolean} [bad] */
export function tell(text, bad = false) {
  const place = /** @type {HTMLElement} */ (document.getElementById("told"));
  place.hidden = !text;
  place.textContent = text;
  place.classList.toggle("bad", bad);
  if (bad) place.scrollIntoView({ block: "nearest" });
}

/** Do `work`; what it refuses is shown with its sentence. @param {() => Promise<void>} work */
export async function told(work) {
  tell("");
  try {
    await work();
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message, true);
  }
}

/** Show the job that was started first in the list, and load the page anew when it is done. @param {number} job @param {string} title */
export function started(job, title) {
  const row = el("li", {}, el("wm-job", { job }, el("strong", {}, title)));
  row.addEventListener("wm:job", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.state === "done") location.reload();
  });
  document.getElementById("jobs")?.prepend(row);
  row.scrollIntoView({ block: "nearest" });
}
