"""Finding places, keeping the register of addresses, and an agent who types a few letters."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy.orm import sessionmaker

from app.kernel.db import make_engine
from app.places.addresses import imports
from tests.browser import house
from tests.browser.conftest import cookies_of
from tests.browser.watch import Watch
from tests.conftest import clone
from tests.places.test_geocoding import town

PIN_OFF = """() => {
  const element = document.querySelector("wm-map");
  if (!element.map || !element.querySelector(".pin")) return null;
  const at = element.map.project(element.dataset.pin.split(",").map(Number));
  const map = element.getBoundingClientRect();
  const pin = element.querySelector(".pin").getBoundingClientRect();
  return Math.hypot(pin.x + pin.width / 2 - map.x - at.x, pin.bottom - map.y - at.y);
}"""
"""How many pixels the tip of the pin is from the place that it shows."""
LOADED = "() => document.querySelector('wm-map').map?.loaded()"


@pytest.fixture(scope="module")
def origin(chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server whose city has a town's addresses."""
    for database in clone(template):
        engine = make_engine(database, pool=2)
        with sessionmaker(engine).begin() as session:
            imports.take(session, town(), source="surveyed")
        engine.dispose()
        with house.running(database, tmp_path_factory.mktemp("addresses")) as address:
            yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, origin: str) -> Callable[[str], Any]:
    """Return cookies of this story's own server."""
    return cookies_of(browser, origin)


@pytest.fixture
def register(page_of: Callable[..., Page]) -> Page:
    """Return the administrator's page of addresses with its map standing."""
    page = page_of("admin", "/admin/addresses")
    page.wait_for_function(LOADED)
    return page


def found(page: Page, asked: str) -> Any:
    """Type a question, press Enter, and return the first answer's line."""
    page.fill("#geocode-q", asked)
    with page.expect_response("**/api/v1/geocode?*"):
        page.press("#geocode-q", "Enter")
    return page.locator("#geocode-results li").first


def saved(page: Page, words: str) -> None:
    page.click("#edit button.btn-primary")
    expect(page.locator("#edit-told")).to_contain_text(words)


def test_a_door_is_found_and_the_pin_stands_on_it(register: Page) -> None:
    expect(found(register, "柳园南路5号")).to_contain_text("把握 100%")
    expect(register.locator(".hit[aria-current] strong")).to_have_text("柳园南路5号")
    assert register.evaluate(PIN_OFF) < 2


@pytest.mark.parametrize(
    ("asked", "label", "told"),
    [
        ("柳园南路和东昌路路口", "东昌路与柳园南路交叉口", "路口"),
        ("柳园南路7号", "柳园南路7号", "两门牌之间推算"),
        ("dcbhdl", "东昌百货大楼", "兴趣点"),
        ("荷塘新", "荷塘小区", "请在地图上确认"),
    ],
)
def test_a_crossing_a_number_between_initials_and_a_doubtful_name_are_told_as_such(
    register: Page, asked: str, label: str, told: str
) -> None:
    line = found(register, asked)
    expect(line).to_contain_text(label)
    expect(line).to_contain_text(told)


def test_what_nobody_knows_is_said_with_what_to_try(register: Page) -> None:
    expect(found(register, "zzzqqq")).to_contain_text("拼音首字母")


def test_a_place_is_added_by_a_click_changed_and_ended(register: Page) -> None:
    saved(register, "请先在地图上点选位置")
    register.fill("#edit-name", "书院小学")
    register.locator("wm-map").click(position={"x": 150, "y": 120})
    expect(register.locator("#edit-points")).not_to_have_value("")
    saved(register, "已保存：书院小学")
    expect(register.locator("#edit-title")).to_contain_text("书院小学")
    register.fill("#edit-name", "书院实验小学")
    saved(register, "已保存：书院实验小学")
    expect(register.locator("#history")).to_contain_text("书院小学 → 书院实验小学")
    expect(found(register, "书院实验小学")).to_contain_text("书院实验小学")
    register.once("dialog", lambda dialog: dialog.accept())
    register.click("#end")
    expect(register.locator("#edit-told")).to_contain_text("书院实验小学")
    expect(register.locator("#edit-name")).to_have_value("")


def test_whoever_is_slower_sees_the_present_place_and_keeps_what_they_typed(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals = {409}
    first, second = (page_of("admin", "/admin/addresses?q=东昌百货") for _ in range(2))
    for page, name in ((first, "东昌百货"), (second, "东昌商场")):
        page.click("[data-open]")
        expect(page.locator("#edit-name")).to_have_value("东昌百货大楼")
        page.fill("#edit-name", name)
    saved(first, "已保存：东昌百货")
    saved(second, "东昌百货")
    expect(second.locator("#edit-told")).to_have_class("notice warn")
    expect(second.locator("#edit-name")).to_have_value("东昌商场")
    saved(second, "已保存：东昌商场")


def test_a_place_sent_without_a_network_is_stored_once_when_it_is_back(
    register: Page, watch: Watch
) -> None:
    watch.noise = ("ERR_INTERNET_DISCONNECTED", "WebSocket")
    register.fill("#edit-name", "离线小学")
    register.fill("#edit-points", "118.203, 36.602")
    register.context.set_offline(True)
    register.click("#edit button.btn-primary")
    register.wait_for_timeout(300)
    expect(register.locator("#edit-name")).to_have_value("离线小学")
    register.context.set_offline(False)
    expect(register.locator("#edit-told")).to_contain_text("已保存：离线小学")
    register.goto("/admin/addresses?q=离线小学")
    expect(register.locator("#rows tbody tr")).to_have_count(1)


def test_an_agent_types_initials_and_digits_and_the_report_has_the_place(
    page_of: Callable[..., Page],
) -> None:
    page = page_of("agent", "/hotline")
    page.wait_for_function(LOADED)
    page.focus("#address-q")
    page.keyboard.type("lynl5")
    expect(page.locator("#address-q-list li").first).to_contain_text("柳园南路5号")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#address-q")).to_have_value("柳园南路5号")
    expect(page.locator("#coordinates")).to_have_value("118.201678, 36.600676")
    expect(page.locator("#place")).to_contain_text("柳园南路5号")
    assert page.evaluate(PIN_OFF) < 2
