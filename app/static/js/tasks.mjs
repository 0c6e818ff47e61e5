/** Tasks in the field: giving one to somebody else, and sending somebody to a place. */
import { Problem, RetryKey, call } from "./api.mjs";
import "./elements/map.mjs";
import "./elements/place.mjs";
import { word } from "./words.mjs";

const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const form = /** @type {HTMLFormElement|null} */ (document.getElementById("order"));
const place = /** @type {any} */ (document.getElementById("place"));
const key = new RetryKey();

/** @param {string} message @param {string} mood */
function tell(message, mood) {
  told.hidden = false;
  told.className = `notice ${mood}`;
  told.textContent = message;
  told.scrollIntoView({ block: "nearest" });
}

/** @param {string} url @param {any} body */
async function give(url, body) {
  try {
    const task = await call("POST", url, { body, key: key.for({ url, body }) });
    key.spend();
    tell(word("task_given", { name: task.person_name, why: task.why }), "good");
    setTimeout(() => location.reload(), 1500);
  } catch (fault) {
    tell(/** @type {Problem} */ (fault).message, "bad");
  }
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("[data-reassign]");
  const row = /** @type {HTMLElement|null} */ (button?.closest("[data-task]"));
  const who = /** @type {HTMLSelectElement|null} */ (row?.querySelector("[data-who]"));
  if (row && who) give(`/api/v1/tasks/${row.dataset.task}/reassignments`, { inspector: who.value });
});

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (form)));
  if (!given.case && !place.value) return tell(word("place_missing"), "warn");
  if (!String(given.note).trim()) return tell(word("note_missing"), "warn");
  give("/api/v1/tasks", { purpose: given.purpose, note: given.note, minutes: Number(given.minutes), inspector: given.inspector, ...(given.case ? { case: given.case } : place.value) });
});
