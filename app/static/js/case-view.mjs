/** Showing one case in a place of the page: load, refresh after a step, tell when it was overtaken. */
import { feed } from "./feed.mjs";
import { el, word } from "./words.mjs";
import "./elements/case-form.mjs";
import "./elements/send.mjs";
import "./elements/sheet.mjs";

const TOAST_MS = 6000;

/** @returns {any} */
const htmx = () => /** @type {any} */ (globalThis).htmx;

/**
 * Load the fragment at `url` into `target`.
 * @param {string} url @param {string} target a selector @param {string} swap
 */
export function load(url, target, swap) {
  return htmx().ajax("GET", url, { source: target, target, swap });
}

/** Show the case `uid` inside `target` and move the focus to its title. @param {string} uid @param {string} target */
export async function showCase(uid, target) {
  await load(`/cases/${uid}?fragment=1`, target, "innerHTML");
  /** @type {HTMLElement|null} */ (document.querySelector(`${target} #case-title`))?.focus();
}

/** Say something short at the edge of the page; it goes by itself. @param {string} text @param {string} [tone] */
export function toast(text, tone = "good") {
  const note = el("div", { class: `notice ${tone}` }, text);
  document.getElementById("toasts")?.append(note);
  setTimeout(() => note.remove(), TOAST_MS);
}

/** Keep the case shown in `target` true: after own steps, and after steps of others. @param {string} target */
export function keepFresh(target) {
  const place = /** @type {HTMLElement} */ (document.querySelector(target));
  place.addEventListener("wm:acted", (event) => {
    const { uid, label } = /** @type {CustomEvent} */ (event).detail;
    toast(word("done", { action: label }));
    reload(place, target, { uid }, true);
  });
  place.addEventListener("wm:moved", (event) => refreshHead(/** @type {CustomEvent} */ (event).detail.uid, target));
  place.addEventListener("wm:outdated", (event) => showCase(/** @type {CustomEvent} */ (event).detail.uid, target));
  feed.addEventListener("items", (event) => overtaken(place, target, /** @type {CustomEvent} */ (event).detail));
  document.addEventListener("htmx:before:response", (event) => leaveWhenSignedOut(/** @type {CustomEvent} */ (event)));
  for (const name of ["htmx:error", "htmx:response:error"]) document.addEventListener(name, () => toast(word("unreachable"), "bad"));
}

/** Bring number, state and lamp up to date while a form below them stays as it is. @param {string} uid @param {string} target */
function refreshHead(uid, target) {
  const head = `${target} .case-head`;
  htmx().ajax("GET", `/cases/${uid}?fragment=1`, { source: target, target: head, select: ".case-head", swap: "outerHTML" });
}

/** @param {HTMLElement} place @param {string} target @param {any[]} items */
function overtaken(place, target, items) {
  const shown = place.querySelector("article.case");
  const uid = shown?.getAttribute("data-uid");
  const latest = items.filter((item) => item.case?.uid === uid).pop();
  if (!uid || !latest || Number(shown?.getAttribute("data-seen")) >= latest.case.steps) return;
  if (!inAction(place, target, latest.case)) reload(place, target, latest.case);
}

/**
 * Say whether an action is being filled in: it is warned then, and only the head is drawn anew.
 * @param {HTMLElement} place @param {string} target @param {any} latest
 */
function inAction(place, target, latest) {
  const form = /** @type {any} */ (place.querySelector("wm-case-form"));
  if (!form?.busy) return false;
  if (latest.steps) form.overtaken(latest);
  refreshHead(latest.uid, target);
  return true;
}

/**
 * Draw the case again after a step; after an own one the reader stands at its title.
 * @param {HTMLElement} place @param {string} target @param {any} latest @param {boolean} [own]
 */
async function reload(place, target, latest, own = false) {
  let kept = typed(place);
  // What is begun while the answer is on its way stays, too.
  const spare = (/** @type {any} */ event) => {
    if (event.detail?.ctx?.target !== place) return;
    kept = typed(place);
    if (inAction(place, target, latest)) event.preventDefault();
  };
  document.addEventListener("htmx:before:swap", spare);
  await load(`/cases/${latest.uid}?fragment=1`, target, "innerHTML");
  document.removeEventListener("htmx:before:swap", spare);
  retype(place, kept);
  // The swap may have taken the focused element away: the reader stays in the case.
  const lost = document.activeElement === document.body;
  if (lost || (own && !kept.length)) /** @type {HTMLElement|null} */ (document.querySelector(`${target} #case-title`))?.focus();
}

/** Return what stands in the small forms of the case and was not sent. @param {HTMLElement} place @returns {{post: string, values: [string, string][]}[]} */
function typed(place) {
  const busy = /** @type {any[]} */ ([...place.querySelectorAll("wm-send")]).filter((one) => one.busy);
  return busy.map((one) => ({ post: one.getAttribute("post") || "", values: [...one.querySelectorAll("textarea, input")].map((field) => [field.name, field.value]) }));
}

/** Write it again where the same form is still offered. @param {HTMLElement} place @param {ReturnType<typeof typed>} kept */
function retype(place, kept) {
  for (const { post, values } of kept) {
    const one = place.querySelector(`wm-send[post="${CSS.escape(post)}"]`);
    for (const [name, value] of one ? values : []) {
      const field = /** @type {HTMLInputElement|null} */ (one?.querySelector(`[name="${CSS.escape(name)}"]`) ?? null);
      if (field && field.value !== value) field.value = value;
    }
    one?.closest("details")?.setAttribute("open", "");
  }
}

/** A session that ended answers with the sign-in page, which must not land in a corner of this one. @param {CustomEvent} event */
function leaveWhenSignedOut(event) {
  const url = event.detail?.ctx?.response?.raw?.url || "";
  if (!url || !new URL(url).pathname.startsWith("/login")) return;
  event.preventDefault();
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}
