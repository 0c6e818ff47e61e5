/** Beginning an import: a file is sent, its columns are seen and named, then it is compared. */
import { call, RetryKey } from "../api.mjs";
import { data, el, word } from "../words.mjs";

/** @typedef {{columns: string[], rows: string[][], shapes: boolean, crs: string|null, proposed: Record<string, string>}} Glance */

const form = /** @type {HTMLFormElement} */ (document.getElementById("import-form"));
const rest = /** @type {HTMLFieldSetElement} */ (document.getElementById("import-rest"));
const status = /** @type {HTMLElement} */ (document.getElementById("import-status"));
const notice = /** @type {HTMLElement} */ (document.getElementById("import-error"));
/** @type {Record<string, any>} */
const saved = data("saved-mappings") || {};
const key = new RetryKey();
let upload = "";
/** @type {Glance|null} */
let seen = null;

/** @returns {HTMLSelectElement[]} */
const selects = () => Array.from(form.querySelectorAll("select[data-field]"));

/** @param {string} name */
const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @param {string} message */
function refuse(message) {
  notice.textContent = message;
  notice.hidden = false;
  notice.focus();
}

/** @param {Record<string, string>} columns */
function choose(columns) {
  for (const select of selects()) select.value = columns[select.dataset.field || ""] || "";
}

/** @param {Glance} glance */
function show(glance) {
  seen = glance;
  for (const select of selects()) select.replaceChildren(el("option", { value: "" }, `— ${word("import_none")}`), ...glance.columns.map((name) => el("option", { value: name }, name)));
  choose(glance.proposed);
  const head = el("thead", {}, el("tr", {}, ...glance.columns.map((name) => el("th", { scope: "col" }, name))));
  const body = el("tbody", {}, ...glance.rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell)))));
  const table = el("div", { class: "table-scroll", tabindex: 0, role: "region", "aria-label": word("import_rows") }, el("table", { class: "table" }, head, body));
  const told = glance.shapes ? el("p", { class: "small muted" }, word("import_shapes", { crs: glance.crs || word("import_no_crs") })) : null;
  document.getElementById("import-glance")?.replaceChildren(...[told, table].filter((one) => one !== null));
  rest.hidden = false;
}

/** @param {string} id */
async function look(id) {
  upload = id;
  rest.hidden = notice.hidden = true;
  status.textContent = word("import_reading");
  try {
    show(await call("GET", `/api/v1/part-imports/glance?upload=${id}`));
  } catch (fault) {
    refuse(/** @type {Error} */ (fault).message);
  }
  status.textContent = "";
}

function mapping() {
  const columns = Object.fromEntries(selects().filter((select) => select.value).map((select) => [select.dataset.field, select.value]));
  const used = new Set(Object.values(columns));
  const others = (seen?.columns || []).filter((name) => name && !used.has(name));
  /** @type {Record<string, any>} */
  const told = { columns, attributes: field("rest").checked ? Object.fromEntries(others.map((name) => [name, name])) : {} };
  if (field("epsg").value) told.epsg = Number(field("epsg").value);
  return told;
}

form.addEventListener("wm:upload", (event) => look(/** @type {CustomEvent} */ (event).detail.id));
field("saved").addEventListener("change", () => {
  const chosen = saved[field("saved").value];
  choose(chosen ? chosen.columns : seen?.proposed || {});
  field("rest").checked = Boolean(chosen && Object.keys(chosen.attributes || {}).length);
  field("epsg").value = chosen?.epsg || "";
});
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = { upload, kind: field("kind").value, coord_sys: field("coord_sys").value, mapping: mapping(), save_as: field("save_as").value };
  try {
    const begun = await call("POST", "/api/v1/part-imports", { body, key: key.for(body) });
    location.assign(`/admin/parts/imports/${begun.id}`);
  } catch (fault) {
    refuse(/** @type {Error} */ (fault).message);
  }
});
