/** The kinds of parts: a changed choice is saved at once and says so. */
import { call } from "../api.mjs";
import { word } from "../words.mjs";

document.getElementById("part-kinds")?.addEventListener("change", async (event) => {
  const row = /** @type {HTMLElement} */ (/** @type {Element} */ (event.target).closest("tr"));
  const told = /** @type {HTMLElement} */ (row.querySelector("[role=status]"));
  const value = (/** @type {string} */ name) => /** @type {HTMLSelectElement} */ (row.querySelector(`[name=${name}]`)).value;
  try {
    await call("POST", `/api/v1/part-kinds/${row.dataset.kind}`, { body: { geometry: value("geometry"), accuracy_class: value("accuracy_class") } });
    told.textContent = `✓ ${word("kind_saved")}`;
  } catch (fault) {
    told.textContent = /** @type {Error} */ (fault).message;
  }
});
