/** The inspector's app: photo, kind, send; tasks and own reports; nothing typed is ever lost. */
import { RetryKey, call, uuid } from "./api.mjs";
import { keepFresh, load, showCase } from "./case-view.mjs";
import { feed } from "./feed.mjs";
import { data, el, word } from "./words.mjs";
import "./elements/kind-picker.mjs";
import "./elements/map.mjs";
import "./elements/photos.mjs";
import "./elements/place.mjs";
import "./mobile/position.mjs";

const DRAFT = "wm-report";
const LATELY = "wm-kinds-lately";
const SUGGESTED = 6;

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);
const form = /** @type {HTMLFormElement} */ (byId("report"));
const photos = byId("photos");
const kinds = byId("kind-picker");
const place = byId("place");
const description = /** @type {HTMLTextAreaElement} */ (byId("description"));
const key = new RetryKey();
let draft = { client_uid: uuid(), captured_at: new Date().toISOString() };

/** Show one of the views: home, report or a case; the address remembers which. */
function showView() {
  const [name, uid] = location.hash.slice(1).split("/");
  const view = ["report", "sheet"].includes(name) ? name : "home";
  for (const one of document.querySelectorAll("[data-view]")) /** @type {HTMLElement} */ (one).hidden = one.id !== view;
  if (view === "report") startReport();
  if (view === "sheet" && uid) showCase(uid, "#drawer");
  scrollTo(0, 0);
}

function startReport() {
  byId("map").map?.resize();
  if (!place.value) place.locate();
}

/** @returns {string} what is missing, or nothing */
function missing() {
  if (!photos.count) return word("photo_missing");
  if (photos.pending) return word("photo_waiting");
  if (!kinds.value) return word("kind_missing");
  return place.value ? "" : word("place_missing");
}

async function submit() {
  const lack = missing();
  if (lack) return complain(lack);
  const body = { source: "inspector", kind: kinds.value, part_code: place.partCode || undefined, description: description.value.trim(),
    ...place.value, address: place.where?.address || undefined, photos: photos.ids, ...draft };
  byId("send").disabled = true;
  try {
    done(await call("POST", "/api/v1/cases", { body, key: key.for(body) }));
  } catch (fault) {
    complain(/** @type {Error} */ (fault).message);
  } finally {
    byId("send").disabled = false;
  }
}

/** @param {{uid: string, number: string|null}} made */
function done(made) {
  key.spend();
  remember(kinds.value);
  emptyForm();
  const text = made.number ? word("reported", { name: made.number }) : word("reported_waiting");
  byId("filed").replaceChildren(el("p", { class: "notice good" }, `✓ ${text}`));
  location.hash = "";
  refresh();
}

function emptyForm() {
  draft = { client_uid: uuid(), captured_at: new Date().toISOString() };
  photos.clear();
  kinds.clear();
  place.clear();
  description.value = "";
  byId("told").replaceChildren();
  localStorage.removeItem(DRAFT);
  suggest();
}

/** @param {string} sentence */
function complain(sentence) {
  byId("told").replaceChildren(el("p", { class: "notice bad", role: "alert", tabindex: "-1" }, sentence));
  byId("told").firstChild.focus();
}

function refresh() {
  load("/m/", "#lists", "innerMorph");
}

function keep() {
  localStorage.setItem(DRAFT, JSON.stringify({ ...draft, kind: kinds.value, description: description.value, place: place.value }));
}

/** Bring back a report that was begun before the app was closed; photos must be taken again. */
function restore() {
  const kept = JSON.parse(localStorage.getItem(DRAFT) || "null");
  if (!kept) return;
  draft = { client_uid: kept.client_uid || uuid(), captured_at: kept.captured_at };
  description.value = kept.description || "";
  if (kept.kind) kinds.value = kept.kind;
  if (kept.place) place.set(kept.place);
}

/** @param {string} id */
function remember(id) {
  const lately = JSON.parse(localStorage.getItem(LATELY) || "[]");
  localStorage.setItem(LATELY, JSON.stringify([id, ...lately.filter((/** @type {string} */ one) => one !== id)].slice(0, SUGGESTED)));
}

/** Offer the kinds used lately on this phone, then the common ones of the city. */
function suggest() {
  const lately = JSON.parse(localStorage.getItem(LATELY) || "[]");
  const ids = [...new Set([...lately, ...(data("suggestions") || [])])].slice(0, SUGGESTED);
  const known = new Map(data("kinds").map((/** @type {any} */ kind) => [kind.id, kind]));
  const buttons = ids.filter((id) => known.has(id)).map((id) =>
    el("button", { type: "button", class: "btn btn-plain", "data-kind": id, "aria-pressed": "false", onclick: () => (kinds.value = id) }, known.get(id).name));
  byId("suggested").replaceChildren(...buttons);
}

function markSuggested() {
  for (const button of byId("suggested").children) button.setAttribute("aria-pressed", String(button.dataset.kind === kinds.value));
}

byId("shoot").addEventListener("click", () => {
  location.hash = "report";
  photos.open();
});
byId("locate").addEventListener("click", () => place.locate());
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const card = /** @type {HTMLElement|null} */ (target.closest("[data-case]"));
  if (card) {
    event.preventDefault();
    location.hash = `sheet/${card.dataset.case}`;
  } else if (target.closest("[data-home], [data-close]")) location.hash = "";
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
form.addEventListener("wm:kind", markSuggested);
for (const name of ["input", "wm:kind", "wm:place"]) form.addEventListener(name, keep);
addEventListener("hashchange", showView);
feed.addEventListener("items", refresh);
byId("drawer").addEventListener("wm:acted", refresh);
keepFresh("#drawer");
suggest();
restore();
showView();
