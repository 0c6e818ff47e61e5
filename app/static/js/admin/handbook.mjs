/** The command handbook: forms that are saved as they stand, and deadlines that would move. */
import { RetryKey, call } from "../api.mjs";
import { el, word } from "../words.mjs";
import "../elements/job.mjs";

const told = /** @type {HTMLElement} */ (document.getElementById("told"));
const SAID = "handbook-told";

/** Say something above the page. @param {string} text @param {"good"|"bad"} tone */
export function say(text, tone) {
  told.className = `notice ${tone}`;
  told.textContent = text;
  told.hidden = false;
  told.scrollIntoView({ block: "nearest" });
}

/** Show the page anew, then say that it is saved. */
export function again() {
  sessionStorage.setItem(SAID, word("saved"));
  location.reload();
}

/** Return what a field means to the server. @param {any} input */
function valueOf(input) {
  const { dataset, value } = input;
  if ("number" in dataset) return Number(value);
  if ("truth" in dataset) return value === "" ? null : value === "true";
  if ("spans" in dataset) return value.split(/[,，]/).map((/** @type {string} */ one) => one.trim().split(/\s*[-–]\s*/));
  return value;
}

/** Return the form's fields as the body of a request. @param {HTMLFormElement} form */
function read(form) {
  /** @type {Record<string, any>} */
  const body = {};
  for (const input of /** @type {any} */ (form.elements)) {
    if (!input.name) continue;
    if ("join" in input.dataset) body[input.name] = (body[input.name] || "") + (input.checked ? input.value : "");
    else if (input.dataset.pair) input.dataset.pair.split(" ").forEach((/** @type {string} */ name, /** @type {number} */ n) => (body[name] = input.value.split(" ")[n]));
    else body[input.name] = valueOf(input);
  }
  return body;
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-post]"))) {
  const key = new RetryKey();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = read(form);
    const path = (form.dataset.post || "").replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(body[name]));
    try {
      await call("POST", path, { body, key: key.for({ path, body }) });
      again();
    } catch (fault) {
      say(/** @type {Error} */ (fault).message, "bad");
    }
  });
}

/** Return a table of `rows`. @param {string[]} heads @param {(string|null)[][]} rows @param {(n: number) => string} [link] */
export function grid(heads, rows, link) {
  const cell = (/** @type {string|null} */ text, /** @type {number} */ row, /** @type {number} */ column) => el("td", {}, link && !column ? el("a", { href: link(row) }, text || "—") : text || "—");
  return el("div", { class: "hb-scroll", tabindex: 0, role: "region", "aria-label": word("table") },
    el("table", { class: "table" }, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, word(head))))),
      el("tbody", {}, ...rows.map((row, n) => el("tr", {}, ...row.map((text, column) => cell(text, n, column)))))));
}

const when = (/** @type {string} */ iso) => iso.slice(0, 16).replace("T", " ");
const moving = /** @type {HTMLFormElement|null} */ (document.getElementById("moving"));
const moves = /** @type {HTMLElement} */ (document.getElementById("moves"));
const button = /** @type {HTMLButtonElement} */ (document.getElementById("move"));
const moveKey = new RetryKey();
const department = () => String(moving && new FormData(moving).get("department"));

/** @param {Event} event */
async function look(event) {
  event.preventDefault();
  try {
    const found = await call("GET", `/api/v1/handbook/reprocessing?department=${encodeURIComponent(department())}`);
    const rows = found.items.map((/** @type {any} */ one) => [one.number || one.uid, one.department, when(one.old_due), when(one.new_due)]);
    const head = found.count ? word("moves_some", found) : word("moves_none");
    moves.replaceChildren(el("p", {}, head), ...(found.count ? [grid(["case", "department", "old_due", "new_due"], rows, (n) => `/cases/${found.items[n].uid}`)] : []));
    button.hidden = !found.count;
  } catch (fault) {
    say(/** @type {Error} */ (fault).message, "bad");
  }
}

async function move() {
  const body = { department: department() };
  try {
    const { job } = await call("POST", "/api/v1/handbook/reprocessing", { body, key: moveKey.for(body) });
    moveKey.spend();
    button.hidden = true;
    moves.replaceChildren(el("wm-job", { job, state: "waiting" }, el("strong", {}, button.textContent)));
  } catch (fault) {
    say(/** @type {Error} */ (fault).message, "bad");
  }
}

moving?.addEventListener("submit", look);
button?.addEventListener("click", move);
const kept = sessionStorage.getItem(SAID);
if (kept) {
  sessionStorage.removeItem(SAID);
  say(kept, "good");
}
