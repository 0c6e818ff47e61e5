/** What every page of the shell does: find, help, preferences, shortcuts, feed state, notices. */
import { clockTime } from "./clock.mjs";
import { bell } from "./bell.mjs";
import { feed } from "./feed.mjs";
import { word } from "./words.mjs";

const LETTERS = "wm-letter-keys";
/** @type {Record<string, string>} */
const PLACES = { d: "/desk", h: "/hotline", e: "/evaluation", s: "/screen/", m: "/m/" };
let afterG = 0;

/** @param {string} id */
const byId = (id) => document.getElementById(id);

/** Say whether single letters are shortcuts for this user (WCAG 2.1.4). */
function lettersOn() {
  return localStorage.getItem(LETTERS) !== "off";
}

/** @param {KeyboardEvent} event */
function typing(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return event.isComposing || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey || !lettersOn()) return;
  if (event.key === "g") afterG = event.timeStamp;
  else if (event.timeStamp - afterG < 1200 && PLACES[event.key]) goTo(PLACES[event.key]);
  else if (event.key === "/") focusFind(event);
  else if (event.key === "?") openHelp();
  else document.dispatchEvent(new CustomEvent("wm:key", { detail: event }));
}

/** @param {string} path */
function goTo(path) {
  afterG = 0;
  // Only the modules this person may open stand in the bar.
  /** @type {HTMLAnchorElement|null} */ (document.querySelector(`.modules a[href="${path}"]`))?.click();
}

/** @param {KeyboardEvent} event */
function focusFind(event) {
  event.preventDefault();
  byId("find-number")?.focus();
}

function openHelp() {
  const help = /** @type {HTMLDialogElement|null} */ (byId("help"));
  if (help?.showModal && !help.open) help.showModal();
}

/** @param {string} state */
function showFeed(state) {
  const place = byId("feed-state");
  if (!place) return;
  place.dataset.feed = state;
  place.textContent = word(state);
}

function showTime() {
  const place = byId("data-time");
  if (place) place.textContent = clockTime();
}

/** @param {boolean} away */
function showOffline(away) {
  const bar = byId("bar-offline");
  if (bar) bar.hidden = !away;
  document.body.classList.toggle("is-offline", away);
}

/** @param {number} attempt 0 hides the bar */
function showRetry(attempt) {
  const bar = byId("bar-retry");
  if (!bar) return;
  bar.hidden = attempt === 0;
  bar.textContent = attempt ? word("retrying", { n: attempt }) : "";
}

/** Offer the way back to this very page once the session is over; what was typed waits in the browser. */
function showSignedOut() {
  const bar = byId("bar-signed-out");
  const link = /** @type {HTMLAnchorElement|null|undefined} */ (bar?.querySelector("a"));
  if (!bar || !link) return;
  link.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
  bar.hidden = false;
}

function bindMenu() {
  const menu = /** @type {HTMLDetailsElement|null} */ (byId("user-menu"));
  document.addEventListener("click", (event) => {
    if (menu?.open && !menu.contains(/** @type {Node} */ (event.target))) menu.open = false;
  });
  menu?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  const letters = /** @type {HTMLInputElement|null} */ (byId("letter-keys"));
  if (!letters) return;
  letters.checked = lettersOn();
  letters.addEventListener("change", () => localStorage.setItem(LETTERS, letters.checked ? "on" : "off"));
}

document.addEventListener("keydown", onKey);
document.addEventListener("wm:retry", (event) => showRetry(/** @type {CustomEvent} */ (event).detail.attempt));
document.addEventListener("wm:answered", () => showRetry(0));
document.addEventListener("wm:signed-out", showSignedOut);
byId("help-open")?.addEventListener("click", openHelp);
addEventListener("online", () => showOffline(false));
addEventListener("offline", () => showOffline(true));
showOffline(!navigator.onLine);
bindMenu();
if (byId("feed-state")) {
  feed.addEventListener("state", (event) => showFeed(/** @type {CustomEvent} */ (event).detail));
  feed.addEventListener("items", showTime);
  bell(feed);
  feed.start();
}

// All scripts of the page have run by then: what is pressed from now on is answered.
document.addEventListener("DOMContentLoaded", () => document.documentElement.removeAttribute("data-waits"));
