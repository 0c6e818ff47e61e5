/** The editor's map: cells as tiles, those in view as shapes to choose, lines to draw, vertices to drag. */
import { call } from "../api.mjs";

const NEAR = 14;
const CALM_MS = 250;
const REACH_PX = 15;
const DIGITS = 7;

/** @typedef {[number, number]} Place */
/** @typedef {import("../elements/map.mjs").WmMap} WmMap */

/** Return the colour `name` of the page's style sheet. @param {string} name */
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#0b5cad";
/** @param {any} data */
const collection = (data) => ({ type: "FeatureCollection", features: data });
/** @param {number} n */
const round = (n) => Number(n.toFixed(DIGITS));

export class GridMap extends EventTarget {
  /** @type {Map<string, any>} cells in view, as GeoJSON features by code */
  cells = new Map();
  /** @type {Set<string>} */
  chosen = new Set();
  /** @type {"choose"|"line"|"vertex"|"area"} */
  mode = "choose";
  /** @type {Place[]} */
  draft = [];
  shown = { cells: true, beats: false, zones: false };
  /** @type {any} */
  #proposal = null;
  /** @type {Place|null} */
  #drag = null;
  #waiting = 0;

  /** @param {WmMap} element */
  constructor(element) {
    super();
    this.element = element;
    element.addEventListener("wm:map", () => this.#begin());
  }

  /** @returns {import("maplibre-gl").Map|null} */
  get map() {
    return this.element.map;
  }

  #begin() {
    const map = /** @type {import("maplibre-gl").Map} */ (this.map);
    map.on("moveend", () => this.#soon());
    map.on("click", (event) => this.#click(event));
    map.on("dblclick", (event) => this.mode === "choose" || event.preventDefault());
    map.on("mousedown", (event) => this.#grab(event));
    map.on("touchstart", (event) => this.#grab(event));
    // A new theme is a new style, which knows nothing of what was drawn over the old one.
    map.on("styledata", () => this.#dress());
    this.#dress();
    this.read();
  }

  #dress() {
    const map = /** @type {any} */ (this.map);
    if (!map || map.getSource("edit") || !map.getSource("rows")) return;
    for (const name of ["cells", "beats", "zones"]) map.addSource(`grid-${name}`, { type: "vector", tiles: [`${location.origin}/tiles/${name}/{z}/{x}/{y}.mvt`], minzoom: name === "cells" ? 12 : 9, maxzoom: 17 });
    for (const name of ["edit", "vertices", "draft", "proposal", "fault"]) map.addSource(name, { type: "geojson", data: collection([]), promoteId: name === "edit" ? "code" : undefined });
    for (const layer of layers()) map.addLayer(layer);
    this.show(this.shown);
    this.#paint();
  }

  /** Show or hide tiles of cells, beats and zones. @param {{cells: boolean, beats: boolean, zones: boolean}} wanted */
  show(wanted) {
    this.shown = wanted;
    for (const [name, on] of Object.entries(wanted)) {
      for (const id of [`grid-${name}`, `grid-${name}-fill`, `grid-${name}-name`]) if (this.map?.getLayer(id)) this.map.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    }
  }

  #soon() {
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.read(), CALM_MS);
  }

  /** Read the shapes in view again. */
  async read() {
    const map = this.map;
    if (!map) return;
    if (map.getZoom() < NEAR) {
      this.cells.clear();
      this.#tell("far");
    } else {
      const b = map.getBounds();
      const box = [b.getWest(), b.getSouth(), b.getEast(), b.getNorth()].map(round).join(",");
      const found = await call("GET", `/api/v1/cells/shapes?bbox=${box}`);
      this.cells = new Map(found.features.map((/** @type {any} */ one) => [one.properties.code, one]));
      this.#tell(found.more ? "many" : "near");
    }
    this.#paint();
  }

  /** Forget what the tiles of the grid showed before a change. */
  refresh() {
    for (const name of ["cells", "beats", "zones"]) if (this.map?.getSource(`grid-${name}`)) /** @type {any} */ (this.map).refreshTiles(`grid-${name}`);
    return this.read();
  }

  /** Choose exactly these cells. @param {Iterable<string>} codes */
  choose(codes) {
    this.chosen = new Set(codes);
    this.#paint();
    this.#tell("chosen");
  }

  /** @param {string} code */
  toggle(code) {
    const next = new Set(this.chosen);
    if (!next.delete(code)) next.add(code);
    this.choose(next);
  }

  /** Begin to draw, to drag or to choose. @param {GridMap["mode"]} mode */
  turn(mode) {
    this.mode = mode;
    this.draft = [];
    const map = this.map;
    if (map) {
      map.getCanvas().style.cursor = mode === "line" || mode === "area" ? "crosshair" : "";
      if (mode === "choose") map.doubleClickZoom.enable();
      else map.doubleClickZoom.disable();
    }
    this.#paint();
    this.#tell("draft");
  }

  /** Take the draft from elsewhere, for example typed places. @param {Place[]} places */
  sketch(places) {
    this.draft = places;
    this.#paint();
  }

  /** Show a shape that is only proposed, or none. @param {any} geometry */
  propose(geometry) {
    this.#proposal = geometry;
    this.#paint();
  }

  /** Go to a box [west, south, east, north]. @param {number[]} box */
  zoom(box) {
    this.map?.fitBounds(/** @type {any} */ (box), { padding: 40, maxZoom: 17, animate: false });
  }

  /** Mark one place and go there. @param {Place} place */
  point(place) {
    this.#put("fault", [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } }]);
    this.map?.jumpTo({ center: place, zoom: Math.max(this.map.getZoom(), 16.5) });
  }

  /** Return the vertices of the chosen cells, each once. @returns {Place[]} */
  vertices() {
    const found = new Map();
    for (const code of this.chosen) for (const ring of this.cells.get(code)?.geometry.coordinates || []) for (const place of ring) found.set(place.join(), place);
    return [...found.values()];
  }

  /** @param {import("maplibre-gl").MapMouseEvent} event */
  #click(event) {
    const place = /** @type {Place} */ ([round(event.lngLat.lng), round(event.lngLat.lat)]);
    if (this.mode === "line" || this.mode === "area") {
      this.draft = [...this.draft, place];
      this.#paint();
      return this.#tell("draft");
    }
    if (this.mode !== "choose" || !this.map?.getLayer("edit-fill")) return;
    const [hit] = this.map.queryRenderedFeatures(event.point, { layers: ["edit-fill"] });
    if (hit) this.toggle(hit.properties.code);
  }

  /** Take hold of the vertex under the pointer. @param {import("maplibre-gl").MapMouseEvent|import("maplibre-gl").MapTouchEvent} event */
  #grab(event) {
    const map = this.map;
    if (this.mode !== "vertex" || !map) return;
    // Asked of the shapes, not of what is drawn: a hand may be quicker than the map.
    const [hit] = this.vertices().map((place) => ({ place, away: event.point.dist(map.project(place)) })).sort((a, b) => a.away - b.away);
    if (!hit || hit.away > REACH_PX) return;
    event.preventDefault();
    this.#drag = hit.place;
    const follow = (/** @type {any} */ moved) => this.#put("draft", [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [this.#drag, [moved.lngLat.lng, moved.lngLat.lat]] } }]);
    const [move, up] = event.type === "touchstart" ? ["touchmove", "touchend"] : ["mousemove", "mouseup"];
    map.on(/** @type {any} */ (move), follow);
    map.once(/** @type {any} */ (up), (/** @type {any} */ ended) => {
      map.off(/** @type {any} */ (move), follow);
      this.#tell("moved", { from: this.#drag, to: [round(ended.lngLat.lng), round(ended.lngLat.lat)] });
      this.#drag = null;
      this.#put("draft", []);
    });
  }

  #paint() {
    this.#put("edit", [...this.cells.values()].map((one) => ({ ...one, properties: { ...one.properties, chosen: this.chosen.has(one.properties.code) } })));
    const vertices = this.mode === "vertex" ? this.vertices() : [];
    this.#put("vertices", vertices.map((place) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } })));
    const closed = this.mode === "area" && this.draft.length > 2 ? [...this.draft, this.draft[0]] : this.draft;
    const line = closed.length > 1 ? [{ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: closed } }] : [];
    this.#put("draft", [...line, ...this.draft.map((place) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } }))]);
    this.#put("proposal", this.#proposal ? [{ type: "Feature", properties: {}, geometry: this.#proposal }] : []);
  }

  /** @param {string} name @param {any[]} features */
  #put(name, features) {
    /** @type {any} */ (this.map?.getSource(name))?.setData(collection(features));
  }

  /** @param {string} name @param {any} [detail] */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @returns {any[]} */
function layers() {
  const brand = colour("--brand");
  const muted = colour("--muted");
  const handle = colour("--handle");
  const zone = colour("--verify");
  const text = { "text-font": ["sans-serif"], "text-size": 13 };
  const halo = { "text-color": colour("--text"), "text-halo-color": colour("--surface"), "text-halo-width": 1.5 };
  return [
    { id: "grid-zones-fill", type: "fill", source: "grid-zones", "source-layer": "zones", paint: { "fill-color": zone, "fill-opacity": 0.12 } },
    { id: "grid-zones", type: "line", source: "grid-zones", "source-layer": "zones", paint: { "line-color": zone, "line-width": 3, "line-dasharray": [3, 2] } },
    { id: "grid-beats-fill", type: "fill", source: "grid-beats", "source-layer": "beats", paint: { "fill-color": handle, "fill-opacity": 0.08 } },
    { id: "grid-cells", type: "line", source: "grid-cells", "source-layer": "cells", minzoom: 12, paint: { "line-color": muted, "line-width": 0.8 } },
    { id: "grid-beats", type: "line", source: "grid-beats", "source-layer": "beats", paint: { "line-color": handle, "line-width": 2.5 } },
    { id: "edit-fill", type: "fill", source: "edit", paint: { "fill-color": brand, "fill-opacity": ["case", ["get", "chosen"], 0.3, 0.02] } },
    { id: "edit-line", type: "line", source: "edit", filter: ["get", "chosen"], paint: { "line-color": brand, "line-width": 3 } },
    { id: "edit-name", type: "symbol", source: "edit", minzoom: 15.5, layout: { ...text, "text-size": 11, "text-field": ["slice", ["get", "code"], 9] }, paint: halo },
    { id: "grid-beats-name", type: "symbol", source: "grid-beats", "source-layer": "beats", layout: { ...text, "text-field": ["get", "name"] }, paint: halo },
    { id: "grid-zones-name", type: "symbol", source: "grid-zones", "source-layer": "zones", layout: { ...text, "text-size": 15, "text-field": ["get", "name"] }, paint: halo },
    { id: "proposal", type: "fill", source: "proposal", paint: { "fill-color": zone, "fill-opacity": 0.3 } },
    { id: "proposal-line", type: "line", source: "proposal", paint: { "line-color": zone, "line-width": 2 } },
    { id: "draft", type: "line", source: "draft", paint: { "line-color": colour("--overdue"), "line-width": 2.5 } },
    { id: "draft-points", type: "circle", source: "draft", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 5, "circle-color": colour("--overdue") } },
    { id: "edit-vertices", type: "circle", source: "vertices", paint: { "circle-radius": 6, "circle-color": colour("--surface"), "circle-stroke-color": brand, "circle-stroke-width": 2.5 } },
    { id: "fault", type: "circle", source: "fault", paint: { "circle-radius": 16, "circle-color": "#0000", "circle-stroke-color": colour("--overdue"), "circle-stroke-width": 3 } },
  ];
}
