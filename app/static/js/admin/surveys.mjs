/** The list of surveys: beginning one. */
import { Problem, RetryKey, call } from "../api.mjs";

const form = /** @type {HTMLFormElement|null} */ (document.getElementById("begin"));
const told = document.getElementById("told");
const key = new RetryKey();

/** @param {SubmitEvent} event */
async function begin(event) {
  event.preventDefault();
  const given = new FormData(/** @type {HTMLFormElement} */ (form));
  const body = { name: given.get("name"), area: String(given.get("area")).trim(), due_on: given.get("due_on"), kinds: given.getAll("kinds") };
  try {
    const made = await call("POST", "/api/v1/surveys", { body, key: key.for(body) });
    location.assign(`/admin/surveys/${made.id}`);
  } catch (fault) {
    const { message, fields } = /** @type {Problem} */ (fault);
    if (told) Object.assign(told, { hidden: false, textContent: message });
    const [first = ""] = Object.keys(fields);
    /** @type {HTMLElement|null} */ (form?.elements.namedItem(first))?.focus();
  }
}

form?.addEventListener("submit", begin);
