"""Every page at every width, light and dark: readable for all, nothing cut, nothing invalid."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import html5lib
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.watch import Watch

AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Without `preload`: it fetches every style sheet again, for a rule on turning phones.
RUN_AXE = """async levels => {
  const wanted = {runOnly: levels, preload: false, resultTypes: ["violations"]};
  const {violations} = await axe.run(document, wanted);
  const where = one => one.nodes.map(node => node.html.slice(0, 120)).join(" | ");
  return violations.map(one => `${one.id}: ${where(one)}`);
}"""
MAPS_STAND = """() => [...document.querySelectorAll("wm-map")]
  .every(one => !one.checkVisibility() || one.map)"""
SIZES = ((360, 740), (1366, 768), (1920, 1080))
JOINED_WALL = (3840, 1080)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PAGES = {
    "sign-in": ("", "/login"),
    "work bench": ("leader1", "/desk"),
    "work bench of no match": ("leader1", "/desk?q=nothing-is-called-this"),
    "work bench without cases": ("gardens", "/desk"),
    "ledger of requests": ("leader1", "/desk/requests?state=mine"),
    "ledger of none": ("leader1", "/desk/requests?state=ended&kind=void"),
    "a request on a case": ("leader1", "/cases/{asked}"),
    "one case": ("leader1", "/cases/{case}"),
    "hotline": ("agent", "/hotline"),
    "inspector's app": ("inspector", "/m/"),
    "tasks in the field": ("leader1", "/tasks"),
    "a pair that never met": ("evaluator", "/tasks/pairs/reporter/1/2"),
    "a task on the phone": ("inspector", "/m/tasks/{task}"),
    "inspector's report": ("inspector", "/m/#report"),
    "inspector's case": ("inspector", "/m/#sheet/{case}"),
    "ranking": ("mayor", "/evaluation"),
    "ranking of an empty month": ("mayor", "/evaluation?period=1999-01"),
    "cases behind a figure": ("mayor", "/evaluation/departments/HW/cases?indicator=inst_num"),
    "ranking of streets": ("mayor", "/evaluation?objects=regions&level=street"),
    "ranking of inspectors": ("mayor", "/evaluation?objects=posts&post=inspector"),
    "cases of an hour": ("mayor", "/evaluation/spread?hour=9"),
    "late cases of the city": ("mayor", "/evaluation/late"),
    "late cases of nowhere": ("mayor", "/evaluation/late?area=379901009"),
    "leader's phone": ("mayor", "/leader"),
    "grid": ("admin", "/admin/places"),
    "notices": ("leader1", "/notices"),
    "all notices": ("sanitation", "/notices?show=all"),
    "cases under supervision": ("leader1", "/desk?mine=orders"),
    "schemes": ("evaluator", "/admin/schemes"),
    "a published scheme": ("evaluator", "/admin/schemes/GBT30428.4-department/1"),
    "a scheme of thresholds": ("admin", "/admin/schemes/city-thresholds/1"),
    "ladder of escalation": ("admin", "/admin/escalation"),
    "no such page": ("leader1", "/no-such-page"),
    "not allowed": ("inspector", "/desk"),
    "command wall": ("commander", "/screen/"),
    "overview of base data": ("admin", "/admin/"),
    "addresses": ("admin", "/admin/addresses"),
    "addresses of no match": ("admin", "/admin/addresses?q=nothing-is-called-this"),
    "surveys": ("admin", "/admin/surveys"),
    "one survey": ("admin", "/admin/surveys/{survey}"),
    "surveys on the phone": ("inspector", "/m/surveys"),
    "no surveys on the phone": ("inspector_yun", "/m/surveys"),
    "a cell on the phone": ("inspector", "/m/surveys/{survey}/37990100100101"),
    "limits of the handbook": ("admin", "/admin/handbook"),
    "calendars of the handbook": ("admin", "/admin/handbook?tab=calendars"),
    "routing of the handbook": ("admin", "/admin/handbook?tab=routing"),
    "running limits": ("admin", "/admin/handbook?tab=moving"),
    "register of layers": ("admin", "/admin/layers"),
    "colours of the base map": ("admin", "/admin/layers/base"),
    "one layer": ("admin", "/admin/layers/beats"),
    "cells as a layer": ("admin", "/admin/layers/cells"),
    "register of parts": ("admin", "/admin/parts"),
    "register of no match": ("admin", "/admin/parts?q=nothing-is-called-this"),
    "one part": ("admin", "/admin/parts/3799010103000001"),
    "kinds of parts": ("admin", "/admin/parts/kinds"),
    "imports of parts": ("admin", "/admin/parts/imports"),
}

EMPTY = {
    "a pair that never met",
    "work bench of no match",
    "work bench without cases",
    "ranking of an empty month",
    "not allowed",
    "late cases of nowhere",
    "register of no match",
    "addresses of no match",
    "no surveys on the phone",
}


def sizes_of(name: str) -> tuple[tuple[int, int], ...]:
    """Return the windows a page is looked at in; an empty one is tightest in the smallest."""
    if name in EMPTY:
        return SIZES[:1]
    return (*SIZES, JOINED_WALL) if name == "command wall" else SIZES


def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2, levels A and AA."""
    if not page.evaluate("Boolean(window.axe)"):
        # Handed over by the debugger: the page's own policy lets no foreign script in.
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(RUN_AXE, LEVELS)
    return found


def cut(page: Page) -> list[str]:
    """Say so if the page is wider than the window."""
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"wider than the window by {over} px"] if over > 0 else []


def settle(page: Page) -> None:
    """Wait until the page has everything it loads, and its maps their controls."""
    page.wait_for_load_state("load")
    page.wait_for_function(MAPS_STAND)


@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible_and_whole_at_every_width_light_and_dark(
    page_of: Callable[..., Page], watch: Watch, cases: list[str], survey: int, task: str, name: str
) -> None:
    username, address = PAGES[name]
    path = address.format(case=cases[1], asked=cases[3], survey=survey, task=task)
    watch.refusals |= {403, 404}
    page = page_of(username, path)
    settle(page)
    faults = []
    for width, height in sizes_of(name):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            found = violations(page) + cut(page)
            faults += [f"{width} {scheme}: {one}" for one in found]
    assert not faults, "\n".join(faults)
    assert page.locator("h1").count() == 1
    assert page.locator("html").get_attribute("lang") == "zh-CN"


@pytest.mark.parametrize("name", PAGES)
def test_page_is_well_formed_html(
    browser: Browser,
    origin: str,
    signed_in: Callable[[str], Any],
    cases: list[str],
    survey: int,
    task: str,
    name: str,
) -> None:
    username, address = PAGES[name]
    context = browser.new_context(base_url=origin, storage_state=signed_in(username))
    path = address.partition("#")[0]
    sent = context.request.get(path.format(case=cases[1], asked=cases[3], survey=survey, task=task))
    parser: Any = html5lib.HTMLParser(strict=False)
    parser.parse(sent.text())
    assert [f"{code} at {place}" for place, code, _ in parser.errors] == []
    context.close()


def test_page_speaks_english_when_asked_to(page_of: Callable[..., Page], cases: list[str]) -> None:
    page = page_of("evaluator", "/desk")
    page.click("#user-menu summary")
    page.click("button[name=locale][value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1")).to_have_text("Work bench")
    page.click("#user-menu summary")
    page.click("button[name=locale][value=zh_Hans_CN]")
    expect(page.locator("h1")).to_have_text("工作台")


def test_clocks_show_city_time_in_a_browser_of_another_zone(
    page_of: Callable[..., Page], cases: list[str]
) -> None:
    page = page_of("commander", "/screen/", timezone_id="America/New_York")
    page.clock.install(time="2026-11-22T17:30:15Z")
    page.reload()
    page.clock.run_for(1_500)
    expect(page.locator("#wall-time")).to_contain_text("01:30:1")
    expect(page.locator("#wall-day")).to_have_text("2026-11-23 周一")
    expect(page.locator("#by-hour .now")).to_have_attribute("title", re.compile(r"^1时 \d+ 件$"))
