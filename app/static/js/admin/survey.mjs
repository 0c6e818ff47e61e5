/** One survey: its cells on the map, the sample, the end. */
import { call, uuid } from "../api.mjs";
import "../elements/map.mjs";
import { word } from "../words.mjs";

const root = /** @type {HTMLElement} */ (document.getElementById("survey"));
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const map = /** @type {any} */ (document.getElementById("map"));
const address = `/api/v1/surveys/${root.dataset.survey}`;
/** @type {Record<string, string>} cells wear the hues of the stages on the map */
const HUES = { waiting: "", working: "handle", done: "file", passed: "close", failed: "verify" };

/** @param {string} message @param {string} [mood] */
function tell(message, mood = "good") {
  told.hidden = false;
  told.className = `notice ${mood}`;
  told.textContent = message;
}

/** @param {string} path @param {object} body @param {(answer: any) => string} said */
async function act(path, body, said) {
  try {
    const answer = await call("POST", address + path, { body, key: uuid() });
    tell(said(answer));
    setTimeout(() => location.reload(), 900);
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message, "warn");
  }
}

/** @param {HTMLElement} row */
function check(row) {
  const counts = Object.fromEntries([...row.querySelectorAll("[data-count]")].map((field) => [/** @type {HTMLElement} */ (field).dataset.count, Number(/** @type {HTMLInputElement} */ (field).value)]));
  act(`/samples/${row.dataset.drawn}`, counts, (answer) => word(answer.passes ? "passes" : "fails"));
}

const rows = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("tr[data-cell]")]);
const items = rows.map(({ dataset }) => ({ uid: dataset.cell || "", lon: Number(dataset.lon), lat: Number(dataset.lat), stage: HUES[dataset.state || ""], lamp: "normal", kind_name: dataset.cell }));
map.show(items, true);
map.addEventListener("wm:select", (/** @type {CustomEvent} */ event) => {
  const row = rows.find((one) => one.dataset.cell === event.detail.uid);
  row?.querySelector("button")?.focus();
});
document.getElementById("draw")?.addEventListener("click", () => act("/samples", {}, (answer) => word("drawn_n", { n: answer.cells.length })));
document.getElementById("close")?.addEventListener("click", () => confirm(word("close_sure")) && act("/close", {}, (answer) => word(answer.accepted ? "closed_yes" : "closed_no")));
root.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const drawn = /** @type {HTMLElement|null} */ (target.closest("[data-drawn]"));
  if (target.closest("[data-check]") && drawn) check(drawn);
  const row = /** @type {HTMLElement|null} */ (target.closest("tr[data-cell]"));
  if (target.closest("[data-show]") && row) {
    map.choose(row.dataset.cell);
    map.map?.flyTo({ center: [Number(row.dataset.lon), Number(row.dataset.lat)], zoom: 16.5, animate: false });
  }
});
