"""OGC API – Features over HTTP: cells, parts and public cases, for any map program."""

import json
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.exchange import description, queries, rules
from app.exchange.rules import COLLECTIONS, Collection, link
from app.kernel import clock
from app.kernel.auth import PUBLIC, requires
from app.kernel.db import reading
from app.kernel.errors import NotFound, sentence
from app.kernel.i18n import translate

bp = Blueprint("exchange", __name__, url_prefix="/ogc")
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


def _at(path: str = "") -> str:
    return f"{request.url_root}ogc/{path}"


@bp.get("/")
@requires(PUBLIC)
def landing() -> ResponseReturnValue:
    """Return where everything is."""
    return jsonify(
        title="Wanmi 万米",
        description=translate("Unit grids, city components and public cases of the city."),
        links=[
            link(_at(), "self", "This document"),
            link(_at("api"), "service-desc", "The API", OPENAPI),
            link(_at("conformance"), "conformance", "Conformance classes"),
            link(_at("collections"), "data", "Collections"),
        ],
    )


@bp.get("/conformance")
@requires(PUBLIC)
def conformance() -> ResponseReturnValue:
    """Return what of the standard is kept to."""
    return jsonify(conformsTo=rules.CONFORMS)


@bp.get("/api")
@requires(PUBLIC)
def describe() -> ResponseReturnValue:
    """Return the description of this API (OpenAPI 3.0)."""
    with reading() as session:
        names = sorted(queries.offered(session))
    answer = jsonify(description.document(_at()[:-1], [COLLECTIONS[name] for name in names]))
    answer.mimetype, answer.headers["Content-Type"] = OPENAPI, OPENAPI
    return answer


@bp.get("/collections")
@requires(PUBLIC)
def list_collections() -> ResponseReturnValue:
    """Return what is offered."""
    with reading() as session:
        names, box = queries.offered(session), queries.extent(session)
    found = [_collection(one, box) for name, one in COLLECTIONS.items() if name in names]
    links = [link(_at("collections"), "self", "This document")]
    return jsonify(collections=found, links=links, crs=list(rules.SYSTEMS))


@bp.get("/collections/<name>")
@requires(PUBLIC)
def show_collection(name: str) -> ResponseReturnValue:
    """Return one collection: its title, its extent, its coordinate systems."""
    with reading() as session:
        return jsonify(_collection(_found(session, name), queries.extent(session)))


@bp.get("/collections/<name>/items")
@requires(PUBLIC)
def list_items(name: str) -> ResponseReturnValue:
    """Return a page of features, with a link to the next."""
    with reading() as session:
        collection = _found(session, name)
        asked = rules.asked(collection, request.args)
        features, after = queries.page(session, collection, asked)
    links = [link(request.url, "self", "This document", GEOJSON)]
    if after is not None:
        links.append(link(_next(name, after), "next", "Next page", GEOJSON))
    # The features come as texts from the database: parsing them would cost more than the query.
    head = {
        "type": "FeatureCollection",
        "numberReturned": len(features),
        "timeStamp": clock.now().isoformat(),
        "links": links,
    }
    body = json.dumps(head, ensure_ascii=False)[:-1] + f', "features": [{",".join(features)}]}}'
    return _geojson(body, asked.crs)


@bp.get("/collections/<name>/items/<key>")
@requires(PUBLIC)
def show_item(name: str, key: str) -> ResponseReturnValue:
    """Return one feature."""
    with reading() as session:
        collection, crs = _found(session, name), rules.crs_called(request.args.get("crs"))
        feature = json.loads(queries.one(session, collection, key, crs))
    feature["links"] = [
        link(request.url, "self", "This document", GEOJSON),
        link(_at(f"collections/{name}"), "collection", translate(collection.title)),
    ]
    return _geojson(json.dumps(feature, ensure_ascii=False), crs)


def _found(session: Any, name: str) -> Collection:
    if name not in COLLECTIONS or name not in queries.offered(session):
        raise NotFound(sentence("There is no such collection."), name=name[:80])
    return COLLECTIONS[name]


def _next(name: str, after: str) -> str:
    kept = {key: value for key, value in request.args.items() if key != "after"}
    return f"{_at(f'collections/{name}/items')}?{urlencode(kept | {'after': after})}"


def _geojson(body: str, crs: rules.Crs) -> Response:
    answer = Response(body, mimetype=GEOJSON)
    answer.headers["Content-Crs"] = f"<{crs.uri}>"
    # Any map in a browser may read what anybody may read.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _collection(one: Collection, box: list[float] | None) -> dict[str, Any]:
    at = _at(f"collections/{one.name}")
    return {
        "id": one.name,
        "title": translate(one.title),
        "description": translate(one.words),
        "itemType": "feature",
        "extent": {"spatial": {"bbox": [box or [-180, -90, 180, 90]], "crs": rules.CRS84}},
        "crs": list(rules.SYSTEMS),
        "storageCrs": f"{rules.EPSG}4490",
        "links": [
            link(at, "self", translate(one.title)),
            link(f"{at}/items", "items", translate(one.title), GEOJSON),
        ],
    }
