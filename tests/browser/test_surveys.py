"""A survey from its beginning to its acceptance: administrator, inspector, evaluator."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel import clock
from tests.browser import house
from tests.browser.conftest import cookies_of
from tests.browser.watch import Watch
from tests.city import INSIDE
from tests.conftest import clone

COMMUNITY = "379901001001"
CELL, PART = f"{COMMUNITY}01", "3799010103000001"
PHONE = (390, 844)


@pytest.fixture(scope="module")
def origin(chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server whose parts no other story surveys."""
    for database in clone(template):
        with house.running(database, tmp_path_factory.mktemp("surveys")) as address:
            yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, origin: str) -> Callable[[str], Any]:
    """Return cookies of this story's own server."""
    return cookies_of(browser, origin)


def begun(page: Page, name: str) -> None:
    """Begin a survey of the first community, as the administrator."""
    page.fill("#name", name)
    page.fill("#area", COMMUNITY)
    page.fill("#due_on", str((clock.now() + timedelta(days=20)).date()))
    page.click("#begin button.btn-primary")
    page.wait_for_url("**/admin/surveys/*")


def judged(page: Page, verdict: str, words: str) -> None:
    page.click(f"[data-part='{PART}'] [data-verdict={verdict}]")
    expect(page.locator("#told")).to_contain_text(words)


def test_a_survey_is_begun_walked_sampled_and_accepted(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals = {422}
    admin = page_of("admin", "/admin/surveys")
    expect(admin.locator(".empty")).to_contain_text("还没有普查")
    admin.click("#begin button.btn-primary")
    expect(admin.locator("#told")).to_be_visible()
    expect(admin.locator("#areas option").first).to_be_attached()
    begun(admin, "井盖普查")
    expect(admin.locator("tr[data-cell]")).to_have_count(12)

    phone = page_of("inspector", "/m/surveys", *PHONE)
    phone.click(f".walk a >> text={CELL}")
    phone.click("#finish")
    expect(phone.locator("#told")).to_contain_text(PART)
    expect(phone.locator("#told")).to_be_in_viewport()
    judged(phone, "damaged", "破损")
    expect(phone.locator("#looked-at")).to_have_text("1")
    phone.click("text=新增部件 >> nth=0")
    phone.fill("#points", f"{INSIDE[0] + 0.0002}, {INSIDE[1] + 0.0001}")
    with phone.expect_navigation():
        phone.click("#add button.btn-primary")
    expect(phone.locator(".parts > li")).to_have_count(2)
    phone.click("#finish")
    phone.wait_for_url("**/m/surveys")
    expect(phone.locator(".walk a", has_text=CELL)).to_contain_text("已完成")

    evaluator = page_of("evaluator", "/admin/surveys")
    evaluator.click(".surveys a >> text=井盖普查")
    with evaluator.expect_navigation():
        evaluator.click("#draw")
    evaluator.fill(f"[aria-label$='{CELL}'] >> nth=0", "0")
    with evaluator.expect_navigation():
        evaluator.click("[data-check]")
    expect(evaluator.locator("tr[data-drawn]")).to_contain_text("合格")

    admin.reload()
    admin.once("dialog", lambda dialog: dialog.accept())
    with admin.expect_navigation():
        admin.click("#close")
    admin.goto("/admin/surveys")
    expect(admin.locator(".surveys .chip")).to_contain_text("已结束")


def test_whoever_judges_a_part_that_changed_is_told_and_looks_again(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals = {409}
    begun(page_of("admin", "/admin/surveys"), "再次普查")
    first = page_of("inspector", "/m/surveys", *PHONE)
    path = first.locator(".walk a", has_text=CELL).last.get_attribute("href") or ""
    first.goto(path)
    second = page_of("inspector2", path, *PHONE)
    judged(first, "lost", "丢失")
    judged(second, "intact", "已有人修改了这个部件")
    pressed = second.locator(f"[data-part='{PART}'] [aria-pressed=true]")
    expect(pressed).to_have_text("丢失")
    judged(second, "intact", "完好")


def test_an_area_without_cells_is_refused_in_words(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals = {422}
    page = page_of("admin", "/admin/surveys")
    page.fill("#name", "空区普查")
    page.fill("#area", "110101")
    page.fill("#due_on", str((clock.now() + timedelta(days=20)).date()))
    page.click("#begin button.btn-primary")
    expect(page.locator("#told")).to_contain_text("没有网格")
    expect(page.locator("#area")).to_be_focused()
