"""Rankings over HTTP: their shape, comparison, groups, and lists as long as their figures."""

from decimal import Decimal

import pytest

from tests.evaluation import past


@pytest.fixture
def month(sessions):
    period = past.month()
    past.furnish(sessions, period)
    return period


def rows(program, period, objects="departments", **query):
    answer = program.get(f"/api/v1/evaluations/{objects}", period=period, **query)
    assert answer.status_code == 200, answer.text
    return {row["object"]: row for row in answer.json["rows"]}


def test_a_department_is_scored_by_what_it_did(api, month):
    found = rows(api("mayor"), month)
    # 100·.1 + 100·.3 + 80·.3 + 90·.3
    assert (found["HW"]["score"], found["HW"]["grade"], found["HW"]["rank"]) == (91.0, "A", 2)
    assert (found["YL"]["score"], found["YL"]["rank"]) == (100.0, 1)
    assert (found["SZ"]["score"], found["SZ"]["grade"], found["SZ"]["rank"]) == (None,) * 3
    part = found["HW"]["parts"][2]
    assert part["formula"] == "dispose_intime_num ÷ dispose_need_num"
    assert part["filled"] == "8 ÷ 10 = 0.8 → 80.00 × 0.3 = 24.00"
    assert sum(Decimal(str(p["points"])) for p in found["HW"]["parts"]) == Decimal("91")


def test_the_rank_of_the_period_before_is_told(api, sessions, month):
    year, number = map(int, month.split("-"))
    later = f"{year + number // 12}-{number % 12 + 1:02}"
    with sessions.begin() as session:
        past.case(session, later, "HW")
    next(past.MONTHS)
    found = rows(api("mayor"), later)
    assert [found[one]["rank_before"] for one in ("YL", "HW", "SZ")] == [1, 2, None]
    assert (found["HW"]["rank"], found["YL"]["rank"]) == (1, None)
    same = rows(api("mayor"), later, against=later)["HW"]
    assert (same["rank_before"], same["score_before"]) == (1, same["score"])
    assert found["SZ"]["score_before"] is None


@pytest.mark.parametrize("indicator", ["inst_num", "dispose_intime_num", "rework_num"])
def test_every_figures_list_is_as_long_as_it_says(api, month, indicator):
    program = api("mayor")
    for name, row in rows(program, month).items():
        path = f"/api/v1/evaluations/departments/{name}/cases"
        items = program.get(path, period=month, indicator=indicator).json["items"]
        assert len(items) == row["indicators"][indicator]


@pytest.mark.parametrize("level", ["district", "street", "community", "cell"])
def test_regions_are_ranked_at_every_level(api, month, level):
    found = rows(api("mayor"), month, "regions", level=level)
    assert found
    codes = {len(code) for code in found}
    assert codes == {{"district": 6, "street": 9, "community": 12, "cell": 14}[level]}
    mine = next(row for code, row in found.items() if "37990100100101".startswith(code))
    assert mine["indicators"]["inst_num"] == 14
    assert mine["indicators"]["cell_num"] >= 1


@pytest.mark.parametrize("post", ["inspector", "agent", "shift_leader", "dispatcher"])
def test_posts_are_ranked_by_the_schemes_of_their_own(api, month, post):
    answer = api("mayor").get("/api/v1/evaluations/posts", period=month, post=post).json
    assert answer["scheme"]["code"] == f"GBT30428.4-{post.replace('_', '-')}"
    assert answer["rows"]


@pytest.mark.parametrize(
    "period", ["1989-12-24", "1989-W48", "1989-Q4", "1989", "1989-11-01..1989-11-15"]
)
def test_any_period_can_be_ranked(api, period):
    answer = api("mayor").get("/api/v1/evaluations/departments", period=period).json
    assert answer["period"] == period
    assert all(row["score"] is None for row in answer["rows"])


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [("planets", {}, 404), ("regions", {"level": "planet"}, 422), ("posts", {"post": "x"}, 422),
     ("departments", {"period": "now"}, 422), ("departments", {"scheme": "none"}, 404),
     ("departments", {"against": "yesterday"}, 422)],
)  # fmt: skip
def test_what_cannot_be_ranked_is_refused_with_a_sentence(api, path, query, status):
    answer = api("mayor").get(f"/api/v1/evaluations/{path}", **query)
    assert (answer.status_code, bool(answer.json["detail"])) == (status, True)


def test_another_scheme_gives_another_score(api, month):
    found = rows(api("mayor"), month, scheme="city-thresholds")
    assert {part["code"] for part in found["HW"]["parts"]} >= {"archive_intime", "base"}
