"""The evaluation as a leader uses it: from a rank to a photo, drawings, signing, files, phone."""

import json
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_pages import cut, violations


@pytest.fixture(scope="module")
def photographed(colleague, cases):
    """Return a case of HW that was reported with a photo."""
    leader = colleague("leader1")
    uid = colleague("inspector").report("绿地内垃圾堆放", east=0.0021)
    for action in ("accept", "file"):
        leader.take(uid, action)
    colleague("dispatcher").take(uid, "dispatch", department="HW")
    counted(colleague("mayor"), uid)
    return uid


def counted(reader, uid):
    """Wait until the case is among those that its department's figure counts."""
    behind = "/api/v1/evaluations/departments/HW/cases?indicator=inst_num"
    until = time.monotonic() + 30
    while uid not in {case["uid"] for case in reader.get(behind)["items"]}:
        assert time.monotonic() < until, "it was never counted"
        time.sleep(0.3)


def test_a_leader_gets_from_a_rank_to_a_photo_in_four_clicks(page_of, watch, photographed):
    # Chromium styles the bare picture that the last click opens, and the policy stops it.
    watch.noise = ("Applying inline style violates",)
    page = page_of("mayor", "/evaluation")
    row = page.get_by_role("row").filter(has_text="环卫").first
    row.get_by_role("rowheader").get_by_role("link").click()
    how = page.locator("#how-HW")
    expect(how).to_have_attribute("open", "")
    how.locator("a[href*='indicator=inst_num']").first.click()
    said = page.get_by_role("heading", level=1).locator(".num").inner_text()
    rows = page.locator(".eval-table tbody tr")
    assert rows.count() == int(said) > 0
    page.locator(f"a[href='/cases/{photographed}']").click()
    photo = page.locator("[href*='/photos/'], img[src*='/photos/']").first
    expect(photo).to_be_visible()
    photo.click()


def test_the_trend_is_drawn_and_told_as_a_table(page_of, photographed):
    page = page_of("mayor", "/evaluation")
    chart = page.locator("wm-trend wm-chart")
    expect(chart).to_have_attribute("data-drawn", "yes")
    expect(chart.locator("svg")).to_be_visible()
    chart.get_by_text("以表格显示").click()
    expect(chart.locator("thead th")).to_have_count(13)
    assert violations(page) == []


@pytest.mark.parametrize("level", ["street", "cell"])
def test_the_map_colours_areas_and_its_table_leads_to_late_cases(page_of, cases, level):
    page = page_of("mayor", f"/evaluation?objects=regions&level={level}")
    expect(page.locator("wm-atlas [data-by=late]")).to_be_visible()
    expect(page.locator("wm-atlas")).to_have_attribute("data-drawn", "score", timeout=30_000)
    page.locator("wm-atlas [data-by=late]").click()
    expect(page.locator("wm-atlas")).to_have_attribute("data-drawn", "late", timeout=30_000)
    assert cut(page) == []


def test_every_figure_of_the_spread_leads_to_as_many_cases(page_of, photographed):
    page = page_of("mayor", "/evaluation")
    page.locator("wm-hours summary").click()
    for found in (".spread-line a >> nth=0", "wm-hours td a:not(:text-is('0')) >> nth=0"):
        link = page.locator(found)
        said, to = int(link.inner_text()), link.get_attribute("href")
        listed = page_of("mayor", to)
        assert listed.locator(".eval-table tbody tr").count() == said > 0


def test_another_scheme_is_chosen_on_the_page(page_of, photographed):
    page = page_of("mayor", "/evaluation")
    page.select_option("#by-scheme", "city-points")
    page.click(".period button")
    expect(page.locator("#by-scheme")).to_have_value("city-points")
    expect(page.locator(".eval-head p")).not_to_contain_text("GB/T")


def test_periods_of_every_length_are_a_click_away(page_of, cases):
    page = page_of("mayor", "/evaluation?period=2026-11")
    for code in ("2026-Q4", "2026", "2026-01-01"):
        page.locator(f".periods a[href$='period={code}']").first.click()
        expect(page.locator(".units strong")).to_have_text(code)


def test_a_workbook_is_written_while_the_page_waits(page_of, cases, photographed):
    page = page_of("mayor", "/evaluation")
    page.locator("[data-format=xlsx]").click()
    link = page.locator("wm-take a[download]")
    expect(link).to_be_visible(timeout=60_000)
    with page.expect_download() as taken:
        link.click()
    assert taken.value.suggested_filename.endswith(".xlsx")


def test_a_map_file_opens_without_a_network(browser, tmp_path):
    from app.reports import map_file  # noqa: PLC0415 - drawn here without the application

    ring = [[118.2, 36.6], [118.21, 36.6], [118.21, 36.61], [118.2, 36.6]]
    area = {"code": "1", "name": "澄湖街道", "geojson": json.dumps(
        {"type": "Polygon", "coordinates": [ring]})}  # fmt: skip
    path = Path(tmp_path / "map.html")
    map_file.write(path, "街道评价", [area], {"1": 88.5}, {"1": 3})
    context = browser.new_context(offline=True)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("request", lambda sent: sent.url.startswith("http") and faults.append(sent.url))
    page.goto(path.as_uri())
    expect(page.locator("path.leaflet-interactive")).to_be_visible()
    context.close()
    assert faults == []


def test_the_phone_page_has_five_cards_and_fits_a_phone(page_of, cases):
    page = page_of("mayor", "/leader", width=360, height=740)
    expect(page.locator(".cards > div")).to_have_count(5)
    assert cut(page) == []
    assert violations(page) == []


def test_an_evaluator_records_a_mark_from_outside(page_of, cases):
    page = page_of("evaluator", "/evaluation")
    page.get_by_text("外评", exact=True).click()
    form = page.locator("wm-outside form")
    form.locator("[name=value]").fill("88.5")
    form.locator("button").click()
    expect(form.locator(".notice.good")).to_be_visible()


def test_a_month_that_is_not_over_is_not_signed_and_says_so(page_of, watch, cases):
    watch.refusals.add(422)
    page = page_of("evaluator", "/evaluation")
    page.locator("wm-sign button").click()
    expect(page.locator("wm-sign .notice.bad")).to_be_visible()


def test_a_month_is_frozen_by_the_second_of_two_people(page_of, cases):
    for who, said in (("evaluator", "您已签署"), ("mayor", "已冻结")):
        page = page_of(who, "/evaluation?period=2020-01")
        page.locator("wm-sign button").click()
        expect(page.locator("wm-sign .notice.good")).to_contain_text(said)
