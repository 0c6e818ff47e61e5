/** The one map style: colours of three grounds (light, dark, wall), sources and layers of all maps. */

/**
 * What the register says of the maps: colours of the base map that somebody chose, and the layers a reader may switch on.
 * @typedef {{name: string, title: string, source: string, min_zoom: number, layers: Record<string, any[]>, legend: {label: string, color: Record<string, string>}[]}} Own
 * @typedef {{tokens: Record<string, Record<string, string>>, items: Own[], hidden?: string[]}} Register
 */

/** Hues of the stages on each ground; text beside the map says the same in words. */
const STAGES = {
  light: { collect: "#6b4bb3", file: "#0b5cad", dispatch: "#0a7280", handle: "#8a5600", report: "#8a5600", verify: "#96408f", close: "#1f7a43" },
  dark: { collect: "#b79bff", file: "#6cb4ff", dispatch: "#38d3e0", handle: "#ffc24d", report: "#ffc24d", verify: "#f59be4", close: "#4fe08a" },
};
const LAMPS = { light: { soon: "#d99a00", overdue: "#b42318" }, dark: { soon: "#ffd84d", overdue: "#ff6b6b" } };
/** @type {Record<string, Record<string, string>>} */
export const GROUNDS = {
  light: { land: "#f3f1ec", water: "#b9d7ea", green: "#d7e8cd", building: "#e3ded5", road: "#ffffff", trunk: "#fbe3a8", edge: "#cfc8bb", path: "#d9cfbe", rail: "#a9a49c", text: "#33404d", halo: "#ffffffd0", cell: "#7a8899", part: "#4a5868" },
  dark: { land: "#18222d", water: "#16364d", green: "#1d3328", building: "#222e3b", road: "#34424f", trunk: "#5a5136", edge: "#10171f", path: "#3d4a56", rail: "#55606d", text: "#d3dde8", halo: "#0f1722d0", cell: "#63778d", part: "#b9c6d6" },
  wall: { land: "#0a1a36", water: "#0c3358", green: "#0d2c38", building: "#10294f", road: "#1f4272", trunk: "#2f62a0", edge: "#07142b", path: "#1a3a66", rail: "#3c5f92", text: "#c9dbf5", halo: "#07142bd0", cell: "#2f5a92", part: "#8fa8ce" },
};
// Without `glyphs` MapLibre draws every letter with the fonts of the machine: no font server.
const FONT = ["sans-serif"];

/** Return the ground this page shows now. @param {string|null} wanted a ground of its own (wall, light, dark); else the page's */
export function ground(wanted) {
  if (wanted && wanted in GROUNDS) return wanted;
  const theme = document.documentElement.dataset.theme;
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  return dark ? "dark" : "light";
}

/** @param {string} name @param {number} minzoom */
function tiles(name, minzoom) {
  return { type: "vector", tiles: [`${location.origin}/tiles/${name}/{z}/{x}/{y}.mvt`], minzoom, maxzoom: 17 };
}

/** @param {string} on @param {string} field */
function hue(on, field) {
  const table = on === "light" ? STAGES.light : STAGES.dark;
  return ["match", ["get", field], ...Object.entries(table).flat(), "#8a97a6"];
}

/** @param {string} on */
function ring(on) {
  const table = on === "light" ? LAMPS.light : LAMPS.dark;
  return ["match", ["get", "lamp"], "soon", table.soon, "overdue", table.overdue, on === "light" ? "#ffffff" : "#07142b"];
}

/** @param {Record<string, string>} c */
function base(c) {
  const road = (/** @type {string} */ kind, /** @type {number} */ from, /** @type {number} */ to) => [
    { id: `${kind}-edge`, type: "line", source: "base", "source-layer": "road", filter: ["==", ["get", "class"], kind], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": c.edge, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, from + 0.6, 17, to + 2] } },
    { id: kind, type: "line", source: "base", "source-layer": "road", filter: ["==", ["get", "class"], kind], layout: { "line-cap": "round", "line-join": "round" }, paint: { "line-color": kind === "trunk" ? c.trunk : c.road, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 10, from, 17, to] } },
  ];
  const fill = (/** @type {string} */ name, /** @type {number} */ minzoom) => ({ id: name, type: "fill", source: "base", "source-layer": name, minzoom, paint: { "fill-color": c[name] } });
  const stroke = (/** @type {string} */ id, /** @type {string} */ source, /** @type {number} */ minzoom, /** @type {object} */ paint) => ({ id, type: "line", source: "base", "source-layer": source, minzoom, filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round", "line-join": "round" }, paint });
  const area = (/** @type {string} */ name) => ({ ...fill(name, 9), filter: ["==", ["geometry-type"], "Polygon"] });
  return [
    { id: "land", type: "background", paint: { "background-color": c.land } },
    area("green"), area("water"),
    stroke("stream", "water", 12, { "line-color": c.water, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 12, 1, 17, ["match", ["get", "class"], "river", 8, 4]] }),
    fill("building", 15),
    { id: "building-edge", type: "line", source: "base", "source-layer": "building", minzoom: 16, paint: { "line-color": c.edge, "line-width": 0.6 } },
    stroke("path", "path", 15, { "line-color": c.path, "line-width": ["interpolate", ["linear"], ["zoom"], 15, 0.8, 18, 2], "line-dasharray": [3, 1.5] }),
    stroke("rail", "rail", 12, { "line-color": c.rail, "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.8, 17, 2.4], "line-opacity": ["match", ["get", "class"], "subway", 0.45, 1] }),
    ...road("lane", 0.3, 6), ...road("street", 0.6, 10), ...road("trunk", 1.2, 16),
  ];
}

/** Points of interest: the large ones first, house numbers last. */
const RANK = ["match", ["get", "class"], ["station", "hospital", "government"], 0, ["school", "culture"], 1, "building", 2, "address", 9, 5];

/** @param {Record<string, string>} c */
function labels(c) {
  const paint = { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.5 };
  const name = (/** @type {string} */ id, /** @type {string} */ from, /** @type {number} */ minzoom, /** @type {object} */ more) => ({ id, type: "symbol", source: "base", "source-layer": from, minzoom, filter: ["all", ["has", "name"], ["!=", ["get", "name"], ""]], layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 12, ...more }, paint });
  return [
    { ...name("water-name", "water", 13, { "text-size": 13, "text-letter-spacing": 0.15, "symbol-placement": "point" }), paint: { ...paint, "text-opacity": 0.75 } },
    name("road-name", "road", 14, { "symbol-placement": "line", "symbol-spacing": 320, "symbol-sort-key": ["match", ["get", "class"], "trunk", 0, "street", 1, 2] }),
    { ...name("poi-name", "poi", 15, { "text-size": ["match", ["get", "class"], "address", 10, 11], "text-max-width": 8, "symbol-sort-key": RANK, "text-padding": 6 }), paint: { ...paint, "text-opacity": 0.85 } },
    { id: "place-name", type: "symbol", source: "base", "source-layer": "place", layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": ["match", ["get", "level"], "district", 17, "street", 14, 12], "symbol-sort-key": ["match", ["get", "level"], "district", 0, "street", 1, 2] }, filter: ["step", ["zoom"], ["==", ["get", "level"], "district"], 11, ["in", ["get", "level"], ["literal", ["district", "street"]]], 13.5, ["in", ["get", "level"], ["literal", ["street", "community"]]]], paint },
  ];
}

/** @param {Record<string, string>} c */
function cells(c) {
  return [{ id: "cells", type: "line", source: "cells", "source-layer": "cells", minzoom: 13, paint: { "line-color": c.cell, "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.5, 17, 1.2], "line-opacity": ["interpolate", ["linear"], ["zoom"], 13, 0.2, 16, 0.6] } }];
}

/** @param {Record<string, string>} c */
function parts(c) {
  const size = ["interpolate", ["linear"], ["zoom"], 15, 2, 18, 5];
  return [
    { id: "parts", type: "circle", source: "parts", "source-layer": "parts", minzoom: 15, paint: { "circle-radius": size, "circle-color": c.part, "circle-stroke-color": c.halo, "circle-stroke-width": 1 } },
    { id: "parts-name", type: "symbol", source: "parts", "source-layer": "parts", minzoom: 17, layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 11, "text-offset": [0, 1], "text-anchor": "top" }, paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1 } },
  ];
}

/** @param {string} on @param {string} source @param {string} [layer] */
function casePoints(on, source, layer) {
  const from = layer ? { source, "source-layer": layer } : { source };
  // A list has fifty rows, a city hundreds of open cases.
  const more = source === "rows" ? 1 : 0;
  const size = ["interpolate", ["linear"], ["zoom"], 10, 1.5 + more, 13, 3 + more, 14.5, 5 + more, 17, 8 + more];
  // The state is the disc, the clock only a thin ring: half of a busy city may be overdue.
  const late = ["match", ["get", "lamp"], ["soon", "overdue"], 1, 0];
  return [{ id: source, type: "circle", ...from, paint: { "circle-radius": size, "circle-color": hue(on, "stage"), "circle-stroke-color": ring(on), "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 11, 0.5, 13.5, ["+", 0.75, ["*", 0.5, late]], 17, ["+", 1, ["*", 1.5, late]]] } }];
}

/** @param {string} on @param {Record<string, string>} c */
function rows(on, c) {
  const chosen = { id: "rows-chosen", type: "circle", source: "rows", filter: ["==", ["get", "uid"], ""], paint: { "circle-radius": 15, "circle-color": "#0000", "circle-stroke-width": 3, "circle-stroke-color": on === "light" ? "#0b5cad" : "#7cbcff" } };
  const name = { id: "rows-name", type: "symbol", source: "rows", minzoom: 14.5, layout: { "text-field": ["get", "kind_name"], "text-font": FONT, "text-size": 12, "text-offset": [0, 1.1], "text-anchor": "top" }, paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.5 } };
  return [...casePoints(on, "rows"), chosen, name];
}

/** @param {Register} register @param {string} on @param {string[]} chosen */
function own(register, on, chosen) {
  return register.items.flatMap((one) => one.layers[on].map((layer) => ({ ...layer, layout: { ...layer.layout, visibility: chosen.includes(one.name) ? "visible" : "none" } })));
}

/** @type {[string, number][]} */
const MINZOOMS = [["base", 9], ["cells", 12], ["parts", 9], ["cases", 9]];

/** The register of a map that could not ask for one. @type {Register} */
export const NOTHING = { tokens: {}, items: [] };

/**
 * Return the MapLibre style of a map that shows `layers` on `on`, and of the register those that were `chosen`.
 * @param {string} on light | dark | wall
 * @param {string[]} layers of cells, parts, cases
 * @param {Register} [register]
 * @param {string[]} [chosen]
 */
export function style(on, layers, register = NOTHING, chosen = []) {
  const c = { ...GROUNDS[on], ...register.tokens[on] };
  const shown = ["base", ...layers].filter((name) => !register.hidden?.includes(name));
  /** @type {Record<string, object>} */
  const sources = { rows: { type: "geojson", data: { type: "FeatureCollection", features: [] } } };
  for (const [name, minzoom] of MINZOOMS) if (shown.includes(name)) sources[name] = tiles(name, minzoom);
  for (const one of register.items) sources[one.name] = tiles(one.name, one.min_zoom);
  const drawn = [
    ...base(c),
    ...(layers.includes("cells") ? cells(c) : []),
    ...own(register, on, chosen),
    ...(layers.includes("parts") ? parts(c) : []),
    ...labels(c),
    ...(layers.includes("cases") ? casePoints(on, "cases", "cases") : []),
    ...rows(on, c),
  ];
  // What is reserved for other posts has no tiles for this reader, and no layers without them.
  return { version: 8, sources, layers: drawn.filter((layer) => !("source" in layer) || String(layer.source) in sources) };
}
