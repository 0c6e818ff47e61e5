/** One case on a page of its own. */
import { keepFresh } from "./case-view.mjs";
import "./elements/map.mjs";

const article = /** @type {HTMLElement} */ (document.querySelector("article.case"));
const { uid = "", lon, lat } = article.dataset;
const map = /** @type {import("./elements/map.mjs").WmMap} */ (document.getElementById("map"));
map.show([{ uid, lon: Number(lon), lat: Number(lat), kind_name: document.querySelector(".case-kind")?.textContent?.trim(), stage: "", lamp: "" }]);
map.choose(uid);
keepFresh("#drawer");
document.addEventListener("click", (event) => {
  if (/** @type {Element} */ (event.target).closest("[data-close]")) history.length > 1 ? history.back() : location.assign("/");
});
