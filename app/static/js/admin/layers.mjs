/** The register of layers: enter one, import the base map, take an import back. */
import { call, RetryKey } from "../api.mjs";
import { el, uid, word } from "../words.mjs";
import { started, told } from "./layer-forms.mjs";
import "../elements/job.mjs";
import "../elements/upload.mjs";

/** @typedef {{upload: string, name: string, holds: string}} Sheet */

const key = new RetryKey();
const form = /** @type {HTMLFormElement} */ (document.getElementById("import-base"));
const kinds = (form.dataset.kinds || "").split(",");
/** @type {Sheet[]} */
let sheets = [];

/** What a file most likely holds, by its name. @param {string} name */
function guess(name) {
  if (/\.(osm|pbf)|\.osm\./i.test(name)) return "osm";
  /** @type {[RegExp, string][]} */
  const hints = [[/building|房|建筑/i, "building"], [/poi|amenit|兴趣/i, "poi"], [/water|水|河/i, "water"], [/land|green|park|绿/i, "green"], [/place|地名/i, "place"], [/rail|transit|轨道/i, "rail"]];
  return hints.find(([hint]) => hint.test(name))?.[1] || "road";
}

function draw() {
  const list = /** @type {HTMLElement} */ (document.getElementById("sheets"));
  list.replaceChildren(...sheets.map((sheet, n) => {
    const id = uid("holds");
    const choice = /** @type {HTMLSelectElement} */ (el("select", { class: "form-select", id }, ...kinds.map((kind) => el("option", { value: kind, selected: kind === sheet.holds }, word(`holds_${kind}`)))));
    choice.addEventListener("change", () => (sheet.holds = choice.value));
    const out = () => {
      sheets = sheets.filter((one) => one !== sheet);
      draw();
    };
    return el("li", {}, el("span", { class: "sheet-name" }, sheet.name), el("label", { for: id }, word("sheet_holds")), choice,
      el("button", { type: "button", class: "btn btn-sm btn-plain", "aria-label": word("sheet_remove", { n: n + 1 }), onclick: out }, "✕"));
  }));
}

form.addEventListener("wm:upload", (event) => {
  const sent = /** @type {CustomEvent} */ (event).detail;
  sheets.push({ upload: sent.id, name: sent.name, holds: guess(sent.name) });
  draw();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  told(async () => {
    if (!sheets.length) throw new Error(word("sheet_none"));
    const given = new FormData(form);
    const body = { source: given.get("source"), coord_sys: given.get("coord_sys"), replaces: given.get("replaces"), repair: given.has("repair"), sheets: sheets.map(({ upload, holds }) => ({ upload, holds })) };
    const { job } = await call("POST", "/api/v1/base-imports", { body, key: key.for(body) });
    key.spend();
    started(job, String(given.get("source")));
  });
});

const create = /** @type {HTMLFormElement} */ (document.getElementById("create"));
create.addEventListener("submit", (event) => {
  event.preventDefault();
  told(async () => {
    const body = Object.fromEntries(new FormData(create));
    const made = await call("POST", "/api/v1/layers", { body, key: key.for(body) });
    location.assign(`/admin/layers/${made.name}`);
  });
});

for (const button of document.querySelectorAll("[data-undo]")) {
  button.addEventListener("click", () => told(async () => {
    if (!confirm(word("undo_sure"))) return;
    const { job } = await call("POST", `/api/v1/base-imports/${/** @type {HTMLElement} */ (button).dataset.undo}/undo`, { body: {} });
    started(job, button.textContent || "");
  }));
}
