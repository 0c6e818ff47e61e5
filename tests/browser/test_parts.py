"""The keeper of the register: finds, changes, draws; imports a survey, applies and undoes it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import Colleague, photo
from tests.browser.watch import Watch

HEAD = "经度,纬度,外部编号,部件名称,状态"


@pytest.fixture
def register(page_of: Callable[..., Page]) -> Page:
    return page_of("admin", "/admin/parts", width=1500, height=900)


def add(admin: Colleague, east: float = 0.0, kind: str = "0302") -> str:
    place = {"type": "Point", "coordinates": [118.2005 + east, 36.6005]}
    return str(admin._post("/api/v1/parts", data={"kind": kind, "geometry": place})["code"])


def test_a_part_is_found_changed_and_its_history_shows_it(
    register: Page, watch: Watch, colleague: Callable[[str], Colleague]
) -> None:
    watch.refusals |= {422}
    code = add(colleague("admin"))
    register.select_option("[name=kind]", "C0302")
    expect(register).to_have_url(re.compile("kind=C0302"))
    register.click(f"#row-{code}")
    expect(register.locator("#part-title")).to_be_focused()
    register.click(".part-edit summary")
    register.select_option("#drawer [name=state]", "damaged")
    register.click("#drawer .part-edit .btn-primary")
    expect(register.get_by_role("alert")).to_contain_text("请说明状态变更的原因")
    register.fill("#drawer [name=reason]", "巡查发现")
    register.click("#drawer .part-edit .btn-primary")
    expect(register.locator(".part-steps li").first).to_contain_text("完好 → 破损")
    expect(register.locator(f"#row-{code} .chip")).to_have_text("破损")
    register.set_input_files("[data-photo]", files=[
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo("井盖")}])  # fmt: skip
    expect(register.locator(".part-photos img")).to_have_count(1)


def test_an_overtaken_change_keeps_what_was_typed_and_shows_what_stands_there(
    register: Page, watch: Watch, colleague: Callable[[str], Colleague]
) -> None:
    watch.refusals |= {409}
    admin = colleague("admin")
    code = add(admin)
    register.goto(f"/admin/parts?q={code}")
    register.click(f"#row-{code}")
    register.click(".part-edit summary")
    register.fill("#drawer [name=note]", "我的备注")
    admin._post(f"/api/v1/parts/{code}/steps", data={"seen": 1, "changes": {"note": "别人的"}})
    register.click("#drawer .part-edit .btn-primary")
    expect(register.get_by_role("alert")).to_contain_text("别人的")
    expect(register.locator("#drawer [name=note]")).to_have_value("我的备注")
    register.click("#drawer .part-edit .btn-primary")
    expect(register.locator(".part-facts")).to_contain_text("我的备注")


def test_an_area_is_drawn_by_clicks_on_the_map(register: Page) -> None:
    register.wait_for_selector("#map canvas")
    register.click("#add-part")
    register.select_option("#drawer [name=kind]", "C0405")
    register.click("[data-draw]")
    box = register.locator("#map canvas").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for n, (right, down) in enumerate(((-30, -10), (0, -10), (0, 10)), start=1):
        register.wait_for_timeout(400)
        register.mouse.click(middle[0] + right, middle[1] + down)
        expect(register.locator("#drawer [name=coords]")).to_have_value(
            re.compile(rf"^(\S+, \S+\n?){{{n}}}$")
        )
    register.click("#drawer .btn-primary")
    expect(register.locator(".part-facts")).to_contain_text("绿地")


def test_the_register_is_worked_by_keyboard(
    register: Page, colleague: Callable[[str], Colleague]
) -> None:
    codes = [add(colleague("admin"), east=0.0001 * n, kind="0303") for n in range(3)]
    register.goto("/admin/parts?kind=0303")
    expect(register.locator("tr[data-code]").first).to_be_visible()
    register.keyboard.press("j")
    register.keyboard.press("j")
    register.keyboard.press("Enter")
    expect(register.locator(".part-facts")).to_contain_text(codes[1])
    expect(register.locator("#part-title")).to_be_focused()
    register.keyboard.press("Escape")
    expect(register.locator("#drawer")).to_be_hidden()
    expect(register.locator(f"#row-{codes[1]} a")).to_be_focused()
    register.keyboard.press("f")
    expect(register.locator("[name=big]")).to_be_focused()


def test_a_survey_is_compared_mended_applied_and_undone(
    page_of: Callable[..., Page], tmp_path: Path
) -> None:
    page = page_of("admin", "/admin/parts/imports")
    survey = tmp_path / "果皮箱.csv"
    survey.write_text(
        f"{HEAD}\n118.2005,36.6015,G-1,果皮箱,完好\n36.6015,118.2006,G-2,果皮箱,完好\n"
        "118.2007,36.6015,G-3,果皮箱,不知道\n",
        encoding="utf-8",
    )
    page.set_input_files("wm-upload input[type=file]", survey)
    expect(page.locator("[data-field=lon]")).to_have_value("经度")
    page.select_option("[name=kind]", "C0305")
    page.fill("[name=save_as]", "环卫普查")
    page.click("#import-form .btn-primary")
    expect(page.locator("[data-deed=apply]")).to_be_visible()
    expect(page.locator(".import-counts li").first).to_contain_text("1")
    with page.expect_navigation():
        page.click(".import-counts a[href='?action=aside']")
    expect(page.locator(".import-table")).to_contain_text("“不知道”不是部件状态")
    page.click("[data-deed=repairs][data-row='2']")
    expect(page.locator(".import-counts li").first).to_contain_text("2")
    page.click("[data-deed=apply]")
    expect(page.locator(".admin-head .chip")).to_have_text("已应用")
    page.click("[data-deed=undo]")
    expect(page.locator(".admin-head .chip")).to_have_text("已撤销")
    page.goto("/admin/parts/imports")
    expect(page.locator("[name=saved] option")).to_contain_text(["—", "环卫普查"])
