"""Styles: a closed document in, MapLibre's layers out; saved, undone, previewed."""

import copy

import pytest

from app.kernel.errors import Refused
from app.layers import styles
from tests.layers.working import new_layer

COLOURS = {"light": "#112233", "dark": "#445566", "wall": "#778899"}
CLASS = {"value": "park", "label": "公园", "color": COLOURS}


def with_(**changes):
    return copy.deepcopy(styles.DEFAULT) | changes


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"paint": {"fill-color": ["get", "x"]}},
        with_(color="#112233"),
        with_(color=COLOURS | {"light": "red"}),
        with_(color=COLOURS | {"light": "#12345"}),
        with_(color=COLOURS | {"light": ["get", "x"]}),
        with_(width=0),
        with_(width=True),
        with_(width=float("nan")),
        with_(opacity=1.1),
        with_(radius="5"),
        with_(label='a"b'),
        with_(label=["get", "x"]),
        with_(classes={"field": "kind", "rows": [CLASS] * 25}),
        with_(classes={"field": "kind", "rows": [{"value": "a"}]}),
        with_(classes={"field": "kind", "rows": [CLASS | {"zoom": 3}]}),
        with_(classes={"field": "kind", "rows": "all"}),
    ],
)
def test_a_style_beyond_what_is_listed_is_refused(document):
    with pytest.raises(Refused):
        styles.checked("parks", document)


@pytest.mark.parametrize(
    "document",
    [
        {"tokens": []},
        {"tokens": {"night": {}}},
        {"tokens": {"light": {"moon": "#ffffff"}}},
        {"tokens": {"light": {"land": "white"}}},
        {"color": COLOURS},
    ],
)
def test_colours_of_the_base_map_beyond_what_is_listed_are_refused(document):
    with pytest.raises(Refused):
        styles.checked("base", document)


def test_a_style_is_filled_up_with_the_usual():
    assert styles.checked("parks", {"width": 3}) == with_(width=3.0)
    assert styles.checked("base", {"tokens": {"dark": {"land": "#AABBCC"}}}) == {
        "tokens": {"dark": {"land": "#aabbcc"}}
    }


@pytest.mark.parametrize("ground", styles.GROUNDS)
def test_classes_become_one_match_and_the_rest_keeps_the_colour(ground):
    twice = {"field": "kind", "rows": [CLASS, CLASS | {"value": "square"}, CLASS]}
    layers = styles.drawn("parks", with_(classes=twice, label="name"), ground, (9, 22))
    colour = COLOURS[ground]
    match = ["match", ["to-string", ["get", "kind"]], "park", colour, "square", colour]
    assert layers[0]["paint"]["fill-color"] == [*match, styles.DEFAULT["color"][ground]]
    assert [layer["type"] for layer in layers] == ["fill", "line", "line", "circle", "symbol"]
    assert len({layer["id"] for layer in layers}) == 5


def test_a_saved_style_is_in_force_and_can_be_undone_to_the_usual(api):
    admin = api("admin")
    name = new_layer(admin)
    at = f"/api/v1/layers/{name}"
    for revision, width in ((1, 3), (2, 4)):
        body = {"revision": revision, "document": {"width": width}}
        assert admin.post(f"{at}/styles", body).json["document"]["width"] == width
    assert admin.post(f"{at}/styles", body).status_code == 409
    widths = [
        admin.post(f"{at}/styles/undo", {"revision": revision}).json["document"]["width"]
        for revision in (3, 4)
    ]
    assert widths == [3, styles.DEFAULT["width"]]
    assert admin.post(f"{at}/styles/undo", {"revision": 5}).status_code == 422


def test_a_preview_stores_nothing(api):
    admin = api("admin")
    name = new_layer(admin)
    seen = admin.post(f"/api/v1/layers/{name}/preview", {"document": {"width": 7}}).json
    assert seen["dark"][2]["paint"]["line-width"] == 7
    assert admin.get(f"/api/v1/layers/{name}").json["all_styles"] == []


@pytest.mark.parametrize("layer", ["cells", "parts", "cases"])
def test_layers_that_show_states_take_no_style(api, layer):
    admin = api("admin")
    seen = admin.get(f"/api/v1/layers/{layer}").json
    body = {"revision": seen["revision"], "document": {}}
    assert admin.post(f"/api/v1/layers/{layer}/styles", body).status_code == 422


def test_colours_of_the_base_map_reach_every_map(api):
    admin = api("admin")
    seen = admin.get("/api/v1/layers/base").json
    body = {"revision": seen["revision"], "document": {"tokens": {"dark": {"water": "#123456"}}}}
    changed = admin.post("/api/v1/layers/base/styles", body).json
    assert api("leader1").get("/api/v1/layers").json["tokens"] == {"dark": {"water": "#123456"}}
    admin.post("/api/v1/layers/base/styles/undo", {"revision": changed["revision"]})
    assert api("leader1").get("/api/v1/layers").json["tokens"] == {}
