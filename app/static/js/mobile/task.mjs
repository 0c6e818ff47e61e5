/** One task without a case on the phone: what is to be looked at, and the answer. */
import { RetryKey, call } from "../api.mjs";
import "../elements/map.mjs";
import "../elements/photos.mjs";
import { word } from "../words.mjs";
import "./position.mjs";

const root = /** @type {HTMLElement} */ (document.getElementById("task"));
const form = /** @type {HTMLFormElement|null} */ (document.getElementById("answer"));
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const photos = /** @type {any} */ (document.getElementById("photos"));
const map = /** @type {any} */ (document.getElementById("map"));
const key = new RetryKey();

/** @param {string} message @param {string} mood */
function tell(message, mood) {
  told.hidden = false;
  told.className = `notice ${mood}`;
  told.textContent = message;
}

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  const result = String(new FormData(/** @type {HTMLFormElement} */ (form)).get("result")).trim();
  if (!result) return tell(word("result_missing"), "warn");
  if (photos.pending) return tell(word("photo_waiting"), "warn");
  const body = { result, photos: photos.ids };
  try {
    await call("POST", `/api/v1/tasks/${root.dataset.task}/answers`, { body, key: key.for(body) });
    location.assign("/m/");
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message, "bad");
  }
}

const { lon, lat } = root.dataset;
map?.show([{ uid: "task", lon: Number(lon), lat: Number(lat), stage: "file", lamp: "normal", kind_name: root.dataset.name }]);
form?.addEventListener("submit", send);
