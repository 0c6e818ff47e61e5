/** The panel of zones: made of divisions and cells, changed, taken away. */
import { call } from "../api.mjs";
import { el, word } from "../words.mjs";
import { byId, tell, tried } from "./grid-parts.mjs";

/** @typedef {import("./grid-parts.mjs").Page} Page */

/** @param {Page} page */
export function zonePanel(page) {
  const name = /** @type {HTMLInputElement} */ (byId("zone-name"));
  const members = /** @type {HTMLTextAreaElement} */ (byId("zone-members"));
  let code = "";

  async function read() {
    const { items } = await call("GET", "/api/v1/zones");
    byId("zones").replaceChildren(...(items.length ? items.map(row) : [el("li", { class: "muted" }, word("g_no_zones"))]));
  }

  /** @param {{code: string, name: string, members: string[], w: number, s: number, e: number, n: number}} zone */
  function row(zone) {
    const open = el("button", { type: "button", class: "linked", onclick: () => {
      code = zone.code;
      name.value = zone.name;
      members.value = zone.members.join("\n");
      page.grid.zoom([zone.w, zone.s, zone.e, zone.n]);
    } }, zone.name);
    const remove = el("button", { type: "button", class: "btn btn-sm btn-plain", "aria-label": `${word("g_remove")} ${zone.name}`, onclick: () => tried(async () => {
      await call("DELETE", `/api/v1/zones/${zone.code}`);
      tell(word("g_zone_gone", { code: zone.code }));
      await Promise.all([read(), page.refresh()]);
    }) }, word("g_remove"));
    return el("li", {}, open, el("span", { class: "code grow" }, zone.code), el("span", { class: "small" }, word("g_members", { n: zone.members.length })), remove);
  }

  byId("zone-add").addEventListener("click", () => {
    const more = page.grid.chosen.size ? [...page.grid.chosen] : [page.within()].filter(Boolean);
    if (!more.length) return tell(word("g_choose_division"), "bad");
    members.value = [...new Set([...members.value.split(/\s+/).filter(Boolean), ...more])].join("\n");
  });
  byId("zone-form").addEventListener("submit", (event) => {
    event.preventDefault();
    tried(async () => {
      const body = { code, name: name.value, members: members.value.split(/\s+/).filter(Boolean) };
      const done = await call("POST", "/api/v1/zones", { body });
      tell(word("g_zone_saved", { code: done.code }));
      code = name.value = members.value = "";
      await Promise.all([read(), page.refresh()]);
    });
  });
  byId("tab-zones").addEventListener("click", read);
}
