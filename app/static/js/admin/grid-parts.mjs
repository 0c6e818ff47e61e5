/** Small pieces that the panels of the grid share: messages, places as text, tabs, jobs, reports. */
import { el, word } from "../words.mjs";

/** @typedef {import("./grid-map.mjs").Place} Place */
/** @typedef {{grid: import("./grid-map.mjs").GridMap, within: () => string, level: () => number, refresh: (changed?: boolean) => Promise<void>}} Page */

/** @param {string} id @returns {HTMLElement} */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Say what happened. @param {string} sentence @param {"good"|"bad"} [how] */
export function tell(sentence, how = "good") {
  const told = byId("told");
  told.textContent = sentence;
  told.className = `notice ${how}`;
  told.hidden = false;
}

/** Run `deed`; what the server refuses is told. @param {() => Promise<void>} deed */
export async function tried(deed) {
  try {
    await deed();
  } catch (fault) {
    tell(/** @type {Error} */ (fault).message, "bad");
  }
}

/** Return the places in `text`, one a line, null if one is none. @param {string} text @returns {Place[]|null} */
export function toPlaces(text) {
  const lines = text.split("\n").map((one) => one.trim()).filter(Boolean);
  const places = lines.map((one) => one.split(/[\s,，]+/).map(Number));
  return places.every((one) => one.length === 2 && one.every(Number.isFinite)) ? /** @type {Place[]} */ (places) : null;
}

/** @param {Place[]} places */
export const toLines = (places) => places.map((one) => one.join(", ")).join("\n");

/** Let tabs be walked with arrows, and one be opened by the address (`#beats`). @param {HTMLElement} list */
export function tabs(list) {
  const all = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=tab]")]);
  const open = (/** @type {HTMLElement} */ wanted) => {
    for (const tab of all) {
      const on = tab === wanted;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      byId(tab.getAttribute("aria-controls") || "").hidden = !on;
    }
  };
  const show = (/** @type {HTMLElement} */ wanted) => {
    open(wanted);
    wanted.focus();
  };
  const called = all.find((tab) => location.hash === `#${tab.id.replace("tab-", "")}`);
  if (called) open(called);
  list.addEventListener("click", (event) => {
    const tab = /** @type {HTMLElement} */ (event.target).closest("[role=tab]");
    if (tab) show(/** @type {HTMLElement} */ (tab));
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = all.indexOf(/** @type {HTMLElement} */ (event.target));
    if (step && at >= 0) show(all[(at + step + all.length) % all.length]);
  });
}

/** Follow a job in `box` and hand its result on when it is done. @param {HTMLElement} box @param {number} job @param {string} title @param {(result: any) => void} done */
export function watch(box, job, title, done) {
  const shown = el("wm-job", { job, state: "waiting" }, el("strong", {}, title));
  shown.addEventListener("wm:job", (event) => {
    const over = /** @type {CustomEvent} */ (event).detail;
    if (over.state === "done") done(over.result);
  });
  box.replaceChildren(shown);
}

/** Show the report of a check: each fault with a way to its place. @param {Page} page @param {any} report */
export function showReport(page, report) {
  const told = byId("check-told");
  told.className = `notice ${report.faults ? "bad" : report.warnings ? "warn" : "good"}`;
  told.textContent = word(report.faults || report.warnings ? "g_faults" : "g_clean", report);
  byId("faults").replaceChildren(...report.items.map((/** @type {any} */ one) => {
    const kind = el("span", { class: one.warning ? "lamp soon" : "lamp overdue" }, one.warning ? `▲ ${word("g_warning")}` : `◆ ${word("g_fault")}`);
    const words = one.at ? el("button", { type: "button", class: "linked grow", onclick: () => page.grid.point(one.at) }, one.message) : el("span", { class: "grow" }, one.message);
    return el("li", {}, kind, words);
  }));
}
