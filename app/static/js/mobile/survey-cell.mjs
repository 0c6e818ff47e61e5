/** Surveying one cell: a verdict for each part, parts that are missing, and the end. */
import { Problem, RetryKey, call, uuid } from "../api.mjs";
import "../elements/map.mjs";
import { word } from "../words.mjs";
import { geometry, readPoints, show, writePoints } from "../admin/sketch.mjs";

const root = /** @type {HTMLElement} */ (document.getElementById("cell"));
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const map = /** @type {any} */ (document.getElementById("map"));
const add = /** @type {HTMLFormElement|null} */ (document.getElementById("add"));
const points = /** @type {HTMLTextAreaElement|null} */ (document.getElementById("points"));
const kind = /** @type {HTMLSelectElement|null} */ (document.getElementById("kind"));
const address = `/api/v1/surveys/${root.dataset.survey}/cells/${root.dataset.cell}`;
const key = new RetryKey();

/** @param {string} message @param {string} [mood] */
function tell(message, mood = "good") {
  told.hidden = false;
  told.className = `notice ${mood}`;
  told.textContent = message;
}

/** @param {HTMLElement} card @param {HTMLElement} button */
async function judge(card, button) {
  const verdict = button.dataset.verdict || "";
  const right = /** @type {HTMLInputElement|null} */ (card.querySelector("input"));
  const changes = verdict === "wrong" ? { name: right?.value.trim() } : {};
  const body = { part: card.dataset.part, verdict, seen: Number(card.dataset.seen), changes };
  try {
    const part = await call("POST", `${address}/findings`, { body, key: uuid() });
    kept(card, button, part);
  } catch (fault) {
    overtaken(card, /** @type {Problem} */ (fault));
  }
}

/** @param {HTMLElement} card @param {HTMLElement} button @param {any} part */
function kept(card, button, part) {
  card.dataset.seen = part.version;
  for (const one of card.querySelectorAll("[data-verdict]")) one.setAttribute("aria-pressed", String(one === button));
  const line = /** @type {HTMLElement} */ (card.querySelector("[data-told]"));
  line.textContent = `✓ ${button.textContent}`;
  card.dataset.judged = "yes";
  const count = document.getElementById("looked-at");
  if (count) count.textContent = String(root.querySelectorAll("[data-judged]").length);
  tell(word("found_kept", { name: part.name, verdict: button.textContent }));
}

/** @param {HTMLElement} card @param {Problem} fault */
function overtaken(card, fault) {
  if (fault.status !== 409 || !fault.current) return tell(fault.message, "warn");
  card.dataset.seen = fault.current.version;
  for (const one of card.querySelectorAll("[data-verdict]")) one.setAttribute("aria-pressed", String(one instanceof HTMLElement && one.dataset.verdict === fault.current.state));
  tell(word("changed_part"), "warn");
}

function shape() {
  const wanted = kind?.selectedOptions[0]?.dataset.shape;
  return wanted === "line" ? "line" : wanted === "polygon" ? "area" : "point";
}

function drawn() {
  return readPoints(points?.value || "") || [];
}

function sketch() {
  show(map, geometry(shape(), drawn()), drawn());
}

/** @param {{lon: number, lat: number}} place */
function place({ lon, lat }) {
  const list = shape() === "point" ? [] : drawn();
  list.push([lon, lat]);
  if (points) points.value = writePoints(list);
  map.clear();
  sketch();
}

/** @param {SubmitEvent} event */
async function addPart(event) {
  event.preventDefault();
  const where = geometry(shape(), drawn());
  if (!where) return tell(word("far_place"), "warn");
  const body = { kind: kind?.value, geometry: where };
  try {
    const part = await call("POST", `${address}/findings`, { body, key: key.for(body) });
    key.spend();
    tell(word("added_part", { name: part.name }));
    setTimeout(() => location.reload(), 700);
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message, "warn");
  }
}

function locate() {
  const options = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 5_000 };
  navigator.geolocation?.getCurrentPosition(({ coords }) => place({ lon: coords.longitude, lat: coords.latitude }), () => tell(word("no_position"), "warn"), options);
}

async function finish() {
  try {
    await call("POST", `${address}/done`, { body: {}, key: uuid() });
    tell(word("finished"));
    setTimeout(() => location.assign("/m/surveys"), 700);
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message, "warn");
  }
}

const cards = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-part]")]);
map.show(cards.map(({ dataset }) => ({ uid: dataset.part || "", lon: Number(dataset.lon), lat: Number(dataset.lat), stage: "file", lamp: "normal", kind_name: dataset.name })));
root.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement|null} */ (/** @type {HTMLElement} */ (event.target).closest("[data-verdict]"));
  const card = /** @type {HTMLElement|null} */ (button?.closest("[data-part]"));
  if (button && card) judge(card, button);
});
if (add) map.addEventListener("wm:pick", (/** @type {CustomEvent} */ event) => place(event.detail));
add?.addEventListener("submit", addPart);
points?.addEventListener("input", sketch);
kind?.addEventListener("change", sketch);
document.getElementById("here")?.addEventListener("click", locate);
document.getElementById("finish")?.addEventListener("click", finish);
