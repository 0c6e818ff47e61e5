"""The page of the handbook: a table tried and saved, a tie, a limit, a day, a suggestion."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.watch import Watch


def add_row(page: Page, kind: str, area: str, department: str) -> None:
    page.click("#add-row")
    row = page.locator("#route-rows tr").last
    row.locator("[name=kind]").fill(kind)
    row.locator("[name=area]").fill(area)
    row.locator("[name=department]").select_option(department)


def test_a_table_is_tried_then_saved_and_a_tie_is_told(
    page_of: Callable[..., Page], watch: Watch, cases: list[str]
) -> None:
    watch.refusals |= {409}
    page = page_of("admin", "/admin/handbook?tab=routing")
    expect(page.locator("#route-rows tr")).to_have_count(4)
    add_row(page, "E0102", "379901", "YL")
    page.click("#try-table")
    expect(page.locator("#dry-run")).to_contain_text("会改派")
    expect(page.locator("#dry-run")).to_contain_text("由 环卫中心 改派 园林中心")
    page.click("#routes button.btn-primary")
    expect(page.locator("#told")).to_have_text("已保存。")
    expect(page.locator("#route-rows tr")).to_have_count(5)
    add_row(page, "E0102", "379901", "SZ")
    page.click("#routes button.btn-primary")
    expect(page.locator("#told")).to_contain_text("同级冲突")
    page.locator("#route-rows tr[data-id]", has=page.locator("[value='379901']")).locator(
        "[data-remove]"
    ).click()
    page.locator("#route-rows tr").last.locator("[data-remove]").click()
    page.click("#routes button.btn-primary")
    expect(page.locator("#told")).to_have_text("已保存。")
    expect(page.locator("#route-rows tr")).to_have_count(4)


def test_a_place_near_a_border_is_tried(
    page_of: Callable[..., Page], watch: Watch, cases: list[str]
) -> None:
    page = page_of("admin", "/admin/handbook?tab=routing")
    page.select_option("#try-kind", "E0102")
    page.fill("#try-point", "118.20595, 36.6005")
    page.click("#try button")
    told = page.locator("#suggested")
    expect(told).to_contain_text("环卫中心")
    expect(told).to_contain_text("临近边界")
    expect(told).to_contain_text("园林中心")
    expect(told).to_contain_text("未采用")


def test_a_limit_of_one_grade_and_a_day_off_are_saved(
    page_of: Callable[..., Page], watch: Watch, cases: list[str]
) -> None:
    page = page_of("admin", "/admin/handbook?kind=E0201")
    page.select_option("#limit-grade", "C")
    page.fill("#limit-value", "77")
    page.select_option("#limit-unit", "nd")
    page.fill("#limit-from", "2000-01-01")
    page.click("text=保存时限")
    expect(page.locator("#told")).to_have_text("已保存。")
    expect(page.locator("#conditions")).to_contain_text("77 自然日")
    page.goto("/admin/handbook?tab=calendars")
    page.fill("#day-day", "2027-01-01")
    page.fill("#day-name", "元旦")
    page.click("text=保存单日")
    expect(page.locator("#told")).to_have_text("已保存。")


def test_what_would_move_is_listed_first(
    page_of: Callable[..., Page], watch: Watch, cases: list[str]
) -> None:
    page = page_of("admin", "/admin/handbook?tab=moving")
    page.click("#moving button")
    expect(page.locator("#moves p")).to_be_visible()
