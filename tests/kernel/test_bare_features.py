"""JSON that lists features without saying so is read as features, one at a time."""

import gzip
import json

import pytest

from app.kernel import features
from app.kernel.errors import Refused
from app.kernel.opening import opened

SQUARE = {"type": "Polygon", "coordinates": [[[1, 1], [2, 1], [2, 2], [1, 1]]]}
HERE = {"geometry": {"type": "Point", "coordinates": [118.2, 36.6]}, "name": "甲"}
THERE = {"type": "Feature", "properties": {"name": "乙"}, "geometry": SQUARE}


def read(tmp_path, content, name="a.json"):
    path = tmp_path / name
    path.write_bytes(content)
    with opened(path) as table:
        batches = list(table.batches)
    rows = [value for batch in batches for value in batch.data.to_pylist()]
    return rows, [shape for batch in batches for shape in batch.shapes]


WRITTEN = {
    "an array": json.dumps([HERE, THERE]),
    "an array with a mark and spaces": "\ufeff\n [\n" + json.dumps(HERE) + " ,\n"
    + json.dumps(THERE) + "\n]\n",
    "features without a type": json.dumps({"name": "x", "n": 2, "features": [HERE, THERE]}),
}  # fmt: skip


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("how", WRITTEN)
def test_what_stands_beside_a_geometry_is_told_of_it(tmp_path, how, packed):
    content = WRITTEN[how].encode()
    name = "a.geojson.gz" if packed else "a.json"
    rows, shapes = read(tmp_path, gzip.compress(content) if packed else content, name)
    assert [row["name"] for row in rows] == ["甲", "乙"]
    assert [shape.geom_type for shape in shapes] == ["Point", "Polygon"]


def test_an_element_that_is_no_feature_keeps_its_row(tmp_path):
    odd = [HERE, 7, None, {"geometry": "?"}, {"geometry": {"type": "Sphere"}}, THERE]
    rows, shapes = read(tmp_path, json.dumps(odd).encode())
    assert [shape is None for shape in shapes] == [False, True, True, True, True, False]
    assert rows[-1]["name"] == "乙"


def test_elements_are_put_together_where_a_chunk_cuts_them(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "CHUNK", 17)
    rows, _ = read(tmp_path, json.dumps([HERE] * 50 + [THERE]).encode())
    assert len(rows) == 51


@pytest.mark.parametrize("content", [b"[", b'[{"geometry": ', b"[{}, }]", b"[" * 100_000])
def test_a_torn_array_is_refused_with_the_row(tmp_path, content):
    with pytest.raises(Refused) as refused:
        read(tmp_path, content)
    assert refused.value.message == features.TORN


def test_an_element_that_never_ends_is_refused_before_it_fills_the_memory(tmp_path):
    with pytest.raises(Refused) as refused:
        read(tmp_path, b'[{"geometry": "' + b"x" * 6_000_000)
    assert refused.value.message == features.TOO_LARGE
