"""What a feature of the base map is, by the tags of OpenStreetMap: pure tables and one walk.

Survey files are read through the same tables: their columns are taken for tags, their classes
for the values of the tag that names what they are.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Tags = Mapping[str, str]
PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
ESCAPED = re.compile(r"\\(.)")
KEPT = frozenset(
    (
        *("name", "name:zh", "name:en", "alt_name", "old_name", "place"),
        *("amenity", "shop", "office", "tourism", "building", "building:levels", "height"),
        *("highway", "railway", "public_transport", "landuse", "leisure", "natural", "waterway"),
    )
)
"""Tags that are stored, besides all that begin with addr: (addresses are made of these)."""
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What a feature is on the base map: its layer, its class there, and how it is called."""

    layer: str
    cls: str
    name: str


def _each(cls: str, values: str) -> dict[str, str]:
    return dict.fromkeys(values.split(), cls)


ROADS = (
    _each("trunk", "motorway trunk primary motorway_link trunk_link primary_link major_road")
    | _each("street", "secondary tertiary secondary_link tertiary_link unclassified residential")
    | _each("street", "road minor_road street")
    | _each("lane", "living_street service lane")
)
PATHS = _each("path", "footway path pedestrian steps cycleway track bridleway sidewalk")
RAILS = _each("rail", "rail light_rail tram narrow_gauge") | _each("subway", "subway monorail")
"""Paths and rails are no roads: unit grids are cut along roads, and houses stand on roads."""
WATERS = (
    _each("lake", "water bay wetland reservoir basin swimming_pool")
    | _each("river", "riverbank dock river")
    | _each("stream", "stream canal drain ditch")
)
STREAMS = {value: cls for value, cls in WATERS.items() if cls == "stream" or value == "river"}
"""What a line may be; a line along a bank is none, and would cut unit grids twice."""
GREENS = (
    _each("park", "park garden golf_course nature_reserve dog_park recreation_ground")
    | _each("park", "village_green cemetery protected_area")
    | _each("grass", "grass meadow grassland pitch greenfield tree_row")
    | _each("wood", "forest wood natural_wood scrub orchard heath")
)
PLACES = (
    _each("district", "city borough district county municipality")
    | _each("street", "town suburb quarter street")
    | _each("community", "neighbourhood village hamlet locality community")
)
POINTS = (
    _each("station", "station ferry_terminal halt aerodrome")
    | _each("entrance", "subway_entrance entrance")
    | _each("bus", "bus_stop bus_station platform tram_stop")
    | _each("hospital", "hospital clinic")
    | _each("school", "school university college kindergarten library")
    | _each("government", "townhall courthouse police fire_station post_office government embassy")
    | _each("culture", "museum theatre arts_centre attraction monument viewpoint cinema")
    | _each("food", "restaurant cafe fast_food bar pub food_court ice_cream")
    | _each("lodging", "hotel hostel guest_house")
    | _each("money", "bank atm bureau_de_change")
    | _each("service", "toilets parking fuel post_box pharmacy marketplace")
    | _each("shop", "convenience supermarket mall department_store shop")
)
KINDS: tuple[tuple[str, str, Mapping[str, str], frozenset[int]], ...] = (
    ("highway", "road", ROADS, frozenset({1})),
    ("highway", "path", PATHS, frozenset({1})),
    ("railway", "rail", RAILS, frozenset({1})),
    ("natural", "water", WATERS, frozenset({2})),
    ("waterway", "water", WATERS, frozenset({2})),
    ("waterway", "water", STREAMS, frozenset({1})),
    ("landuse", "water", WATERS, frozenset({2})),
    ("leisure", "water", WATERS, frozenset({2})),
    ("leisure", "green", GREENS, frozenset({2})),
    ("landuse", "green", GREENS, frozenset({2})),
    ("natural", "green", GREENS, frozenset({2})),
    ("place", "place", PLACES, frozenset({0})),
)
"""The tag, the layer, the class by the tag's value, the dimensions (0 to 2); the first wins."""
POINT_TAGS = (
    *("railway", "public_transport", "amenity", "tourism", "shop", "office", "highway"),
    *("leisure", "man_made", "historic"),
)
PART_OF = frozenset({"no", "part", "building_part"})


def unpacked(packed: str | None) -> dict[str, str]:
    r"""Return tags that GDAL writes as ``"key"=>"value","key"=>"value"``.

    >>> unpacked('"addr:street"=>"柳园路","note"=>"a \\"b\\""')
    {'addr:street': '柳园路', 'note': 'a "b"'}
    """
    return {_plain(key): _plain(value) for key, value in PAIR.findall(packed or "")}


def _plain(text: str) -> str:
    return ESCAPED.sub(r"\1", text)


def called(tags: Tags) -> str:
    """Return the name people here read: Chinese where there is one."""
    named = (tags.get(key, "") for key in ("name:zh", "name:zh-Hans", "name", "name:en"))
    return next((name for name in named if name), "")[:LONGEST]


def stored(tags: Tags) -> dict[str, str]:
    """Return the tags that are kept with a feature."""
    return {
        key: value[:LONGEST]
        for key, value in tags.items()
        if value and (key in KEPT or key.startswith("addr:"))
    }


def known(tags: Tags, dimension: int) -> Known | None:
    """Return what a feature of ``dimension`` is by its tags, None if it is not drawn.

    A building is one whatever else it is.  What only has a name and a use is a point of interest
    (兴趣点), and so is a house number by itself: addresses are made of them.
    """
    if dimension == 2 and tags.get("building", "no") not in PART_OF:
        return Known("building", tags["building"][:40], called(tags))
    for tag, layer, classes, dimensions in KINDS:
        if dimension in dimensions and tags.get(tag) in classes:
            return Known(layer, classes[tags[tag]], called(tags))
    return None if dimension == 1 else _point(tags)


def _point(tags: Tags) -> Known | None:
    used = next((tags[tag] for tag in POINT_TAGS if tag in tags), "")
    if called(tags) and used:
        fallback = "shop" if "shop" in tags else "office" if "office" in tags else "other"
        return Known("poi", POINTS.get(used, fallback), called(tags))
    if "addr:housenumber" in tags:
        return Known("poi", "address", called(tags))
    return None


SURVEYED: Mapping[str, tuple[str, str]] = {
    "road": ("highway", "street"),
    "rail": ("railway", "rail"),
    "building": ("building", "yes"),
    "water": ("waterway", "water"),
    "green": ("leisure", "park"),
    "place": ("place", "community"),
    "poi": ("amenity", "other"),
}
"""What a survey file may hold: the tag its classes are values of, and the value of no class."""
DIMENSIONS: Mapping[str, frozenset[int]] = {
    "road": frozenset({1}),
    "rail": frozenset({1}),
    "building": frozenset({0, 2}),
    "water": frozenset({1, 2}),
    "green": frozenset({2}),
    "place": frozenset({0}),
    "poi": frozenset({0, 2}),
}
NOT_WALKED = _each("", "ferry fence wall hedge pier bridge corridor proposed construction")


def surveyed(holds: str, cls: str, tags: Tags, dimension: int) -> Known | None:
    """Return what a feature of a survey file that ``holds`` one kind is; ``cls`` is its class.

    A file of green land often holds other ground too: what has a class that is none of ours is
    left out, what has no class at all is taken for what the file holds.
    """
    tag, usual = SURVEYED[holds]
    if dimension not in DIMENSIONS[holds] or cls in NOT_WALKED:
        return None
    value = cls or ("river" if (holds, dimension) == ("water", 1) else usual)
    if holds == "building":
        return known({**tags, "building": value} if value not in PART_OF else tags, dimension)
    if holds == "poi":
        return known({tag: value, **tags}, 0)
    found = known({**tags, tag: value}, dimension)
    if found is None and holds == "road":
        return known({**tags, "railway": cls}, dimension)
    return found if found is None or found.layer in {holds, "path"} else None
