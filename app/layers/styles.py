"""How a layer looks: a closed document, checked here and turned into MapLibre's layers.

Colours are given per ground (light, dark, wall).  Administrators choose among what is listed;
nothing they write is ever handed on as an expression.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.errors import Refused, sentence

GROUNDS = ("light", "dark", "wall")
TOKENS = (
    *("land", "water", "green", "building", "road", "trunk", "edge"),
    *("path", "rail", "text", "halo", "cell", "part"),
)
"""What of the base map, and of cells and parts upon it, has a colour of its own."""
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
FIELD = re.compile(r"[^\x00-\x1f\"\\]{1,60}")
KEYS = frozenset({"color", "outline", "width", "radius", "opacity", "label", "classes"})
NUMBERS = {"width": (0.2, 12.0), "radius": (1.0, 20.0), "opacity": (0.05, 1.0)}
MOST_CLASSES = 24
DEFAULT: dict[str, Any] = {
    "color": {"light": "#0b5cad", "dark": "#6cb4ff", "wall": "#4cc3ff"},
    "outline": {"light": "#083f78", "dark": "#b5d8ff", "wall": "#b5e4ff"},
    "width": 2.0,
    "radius": 5.0,
    "opacity": 0.45,
    "label": "",
    "classes": {"field": "", "rows": []},
}
FONT = ["sans-serif"]
TEXT = {
    "light": ("#33404d", "#ffffff"),
    "dark": ("#d3dde8", "#0f1722"),
    "wall": ("#c9dbf5", "#07142b"),
}


def checked(name: str, document: Any) -> dict[str, Any]:
    """Return ``document`` if a layer called ``name`` can be drawn by it, else raise ``Refused``."""
    if not isinstance(document, dict):
        raise Refused(sentence("A style must be an object.")).about("document")
    if name == "base":
        return {"tokens": _tokens(document)}
    _only(document, KEYS)
    found = DEFAULT | document
    for key in ("color", "outline"):
        found[key] = _colours(found[key], key)
    for key, (least, most) in NUMBERS.items():
        found[key] = _number(found[key], key, least, most)
    return found | {"label": _field(found["label"]), "classes": _classes(found["classes"])}


def _tokens(document: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    _only(document, {"tokens"})
    given = document.get("tokens", {})
    if not isinstance(given, dict):
        raise Refused(sentence("A style must be an object.")).about("tokens")
    _only(given, set(GROUNDS))
    for ground, colours in given.items():
        if not isinstance(colours, dict):
            raise Refused(sentence("A style must be an object.")).about(ground)
        _only(colours, set(TOKENS))
    return {
        ground: {token: _colour(colour, token) for token, colour in colours.items()}
        for ground, colours in given.items()
    }


def _only(given: Mapping[str, Any], known: set[str] | frozenset[str]) -> None:
    if strange := sorted(str(key)[:40] for key in given.keys() - known):
        raise Refused(
            sentence("A style knows no “%(key)s”. Known are: %(known)s."),
            key=strange[0],
            known=", ".join(sorted(known)),
        ).about("document")


def _colours(given: Any, key: str) -> dict[str, str]:
    if not isinstance(given, dict) or set(given) != set(GROUNDS):
        raise Refused(
            sentence("“%(key)s” needs a colour for light, dark and wall."), key=key
        ).about(key)
    return {ground: _colour(given[ground], key) for ground in GROUNDS}


def _colour(given: Any, key: str) -> str:
    if not isinstance(given, str) or not COLOUR.fullmatch(given):
        raise Refused(sentence("“%(key)s” must be a colour like #0b5cad."), key=key).about(key)
    return given.lower()


def _number(given: Any, key: str, least: float, most: float) -> float:
    good = isinstance(given, int | float) and not isinstance(given, bool)
    if not good or not least <= given <= most:
        raise Refused(
            sentence("“%(field)s” must be a number from %(least)s to %(most)s."),
            field=key,
            least=least,
            most=most,
        ).about(key)
    return float(given)


def _field(given: Any) -> str:
    if given == "" or (isinstance(given, str) and FIELD.fullmatch(given)):
        return str(given)
    raise Refused(sentence("That is no name of an attribute.")).about("label")


def _classes(given: Any) -> dict[str, Any]:
    rows = given.get("rows") if isinstance(given, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_CLASSES or set(given) - {"field", "rows"}:
        raise Refused(
            sentence("A style has at most %(most)s classes of one attribute."), most=MOST_CLASSES
        ).about("classes")
    return {"field": _field(given.get("field", "")), "rows": [_class(row) for row in rows]}


def _class(row: Any) -> dict[str, Any]:
    if not isinstance(row, dict) or not isinstance(row.get("value"), str):
        raise Refused(sentence("A class needs a value and colours.")).about("classes")
    _only(row, {"value", "label", "color"})
    label = row.get("label", "")
    if not isinstance(label, str) or len(label) > 60 or len(row["value"]) > 60:
        raise Refused(sentence("A class needs a value and colours.")).about("classes")
    return {"value": row["value"], "label": label, "color": _colours(row.get("color"), "color")}


def drawn(
    name: str, document: Mapping[str, Any], ground: str, zooms: tuple[int, int]
) -> list[dict[str, Any]]:
    """Return MapLibre's layers for ``name`` on ``ground``, from the first of ``zooms`` to the last.

    Areas are filled and outlined, lines drawn, points set as discs: a layer may hold all three.
    """
    style = {**DEFAULT, **document}
    colour = _by_class(style["classes"], style["color"][ground], ground)
    shared = {"source": name, "source-layer": name, "minzoom": zooms[0], "maxzoom": zooms[1] + 1}
    outline, opacity, width = style["outline"][ground], style["opacity"], style["width"]
    layers = [
        _layer(name, "fill", "Polygon", shared, {"fill-color": colour, "fill-opacity": opacity}),
        _layer(
            name, "outline", "Polygon", shared, {"line-color": outline, "line-width": width / 2}
        ),
        _layer(name, "line", "LineString", shared, {"line-color": colour, "line-width": width}),
        _layer(
            name,
            "circle",
            "Point",
            shared,
            {
                "circle-color": colour,
                "circle-radius": style["radius"],
                "circle-stroke-color": outline,
                "circle-stroke-width": 1,
            },
        ),
    ]
    return layers + ([_label(name, style["label"], ground, shared)] if style["label"] else [])


def _layer(
    name: str, what: str, geometry: str, shared: Mapping[str, Any], paint: Mapping[str, Any]
) -> dict[str, Any]:
    kind = "line" if what == "outline" else what
    only = ["==", ["geometry-type"], geometry]
    return {"id": f"own-{name}-{what}", "type": kind, **shared, "filter": only, "paint": paint}


def _label(name: str, field: str, ground: str, shared: Mapping[str, Any]) -> dict[str, Any]:
    ink, halo = TEXT[ground]
    written = ["to-string", ["coalesce", ["get", field], ""]]
    return {
        "id": f"own-{name}-label",
        "type": "symbol",
        **shared,
        "layout": {
            "text-field": written,
            "text-font": FONT,
            "text-size": 12,
            "text-offset": [0, 0.9],
            "text-anchor": "top",
        },
        "paint": {"text-color": ink, "text-halo-color": halo, "text-halo-width": 1.5},
    }


def _by_class(classes: Mapping[str, Any], other: str, ground: str) -> Any:
    rows: Sequence[Mapping[str, Any]] = classes["rows"]
    if not classes["field"] or not rows:
        return other
    # A label may be given only once, or MapLibre refuses the whole style.
    pairs = {row["value"]: row["color"][ground] for row in rows}
    value = ["to-string", ["get", classes["field"]]]
    return ["match", value, *(part for pair in pairs.items() for part in pair), other]
