/** One import: its deeds, and the page as it is once the job behind it has ended. */
import { call } from "../api.mjs";

const notice = /** @type {HTMLElement} */ (document.getElementById("import-error"));
const deeds = /** @type {HTMLElement|null} */ (document.querySelector("[data-import]"));
const job = document.getElementById("import-job");

/** @param {HTMLElement} button */
async function act(button) {
  const deed = button.dataset.deed || "";
  const gone = /** @type {HTMLSelectElement|null} */ (document.getElementById("gone"));
  /** @type {Record<string, any>} */
  const body = deed === "apply" ? { gone: gone?.value || "" } : deed === "repairs" && button.dataset.row ? { rows: [Number(button.dataset.row)] } : {};
  button.setAttribute("disabled", "");
  try {
    await call("POST", `/api/v1/part-imports/${deeds?.dataset.import}/${deed}`, { body });
    location.reload();
  } catch (fault) {
    button.removeAttribute("disabled");
    notice.textContent = /** @type {Error} */ (fault).message;
    notice.hidden = false;
    notice.focus();
  }
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest("[data-deed]"));
  if (button) act(button);
});
// A page that was drawn while the job was under way is old when it ends.
job?.addEventListener("wm:job", () => job.hasAttribute("data-under-way") && location.reload());
