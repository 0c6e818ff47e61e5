/**
 * `<wm-map bbox="w,s,e,n" layers="cells,parts" mode="rows|pick|cross|wall">`: the map of every page.
 *
 * Layers of the register that the reader may see can be switched on at the map's corner; `switcher="no"` leaves that out.
 * Events: `wm:pick` {lon, lat} (degrees, CGCS2000) when a place is chosen, `wm:select` {uid} when a
 * case is clicked, `wm:map` when `map` may be drawn on. The list beside the map shows the same rows: the map is never the only way.
 */
import { ground, style } from "../map-style.mjs";
import { el, word } from "../words.mjs";
import { chosen, register, switcher } from "./map-layers.mjs";

const LIBRARY = "../../vendor/maplibre-gl/maplibre-gl.mjs";
const PULSE_MS = 1800;
const LIVE = 500;
/** Room around what is shown, so that no symbol sticks to an edge or hides under a control. */
const FIT_PX = { top: 28, right: 28, bottom: 40, left: 28 };

/** @typedef {{uid: string, lon: number, lat: number, [key: string]: any}} Item */

export class WmMap extends HTMLElement {
  /** @type {import("maplibre-gl").Map|null} */
  map = null;
  /** @type {any} */
  #library = null;
  /** @type {import("maplibre-gl").Marker|null} */
  #pin = null;
  /** @type {Item[]} */
  #rows = [];
  /** @type {Map<string, Item>} */
  #live = new Map();
  #chosen = "";
  #fitted = false;
  /** @type {import("../map-style.mjs").Register} */
  #register = { tokens: {}, items: [] };
  /** What an editor wants shown instead of what is published and chosen. @type {{register: import("../map-style.mjs").Register, shown: string[]}|null} */
  #previewed = null;

  connectedCallback() {
    if (!this.dataset.drawn) this.#draw();
    this.dataset.drawn = "yes";
  }

  disconnectedCallback() {
    this.map?.remove();
    this.map = null;
    delete this.dataset.drawn;
  }

  /** Show these cases as the map's rows. @param {Item[]} items @param {boolean} [fit] move to show all of them */
  show(items, fit = false) {
    this.#rows = items.filter((item) => item.lon != null && item.lat != null);
    this.#fitted = !fit;
    this.#paint();
  }

  /** Mark case `uid` and bring it into view. @param {string} uid */
  choose(uid) {
    this.#chosen = uid;
    this.map?.getLayer("rows-chosen") && this.map.setFilter("rows-chosen", ["==", ["get", "uid"], uid]);
    const item = this.#rows.find((row) => row.uid === uid);
    if (item && this.map && !this.map.getBounds().contains([item.lon, item.lat])) this.map.panTo([item.lon, item.lat]);
  }

  /** Put the pin at a place (degrees, CGCS2000) and show it. @param {number} lon @param {number} lat @param {number} [zoom] */
  pin(lon, lat, zoom = 16) {
    this.dataset.pin = `${lon},${lat}`;
    if (!this.map) return;
    this.map.jumpTo({ center: [lon, lat], zoom: Math.max(this.map.getZoom(), zoom) });
    if (this.getAttribute("mode") !== "cross") this.#setPin(lon, lat);
  }

  /** Take the pin away and show the whole city again. */
  clear() {
    delete this.dataset.pin;
    this.#pin?.remove();
    this.#pin = null;
  }

  /** Let a place ring once: something happened there. @param {Item} item */
  pulse(item) {
    if (!this.map || item.lon == null) return;
    const marker = new this.#library.Marker({ element: el("span", { class: `pulse ${item.lamp}`, "aria-hidden": "true" }) });
    marker.setLngLat([item.lon, item.lat]).addTo(this.map);
    setTimeout(() => marker.remove(), PULSE_MS);
  }

  /** Show cases that changed at once, over tiles that are older. @param {Item[]} items as the feed brought them */
  refreshCases(items) {
    for (const item of items) this.#live.set(item.uid, item);
    const kept = [...this.#live.values()].slice(-LIVE);
    this.#live = new Map(kept.map((item) => [item.uid, item]));
    this.show(kept.filter((item) => !item.closed_at));
    if (this.map?.getLayer("cases")) this.map.setFilter("cases", ["!", ["in", ["get", "uid"], ["literal", [...this.#live.keys()]]]]);
  }

  /** Read the tiles of the cases again and forget what the feed brought since. */
  reload() {
    this.#live.clear();
    this.show([]);
    if (!this.map?.getLayer("cases")) return;
    this.map.setFilter("cases", null);
    this.map.refreshTiles("cases");
  }

  async #draw() {
    if (!hasWebGl()) return this.append(el("p", { class: "notice map-none" }, word("no_webgl")));
    [this.#library, this.#register] = await Promise.all([import(LIBRARY), register()]);
    if (!this.isConnected) return;
    const box = el("div", { class: "map-box" });
    this.prepend(box);
    if (this.getAttribute("mode") === "cross") this.append(el("span", { class: "cross", "aria-hidden": "true" }));
    this.map = new this.#library.Map(this.#options(box));
    this.#bind();
  }

  /** @param {HTMLElement} container */
  #options(container) {
    const bounds = (this.getAttribute("bbox") || "").split(",").map(Number);
    return {
      container, bounds, fitBoundsOptions: { padding: 12 }, minZoom: 8, maxZoom: 18.5, attributionControl: false,
      style: this.#style(), dragRotate: false, pitchWithRotate: false, touchPitch: false,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
      locale: { "Map.Title": this.getAttribute("label") || word("map_label") },
    };
  }

  #bind() {
    const map = /** @type {import("maplibre-gl").Map} */ (this.map);
    const mode = this.getAttribute("mode");
    if (mode !== "wall") map.addControl(new this.#library.NavigationControl({ showCompass: false }), "bottom-right");
    map.addControl(new this.#library.ScaleControl({ maxWidth: 100 }), "bottom-left");
    map.touchZoomRotate.disableRotation();
    map.on("load", () => {
      this.#paint();
      this.dispatchEvent(new CustomEvent("wm:map", { bubbles: true }));
    });
    map.on("click", (event) => this.#click(event));
    if (mode === "cross") map.on("moveend", (event) => event.originalEvent && this.#tell(map.getCenter()));
    for (const layer of ["rows", "cases"]) this.#hover(map, layer);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#restyle());
    if (this.dataset.pin) this.pin(...this.#pinned());
    if (["rows", "wall"].includes(mode || "") && this.getAttribute("switcher") !== "no") this.#offer(map);
  }

  /** Let the reader switch the register's layers on and off. @param {import("maplibre-gl").Map} map */
  #offer(map) {
    const on = () => this.#ground();
    const offered = switcher(this.#register, on, (one, shown) => {
      for (const layer of one.layers[on()]) map.setLayoutProperty(layer.id, "visibility", shown ? "visible" : "none");
    });
    if (offered) this.append(offered);
  }

  #ground() {
    return ground(this.getAttribute("ground") || this.getAttribute("mode"));
  }

  #style() {
    const layers = (this.getAttribute("layers") || "").split(",");
    if (this.#previewed) return /** @type {any} */ (style(this.#ground(), layers, this.#previewed.register, this.#previewed.shown));
    const shown = this.getAttribute("switcher") === "no" ? [] : chosen();
    return /** @type {any} */ (style(this.#ground(), layers, this.#register, shown));
  }

  /** Show other colours of the base map and one layer drawn otherwise, as an editor does. @param {import("../map-style.mjs").Register} register @param {string[]} shown */
  preview(register, shown) {
    this.#previewed = { register, shown };
    if (this.map?.isStyleLoaded()) this.map.setStyle(this.#style());
    else this.map?.once("idle", () => this.map?.setStyle(this.#style()));
  }

  /** @returns {[number, number]} */
  #pinned() {
    const [lon, lat] = (this.dataset.pin || "").split(",").map(Number);
    return [lon, lat];
  }

  /** @param {import("maplibre-gl").Map} map @param {string} layer */
  #hover(map, layer) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
  }

  #restyle() {
    this.map?.setStyle(this.#style());
    this.map?.once("styledata", () => this.#paint());
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  #click(event) {
    const map = /** @type {import("maplibre-gl").Map} */ (this.map);
    if (this.getAttribute("mode") === "pick") {
      this.#setPin(event.lngLat.lng, event.lngLat.lat);
      return this.#tell(event.lngLat);
    }
    const reach = 8;
    const { x, y } = event.point;
    const layers = ["rows", "cases"].filter((layer) => map.getLayer(layer));
    const [hit] = map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers });
    if (hit) this.dispatchEvent(new CustomEvent("wm:select", { bubbles: true, detail: { uid: hit.properties.uid } }));
  }

  /** @param {{lng: number, lat: number}} place */
  #tell({ lng, lat }) {
    this.dispatchEvent(new CustomEvent("wm:pick", { bubbles: true, detail: { lon: lng, lat } }));
  }

  /** @param {number} lon @param {number} lat */
  #setPin(lon, lat) {
    const map = /** @type {import("maplibre-gl").Map} */ (this.map);
    const element = el("span", { class: "pin", role: "img", "aria-label": word("pin_label") });
    this.#pin ||= new this.#library.Marker({ element, anchor: "bottom" });
    this.#pin?.setLngLat([lon, lat]).addTo(map);
  }

  #paint() {
    const source = /** @type {any} */ (this.map?.getSource("rows"));
    if (!source || !this.map) return;
    const features = this.#rows.map((row) => ({ type: "Feature", properties: row, geometry: { type: "Point", coordinates: [row.lon, row.lat] } }));
    source.setData({ type: "FeatureCollection", features });
    this.choose(this.#chosen);
    if (!this.#fitted && features.length) this.#fit();
  }

  #fit() {
    this.#fitted = true;
    const bounds = new this.#library.LngLatBounds();
    for (const row of this.#rows) bounds.extend([row.lon, row.lat]);
    this.map?.fitBounds(bounds, { padding: FIT_PX, maxZoom: 16, animate: false });
  }
}

function hasWebGl() {
  return Boolean(document.createElement("canvas").getContext("webgl2"));
}

customElements.define("wm-map", WmMap);
