"""A thematic map in one file (HTML): Leaflet, styles and areas inside, no network needed."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import folium
from branca.element import Element

from app.kernel.i18n import translate as _
from app.reports import drawings

VENDOR = Path(__file__).parent.parent / "static" / "vendor" / "leaflet"
LOOK = (
    "body{margin:0;font-family:system-ui,'Noto Sans CJK SC',sans-serif}.legend{position:fixed;"
    "left:12px;bottom:24px;z-index:999;background:#fff;padding:8px 12px;border:1px solid #7a8899}"
    ".legend i{display:inline-block;width:18px;height:12px;margin-right:6px}"
    ".folium-map{position:absolute;inset:0;background:#f3f1ec}h1{position:fixed;z-index:999;"
    "left:60px;top:8px;margin:0;font-size:18px;background:#fff;padding:4px 12px}"
)


class Standalone(folium.Map):
    """A map that asks no other host for anything."""

    default_js: ClassVar[list[tuple[str, str]]] = []  # type: ignore[misc]
    default_css: ClassVar[list[tuple[str, str]]] = []  # type: ignore[misc]


def write(
    path: Path, title: str, areas: Sequence[Mapping[str, Any]],
    values: Mapping[str, float | None], late: Mapping[str, int],
) -> None:  # fmt: skip
    """Write the map of ``areas`` coloured by score, with the late cases of each in its label."""
    page = Standalone(tiles=None, zoom_start=12)
    root: Any = page.get_root()
    head = root.header
    head.add_child(Element(f"<title>{_escape(title)}</title>"))
    head.add_child(Element(f"<style>{_file('leaflet.css')}{LOOK}</style>"))
    head.add_child(Element(f"<script>{_file('leaflet.js')}</script>"))
    if areas:
        _draw(page, areas, values, late)
    root.html.add_child(Element(f"<h1>{_escape(title)}</h1>{_legend(values)}"))
    path.write_text(root.render(), encoding="utf-8")


def _draw(
    page: folium.Map,
    areas: Sequence[Mapping[str, Any]],
    values: Mapping[str, float | None],
    late: Mapping[str, int],
) -> None:
    """Put the areas on the map, and the map where they are."""
    folium.GeoJson(
        _collection(areas, values, late),
        style_function=lambda one: one["properties"]["look"],
        tooltip=folium.GeoJsonTooltip(
            fields=["name", "score", "late"],
            aliases=[_("Region"), _("Score"), _("Late open cases")],
        ),
    ).add_to(page)
    page.fit_bounds(_bounds(areas))


def _file(name: str) -> str:
    """Return a file of Leaflet without what points outside it: pictures and the source map."""
    whole = (VENDOR / name).read_text(encoding="utf-8")
    kept = [line for line in whole.splitlines() if "sourceMappingURL" not in line]
    return "\n".join(kept).replace("url(images/", "url(data:,")


def _collection(
    areas: Sequence[Mapping[str, Any]],
    values: Mapping[str, float | None],
    late: Mapping[str, int],
) -> dict[str, Any]:
    at = drawings.breaks([value for value in values.values() if value is not None])
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": json.loads(area["geojson"]),
                "properties": {
                    "name": area["name"],
                    "score": "—" if values.get(area["code"]) is None else values[area["code"]],
                    "late": late.get(area["code"], 0),
                    "look": {
                        "fillColor": drawings.colour(
                            values.get(area["code"]), at, more_is_worse=False
                        ),
                        "fillOpacity": 0.85,
                        "color": "#c5221f" if late.get(area["code"]) else "#33404d",
                        "weight": 1 + min(4, late.get(area["code"], 0) / 10),
                    },
                },
            }
            for area in areas
        ],
    }


def _bounds(areas: Sequence[Mapping[str, Any]]) -> list[list[float]]:
    """Return south-west and north-east (degrees) of all areas."""
    points = [point for area in areas for point in _points(json.loads(area["geojson"]))]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return [[min(lats), min(lons)], [max(lats), max(lons)]]


def _points(geometry: Mapping[str, Any]) -> list[list[float]]:
    parts = geometry["coordinates"]
    rings = [parts[0]] if geometry["type"] == "Polygon" else [one[0] for one in parts]
    return [point for ring in rings for point in ring]


def _legend(values: Mapping[str, float | None]) -> str:
    lines = "".join(
        f'<div><i style="background:{one["colour"]}"></i>{_escape(one["words"])} ({one["n"]})</div>'
        for one in drawings.legend(values, more_is_worse=False)
    )
    return f'<div class="legend">{_escape(_("Score"))}{lines}</div>'


def _escape(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
