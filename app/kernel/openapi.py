"""The API described by itself (OpenAPI 3.1): made from the routes, never written beside them.

Paths, methods, permissions and words come from the URL map and the views' docstrings;
``api.json`` of each capability adds what Python cannot say: the shapes of bodies and answers.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from app.kernel.auth import PUBLIC, requires

bp = Blueprint("openapi", __name__)
HOUSE = Path(__file__).parent.parent
TYPES = {"int": {"type": "integer"}, "uuid": {"type": "string", "format": "uuid"}}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
REFUSALS = {
    "400": "The request cannot be read",
    "401": "Nobody is signed in",
    "403": "The post does not include this",
    "404": "There is no such thing",
    "409": "Someone was faster",
    "413": "Too large",
    "422": "A rule says no",
    "429": "Too many attempts",
    "503": "The database is away; try again",
}


@cache
def shapes() -> dict[str, Any]:
    """Return the shapes of bodies and answers, by operation and by name."""
    found: dict[str, Any] = {"operations": {}, "schemas": {}}
    for file in sorted(HOUSE.rglob("api.json")):
        told = json.loads(file.read_text(encoding="utf-8"))
        for group, named in told.items():
            if twice := found[group].keys() & named.keys():
                raise ValueError(f"{file} describes again: {sorted(twice)}")
            found[group] |= named
    return found


@bp.get("/api/v1/openapi.json")
@requires(PUBLIC)
def show() -> ResponseReturnValue:
    """Return this document."""
    rules = [r for r in current_app.url_map.iter_rules() if is_api(r.rule)]
    paths: dict[str, Any] = {}
    for rule in sorted(rules, key=lambda r: r.rule):
        paths.setdefault(path_of(rule.rule), {}).update(operations(rule))
    return jsonify(
        openapi="3.1.0",
        info={"title": "Wanmi 万米", "version": "1", "description": "Digital city management"},
        paths=paths,
        components={
            "schemas": shapes()["schemas"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    )


def is_api(rule: str) -> bool:
    """Say whether an address belongs to programs rather than to people."""
    return rule.startswith(("/api/", "/tiles/", "/healthz", "/readyz"))


def path_of(rule: str) -> str:
    """Return a Flask rule as an OpenAPI path."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)


def operations(rule: Rule) -> dict[str, Any]:
    """Return the operations of one rule, by method."""
    methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return {method.lower(): operation(rule, method) for method in methods}


def operation(rule: Rule, method: str) -> dict[str, Any]:
    """Return one operation: its words, its parameters, its body, its answers."""
    view = current_app.view_functions[rule.endpoint]
    said = (view.__doc__ or "").strip().split("\n\n")
    known = shapes()["operations"].get(f"{method} {path_of(rule.rule)}", {})
    permission = getattr(view, "permission", PUBLIC)
    found: dict[str, Any] = {
        "operationId": f"{method.lower()}_{rule.endpoint}".replace(".", "_"),
        "summary": " ".join(said[0].split()),
        "parameters": [*_in_path(rule), *known.get("parameters", [])],
        "responses": _answers(known),
        "x-permission": permission,
        "security": [] if permission == PUBLIC else [{"bearer": []}],
    }
    if "body" in known:
        found["requestBody"] = {"required": True, "content": known["body"]}
    return found


def _in_path(rule: Rule) -> list[dict[str, Any]]:
    named = re.findall(r"<(?:(\w+):)?(\w+)>", rule.rule)
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": TYPES.get(kind, {"type": "string"}),
        }
        for kind, name in named
    ]


def _answers(known: dict[str, Any]) -> dict[str, Any]:
    good: dict[str, Any] = known.get("answers", {"200": {"description": "Done"}})
    return good | {
        status: {"description": why, "content": PROBLEM} for status, why in REFUSALS.items()
    }
