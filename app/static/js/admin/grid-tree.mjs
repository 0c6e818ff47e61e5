/** The tree of divisions: opened level by level, found by name or code. */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";

/** @typedef {{code: string, name: string, level: number, has_area: boolean, has_children: boolean, w: number|null, s: number|null, e: number|null, n: number|null}} Division */

const TYPING_MS = 250;

/**
 * Show `top` in `list` and tell `choose` which division was chosen.
 * @param {HTMLElement} list
 * @param {HTMLInputElement} find
 * @param {Division[]} top
 * @param {(division: Division) => void} choose
 */
export function tree(list, find, top, choose) {
  let waiting = 0;
  list.replaceChildren(...(top.length ? top.map((one) => item(one, choose, list)) : [el("li", { class: "small muted" }, word("g_no_tree"))]));
  const search = () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const words = find.value.trim();
      const found = words ? (await call("GET", `/api/v1/divisions?q=${encodeURIComponent(words)}`)).items : top;
      list.replaceChildren(...(found.length ? found.map((/** @type {Division} */ one) => item(one, choose, list)) : [el("li", { class: "small muted" }, word("g_no_divisions"))]));
    }, TYPING_MS);
  };
  find.addEventListener("input", search);
  // What was typed before this script ran, or was brought back by the browser, is looked for too.
  if (find.value) search();
}

/** @param {Division} division @param {(division: Division) => void} choose @param {HTMLElement} root */
function item(division, choose, root) {
  const below = el("ul", { hidden: true });
  const name = el("button", { type: "button", class: "name", onclick: () => {
    for (const other of root.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    name.setAttribute("aria-current", "true");
    choose(division);
  } }, `${division.name} `, el("small", {}, division.code));
  const open = el("button", { type: "button", class: "open", "aria-expanded": "false", "aria-label": word("g_expand", { name: division.name }), onclick: () => expand(division, open, below, choose, root) }, "▸");
  if (!division.has_children) open.style.visibility = "hidden";
  return el("li", {}, el("div", { class: "tree-row" }, open, name), below);
}

/** @param {Division} division @param {HTMLElement} button @param {HTMLElement} below @param {(division: Division) => void} choose @param {HTMLElement} root */
async function expand(division, button, below, choose, root) {
  const opens = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(opens));
  button.textContent = opens ? "▾" : "▸";
  below.hidden = !opens;
  if (opens && !below.childElementCount) await fill(division.code, "", below, choose, root);
}

/** @param {string} parent @param {string} after @param {HTMLElement} below @param {(division: Division) => void} choose @param {HTMLElement} root */
async function fill(parent, after, below, choose, root) {
  const { items, next } = await call("GET", `/api/v1/divisions?parent=${parent}&after=${after}`);
  below.append(...items.map((/** @type {Division} */ one) => item(one, choose, root)));
  if (!next) return;
  const more = el("li", {}, el("button", { type: "button", class: "btn btn-sm btn-plain", onclick: () => {
    more.remove();
    fill(parent, next, below, choose, root);
  } }, word("g_more")));
  below.append(more);
}
