/** The agent's desk: one form by keyboard, the map beside it, today's reports at the right. */
import { RetryKey, call } from "./api.mjs";
import { load } from "./case-view.mjs";
import { feed } from "./feed.mjs";
import { el, word } from "./words.mjs";
import "./elements/address.mjs";
import "./elements/duplicates.mjs";
import "./elements/kind-picker.mjs";
import "./elements/map.mjs";
import "./elements/place.mjs";

const DRAFT = "wm-hotline";
const form = /** @type {HTMLFormElement} */ (document.getElementById("intake"));
const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const kinds = /** @type {import("./elements/kind-picker.mjs").WmKindPicker} */ (document.getElementById("kind-picker"));
const place = /** @type {import("./elements/place.mjs").WmPlace} */ (document.getElementById("place"));
const map = /** @type {import("./elements/map.mjs").WmMap} */ (document.getElementById("map"));
const send = /** @type {HTMLButtonElement} */ (document.getElementById("send"));
const duplicates = /** @type {any} */ (document.getElementById("duplicates"));
const key = new RetryKey();

/** @param {string} name */
const text = (name) => String(new FormData(form).get(name) || "").trim();

/** @returns {Record<string, unknown>} the report as the server takes it */
function report() {
  const caller = text("phone") || text("caller") ? { phone: text("phone"), name: text("caller") } : undefined;
  const { lon, lat } = /** @type {{lon: number, lat: number}} */ (place.value);
  return { source: "hotline", kind: kinds.value, part_code: place.partCode || undefined, description: text("description"), lon, lat, address: place.where?.address || undefined, photos: [], caller };
}

/** @returns {[string, string]|null} what is missing and the field that lacks it */
function missing() {
  if (!kinds.value) return [word("kind_missing"), "kind"];
  if (!text("description")) return [word("required", { label: form.querySelector("label[for=description]")?.firstChild?.textContent }), "description"];
  return place.value ? null : [word("place_missing"), "coordinates"];
}

/** @param {string} sentence @param {string} field */
function complain(sentence, field) {
  for (const old of form.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
  told.replaceChildren(el("p", { class: "notice bad", role: "alert" }, sentence));
  const input = document.getElementById(field);
  input?.setAttribute("aria-invalid", "true");
  input?.focus();
}

async function submit() {
  const lack = missing();
  if (lack) return complain(...lack);
  const body = report();
  send.disabled = true;
  try {
    const made = await call("POST", "/api/v1/cases", { body, key: key.for(body) });
    done(made);
  } catch (fault) {
    const { fields, message } = /** @type {import("./api.mjs").Problem} */ (fault);
    const [name = ""] = Object.keys(fields || {});
    complain(fields?.[name] || message, { lon: "coordinates", lat: "coordinates" }[name] || name);
  } finally {
    send.disabled = false;
  }
}

/** @param {{uid: string, number: string|null}} made */
function done(made) {
  key.spend();
  form.reset();
  const name = made.number || made.uid;
  told.replaceChildren(el("p", { class: "notice good", role: "status" }, word("reported", { name: "" }), el("a", { href: `/cases/${made.uid}`, class: "code" }, name)));
  refresh();
}

function refresh() {
  load("/hotline", "#recent", "outerMorph");
}

/** Keep what is typed, and take a complaint back as soon as somebody acts on it. */
function changed() {
  const { lon, lat } = place.value || {};
  const known = kinds.value && lon !== undefined && lat !== undefined;
  duplicates.ask(known ? { kind: kinds.value, lon, lat, text: text("description"), part: place.partCode } : null);
  if (told.querySelector(".bad")) told.replaceChildren();
  keep();
}

function keep() {
  const draft = { phone: text("phone"), caller: text("caller"), description: text("description"), kind: kinds.value, place: place.value };
  sessionStorage.setItem(DRAFT, JSON.stringify(draft));
}

/** Bring back what was typed before a reload. */
function restore() {
  const draft = JSON.parse(sessionStorage.getItem(DRAFT) || "{}");
  for (const name of ["phone", "caller", "description"]) {
    if (draft[name]) /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = draft[name];
  }
  if (draft.kind) kinds.value = draft.kind;
  if (draft.place) place.set(draft.place);
}

place.mapElement = map;
map.addEventListener("wm:pick", (event) => place.take(/** @type {CustomEvent} */ (event).detail));
form.addEventListener("wm:address", (event) => place.set(/** @type {CustomEvent} */ (event).detail.hit));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form.addEventListener("reset", () => {
  kinds.clear();
  /** @type {any} */ (document.getElementById("address")).clear();
  place.clear();
  duplicates.ask(null);
  told.replaceChildren();
  sessionStorage.removeItem(DRAFT);
  document.getElementById("phone")?.focus();
});
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
for (const name of ["input", "wm:kind", "wm:place"]) form.addEventListener(name, changed);
feed.addEventListener("items", (event) => {
  const cases = /** @type {CustomEvent} */ (event).detail.map((/** @type {any} */ item) => item.case).filter(Boolean);
  map.refreshCases(cases);
  refresh();
});
restore();
