/** The work bench: list and map of the same rows, the case in the drawer, everything by keyboard. */
import { keepFresh, load, showCase, toast } from "./case-view.mjs";
import { feed } from "./feed.mjs";
import { word } from "./words.mjs";
import "./elements/map.mjs";

const CALM_MS = 400;
const TYPING_MS = 350;
const SLOW_MS = 5000;

const list = /** @type {HTMLElement} */ (document.getElementById("list"));
const drawer = /** @type {HTMLElement} */ (document.getElementById("drawer"));
const bench = /** @type {HTMLElement} */ (document.getElementById("bench"));
const filters = /** @type {HTMLFormElement} */ (document.getElementById("filters"));
const map = /** @type {import("./elements/map.mjs").WmMap} */ (document.getElementById("map"));
let listUrl = location.pathname + location.search;
let chosen = "";
let lastRefresh = 0;
let waiting = 0;

/** @returns {HTMLElement[]} */
const rows = () => Array.from(list.querySelectorAll("tr[data-uid]"));

/** Ask the server for the list again; focus, scroll and selection stay. @param {boolean} [fit] */
async function refresh(fit = false) {
  lastRefresh = Date.now();
  const before = new Map(rows().map((row) => [row.dataset.uid, row.dataset.steps]));
  const slow = setTimeout(() => toast(word("still"), "warn"), SLOW_MS);
  await load(listUrl, "#list", "innerMorph");
  clearTimeout(slow);
  for (const row of rows()) {
    if (before.size && before.get(row.dataset.uid) !== row.dataset.steps) flash(row);
  }
  drawn(fit);
}

/** Refresh at once, but not more often than the eye can follow. */
function refreshSoon() {
  if (waiting) return;
  const wait = Math.max(0, lastRefresh + CALM_MS - Date.now());
  waiting = setTimeout(() => {
    waiting = 0;
    refresh();
  }, wait);
}

/** @param {HTMLElement} row */
function flash(row) {
  row.classList.remove("changed");
  requestAnimationFrame(() => row.classList.add("changed"));
}

/** Show on the map what the list shows. @param {boolean} fit */
function drawn(fit) {
  const items = rows().map(({ dataset }) => ({ uid: dataset.uid || "", lon: Number(dataset.lon), lat: Number(dataset.lat), stage: dataset.stage, lamp: dataset.lamp, kind_name: dataset.kind }));
  map.show(items, fit);
  mark(chosen);
}

/** @param {string} uid */
function mark(uid) {
  chosen = uid;
  for (const row of rows()) row.classList.toggle("chosen", row.dataset.uid === uid);
  map.choose(uid);
}

/** @param {string} url */
async function goTo(url) {
  listUrl = url;
  history.replaceState({}, "", url);
  const state = filters.elements.namedItem("state");
  if (state instanceof HTMLInputElement) state.value = new URL(url, location.origin).searchParams.get("state") || "";
  await refresh(true);
}

/** @param {string} uid @param {boolean} [push] */
async function open(uid, push = true) {
  const first = drawer.hidden;
  drawer.hidden = false;
  bench.classList.add("with-case");
  map.map?.resize();
  // The drawer takes some of the map's room: the rows are fitted into what is left.
  if (first) drawn(true);
  mark(uid);
  if (push) history[first ? "pushState" : "replaceState"]({ uid }, "", `/cases/${uid}`);
  await showCase(uid, "#drawer");
}

function close() {
  if (drawer.hidden) return;
  drawer.hidden = true;
  drawer.replaceChildren();
  bench.classList.remove("with-case");
  history.replaceState({}, "", listUrl);
  const row = document.getElementById(`row-${chosen}`);
  row?.querySelector("a")?.focus();
}

/** @param {number} step */
function move(step) {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement) || row.dataset.uid === chosen);
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  if (!next) return;
  next.querySelector("a")?.focus();
  next.scrollIntoView({ block: "nearest" });
  if (drawer.hidden) mark(next.dataset.uid || "");
  else open(next.dataset.uid || "");
}

function toggleMap() {
  const hidden = bench.classList.toggle("no-map");
  document.getElementById("map-toggle")?.setAttribute("aria-pressed", String(!hidden));
  map.map?.resize();
  if (!hidden) drawn(true);
}

/** @param {Element} target @param {MouseEvent} event */
function onClick(target, event) {
  const queue = target.closest("a[data-queue], a[data-list]");
  const row = /** @type {HTMLElement|null} */ (target.closest("tr[data-uid]"));
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (target.closest("[data-close]")) close();
  else if (queue) {
    event.preventDefault();
    goTo(/** @type {HTMLAnchorElement} */ (queue).pathname + /** @type {HTMLAnchorElement} */ (queue).search);
  } else if (row) {
    event.preventDefault();
    open(row.dataset.uid || "");
  }
}

/** @param {KeyboardEvent} event */
function onLetter(event) {
  /** @type {Record<string, () => void>} */
  const deeds = { j: () => move(1), k: () => move(-1), m: toggleMap, r: () => refresh(), f: () => /** @type {HTMLElement} */ (filters.querySelector("select")).focus() };
  const deed = deeds[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
}

function applyFilters() {
  const chosenFilters = new URLSearchParams([...new FormData(filters)].filter(([, value]) => value).map(([name, value]) => [name, String(value)]));
  const query = String(chosenFilters);
  goTo(query ? `/desk?${query}` : "/desk");
}

let typingTimer = 0;
filters.addEventListener("submit", (event) => {
  event.preventDefault();
  applyFilters();
});
filters.addEventListener("input", () => {
  clearTimeout(typingTimer);
  typingTimer = setTimeout(applyFilters, TYPING_MS);
});
document.getElementById("map-toggle")?.addEventListener("click", toggleMap);
document.addEventListener("click", (event) => onClick(/** @type {Element} */ (event.target), event));
document.addEventListener("wm:key", (event) => onLetter(/** @type {CustomEvent} */ (event).detail));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open]")) close();
});
map.addEventListener("wm:select", (event) => open(/** @type {CustomEvent} */ (event).detail.uid));
addEventListener("popstate", (event) => (event.state?.uid ? open(event.state.uid, false) : close()));
drawer.addEventListener("wm:acted", refreshSoon);
feed.addEventListener("items", refreshSoon);
keepFresh("#drawer");
// On a phone the rows come first; the map is one tap away.
if (matchMedia("(max-width: 991.98px)").matches) toggleMap();
else drawn(true);
