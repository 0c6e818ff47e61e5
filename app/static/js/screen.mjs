/** The wall: figures, bars, map and list that follow the feed; no personal data, no keyboard needed. */
import { call } from "./api.mjs";
import { clockTime, dayName, hourMinute, hourOfDay } from "./clock.mjs";
import { feed } from "./feed.mjs";
import { data, el, lampShapes, word } from "./words.mjs";
import "./elements/map.mjs";

const STALE_MS = 15_000;
const CALM_MS = 1000;
const SHOWN = 20;

/** @typedef {{label: string, n: number, more?: string, href?: string}} Bar */

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);
const map = /** @type {import("./elements/map.mjs").WmMap} */ (byId("map"));
const number = new Intl.NumberFormat("zh-CN");
let counts = data("counts");
let lastCount = Date.now();
let waiting = 0;
let answered = Date.now();
let signedOut = false;

/** @param {string} key @param {number|null} value */
function figure(key, value) {
  if (value == null) return "–";
  return key.endsWith("_rate") ? `${(value * 100).toFixed(1)}%` : number.format(value);
}

function drawFigures() {
  for (const place of document.querySelectorAll("[data-kpi]")) {
    const key = /** @type {HTMLElement} */ (place).dataset.kpi || "";
    const value = key.split(".").reduce((from, name) => from?.[name], counts);
    place.textContent = figure(key, value);
  }
}

/** @param {string} id @param {Bar[]} bars */
function drawBars(id, bars) {
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  byId(id).replaceChildren(...bars.map((bar) =>
    el("li", {}, el("span", { class: "bar-name" }, bar.label), el("span", { class: "meter", style: `--v:${(100 * bar.n) / most}%` }, el("i")),
      el("span", { class: "bar-n num" }, number.format(bar.n), bar.more ? el("span", { class: "bar-late" }, ` ◆${bar.more}`) : null))));
}

/** Return the departments with most overdue, then most open cases first. @param {any[]} departments */
function busiest(departments) {
  return [...departments].sort((a, b) => b.overdue - a.overdue || b.open - a.open);
}

/** @param {number[]} hours */
function drawHours(hours) {
  const most = Math.max(1, ...hours);
  const now = hourOfDay();
  byId("by-hour").replaceChildren(...hours.map((n, hour) =>
    el("span", { class: `hour${hour === now ? " now" : ""}`, style: `--v:${(100 * n) / most}%`, title: word("hour", { h: hour, n }) },
      el("b", { class: "num" }, n && n === most ? String(n) : ""), el("i"), el("small", { class: "num" }, hour % 3 ? "" : String(hour)))));
  byId("by-hour").setAttribute("aria-label", hours.map((n, h) => word("hour", { h, n })).join("; "));
}

/** @param {any} item @param {boolean} fresh */
function latestRow(item, fresh) {
  return el("li", { class: fresh ? "fresh" : "", "data-uid": item.uid },
    el("span", { class: "l-time num" }, hourMinute(item.reported_at)),
    el("span", { class: `chip ${item.stage} ${item.state}` }, item.state_label),
    el("span", { class: "l-kind" }, item.kind_name),
    el("span", { class: `lamp ${item.lamp}` }, lampShapes[item.lamp] || "", el("span", { class: "visually-hidden" }, word(item.lamp))),
    el("span", { class: "l-place" }, item.address || item.cell));
}

/** Put what changed on top of the latest cases; a case new to the list slides in. @param {any[]} changed oldest first */
function drawLatest(changed) {
  const shown = new Set(counts.latest.map((/** @type {any} */ item) => item.uid));
  const incoming = [...new Map(changed.map((item) => [item.uid, item])).values()].reverse();
  const moved = new Set(incoming.map((item) => item.uid));
  const rest = counts.latest.filter((/** @type {any} */ item) => !moved.has(item.uid));
  counts.latest = [...incoming, ...rest].slice(0, SHOWN);
  byId("latest").replaceChildren(...counts.latest.map((/** @type {any} */ item) => latestRow(item, moved.has(item.uid) && !shown.has(item.uid))));
}

function draw() {
  drawFigures();
  drawBars("by-category", counts.by_category.slice(0, 10).map((/** @type {any} */ one) => ({ label: one.name, n: one.n })));
  drawBars("by-source", counts.by_source.map((/** @type {any} */ one) => ({ label: one.label, n: one.n })));
  drawBars("by-department", busiest(counts.by_department).map((/** @type {any} */ one) => ({ label: one.name, n: one.open, more: one.overdue ? number.format(one.overdue) : "" })));
  drawHours(counts.by_hour);
  drawLatest([]);
}

async function recount() {
  lastCount = Date.now();
  try {
    counts = await call("GET", "/screen/counts");
    answered = Date.now();
    draw();
  } catch {
    watch();
  }
}

function recountSoon() {
  if (waiting) return;
  const wait = Math.max(0, lastCount + CALM_MS - Date.now());
  waiting = setTimeout(() => {
    waiting = 0;
    recount();
  }, wait);
}

/** @param {{case: any}[]} items */
function arrived(items) {
  const cases = items.map((item) => item.case).filter(Boolean);
  drawLatest(cases);
  for (const item of cases.slice(-20)) map.pulse(item);
  map.refreshCases(cases);
  recountSoon();
}

/** Warn when nothing was heard for too long: an old wall looks exactly like a quiet city. */
function watch() {
  const heard = feed.state === "live" ? Date.now() : Math.max(feed.heard, answered);
  const banner = byId("stale");
  banner.hidden = !signedOut && Date.now() - heard < STALE_MS;
  if (!banner.hidden) banner.textContent = word(signedOut ? "signed_out" : "stale");
}

function tick() {
  byId("wall-time").textContent = clockTime();
  byId("wall-day").textContent = dayName();
  watch();
}

feed.addEventListener("items", (event) => arrived(/** @type {CustomEvent} */ (event).detail));
feed.addEventListener("state", (event) => {
  const place = byId("feed-state");
  place.dataset.feed = /** @type {CustomEvent} */ (event).detail;
  place.textContent = word(place.dataset.feed);
});
document.addEventListener("wm:signed-out", () => {
  signedOut = true;
  watch();
});
draw();
setInterval(tick, 1000);
setInterval(recount, 60_000);
setInterval(() => map.reload(), 60_000);
feed.start();
