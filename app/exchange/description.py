"""The API described by itself (OpenAPI 3.0, as OGC API – Features asks for)."""

from collections.abc import Sequence
from typing import Any

from app.exchange.rules import MOST, SYSTEMS, USUAL, Collection

TEXT = {"type": "string"}
SYSTEM = {"type": "string", "format": "uri", "enum": list(SYSTEMS)}
BOX = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
LIMIT = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}


def document(root: str, collections: Sequence[Collection]) -> dict[str, Any]:
    """Return the description of what lies under ``root``."""
    paths: dict[str, Any] = {
        "/": _get("Landing page"),
        "/conformance": _get("Conformance classes"),
        "/collections": _get("Collections"),
    }
    for one in collections:
        at = f"/collections/{one.name}"
        paths[at] = _get(one.words)
        paths[f"{at}/items"] = _get(one.words, *_asked(one), kind="application/geo+json")
        key = {"name": "featureId", "in": "path", "required": True, "schema": TEXT}
        single = _get(one.words, key, _in_query("crs", SYSTEM), kind="application/geo+json")
        paths[f"{at}/items/{{featureId}}"] = single
    return {
        "openapi": "3.0.3",
        "info": {"title": "Wanmi 万米", "version": "1"},
        "servers": [{"url": root}],
        "paths": paths,
    }


def _get(words: str, *parameters: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    good = {"description": words, "content": {kind: {"schema": {"type": "object"}}}}
    wrong = {"description": "The request cannot be read"}
    told = {"summary": words, "parameters": list(parameters)}
    return {"get": told | {"responses": {"200": good, "400": wrong}}}


def _in_query(name: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema, **more}


def _asked(one: Collection) -> list[dict[str, Any]]:
    return [
        _in_query("bbox", BOX, style="form", explode=False),
        _in_query("bbox-crs", SYSTEM),
        _in_query("crs", SYSTEM),
        _in_query("datetime", TEXT),
        _in_query("limit", LIMIT),
        _in_query("after", TEXT),
        *(_in_query(name, TEXT) for name in one.filters),
    ]
