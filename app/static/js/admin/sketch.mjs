/** Drawing one shape on a map, point by point: what is clicked and what is typed are the same list. */

const SOURCE = "sketch";

/** @typedef {[number, number][]} Points */

/** Return the points written in `text`, a pair a line; null if a line is none. @param {string} text @returns {Points|null} */
export function readPoints(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const points = lines.map((line) => line.split(/[\s,，;]+/).map(Number));
  const sound = points.every(([lon, lat, ...rest]) => !rest.length && Math.abs(lon) <= 180 && Math.abs(lat) <= 90);
  return sound ? /** @type {Points} */ (points) : null;
}

/** @param {Points} points */
export function writePoints(points) {
  return points.map(([lon, lat]) => `${lon.toFixed(7)}, ${lat.toFixed(7)}`).join("\n");
}

/** Return `points` as a GeoJSON geometry, null if they are too few. @param {"point"|"line"|"area"} kind @param {Points} points */
export function geometry(kind, points) {
  if (kind === "point") return points.length ? { type: "Point", coordinates: points[points.length - 1] } : null;
  if (kind === "line") return points.length > 1 ? { type: "LineString", coordinates: points } : null;
  return points.length > 2 ? { type: "Polygon", coordinates: [[...points, points[0]]] } : null;
}

/** Return the points of a simple GeoJSON geometry; the first piece of one of several. @param {any} shape @returns {Points} */
export function pointsOf(shape) {
  if (shape.type === "Point") return [shape.coordinates];
  if (shape.type === "LineString") return shape.coordinates;
  if (shape.type === "MultiLineString") return shape.coordinates[0];
  const ring = shape.type === "Polygon" ? shape.coordinates[0] : shape.coordinates[0][0];
  return ring.slice(0, -1);
}

/** Show `shape` on a map, over everything. @param {any} element a `<wm-map>` @param {any} shape GeoJSON geometry or null @param {Points} points */
export function show(element, shape, points) {
  const map = element.map;
  if (!map) return;
  if (!map.isStyleLoaded()) return map.once("idle", () => show(element, shape, points));
  const corners = points.map((coordinates) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates } }));
  const data = { type: "FeatureCollection", features: [...(shape ? [{ type: "Feature", properties: {}, geometry: shape }] : []), ...corners] };
  if (map.getSource(SOURCE)) return map.getSource(SOURCE).setData(data);
  map.addSource(SOURCE, { type: "geojson", data });
  map.addLayer({ id: "sketch-area", type: "fill", source: SOURCE, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": "#e0521b", "fill-opacity": 0.2 } });
  map.addLayer({ id: "sketch-line", type: "line", source: SOURCE, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": "#e0521b", "line-width": 3 } });
  map.addLayer({ id: "sketch-point", type: "circle", source: SOURCE, filter: ["==", ["geometry-type"], "Point"], paint: { "circle-radius": 6, "circle-color": "#e0521b", "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } });
}
