"""An urgent look: ordered on the page, answered on a phone, seen on the page; and consent."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import house
from tests.browser.conftest import cookies_of
from tests.browser.watch import Watch
from tests.city import INSIDE
from tests.conftest import clone

PHONE = (390, 844)
PHOTO = {"name": "hole.jpg", "mimeType": "image/jpeg", "buffer": house.photo("a hole in the road")}


@pytest.fixture(scope="module")
def origin(chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server where nobody else is sent anywhere."""
    for database in clone(template):
        with house.running(database, tmp_path_factory.mktemp("tasks")) as address:
            yield address


@pytest.fixture(scope="module")
def signed_in(browser: Browser, origin: str) -> Callable[[str], Any]:
    """Return cookies of this story's own server."""
    return cookies_of(browser, origin)


def test_an_urgent_look_is_ordered_given_on_and_answered(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals = {422}
    leader = page_of("leader1", "/tasks")
    leader.click("#order button.btn-primary")
    expect(leader.locator("#told")).to_be_visible()
    leader.fill("#typed", f"{INSIDE[0]}, {INSIDE[1]}")
    leader.press("#typed", "Tab")
    leader.fill("#note", "路面塌陷")
    leader.click("#order button.btn-primary")
    expect(leader.locator("#told")).to_contain_text("手动选择")
    leader.select_option("#who", label="测试inspector")
    leader.click("#order button.btn-primary")
    expect(leader.locator("tr[data-task]")).to_contain_text("测试inspector")
    leader.select_option("[data-who]", label="测试inspector2")
    leader.click("[data-reassign]")
    expect(leader.locator("tr[data-task]")).to_contain_text("测试inspector2")

    phone = page_of("inspector2", "/m/", *PHONE)
    phone.click("text=路面塌陷")
    phone.set_input_files("input[type=file]", PHOTO)
    expect(phone.locator(".photo-tile.sent")).to_be_visible()
    phone.click(".send-bar button")
    expect(phone.locator("#told")).to_be_visible()
    phone.fill("#result", "已围挡")
    phone.click(".send-bar button")
    phone.wait_for_url("**/m/")
    leader.reload()
    expect(leader.locator("tr[data-task]")).to_have_count(0)


def test_a_phone_tells_nobody_where_it_is_before_its_user_agrees(
    page_of: Callable[..., Page],
) -> None:
    phone = page_of("inspector", "/m/", *PHONE)
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"longitude": INSIDE[0], "latitude": INSIDE[1], "accuracy": 9})
    asked: list[str] = []
    phone.on("request", lambda one: asked.append(one.url))
    expect(phone.locator("#track")).not_to_be_checked()
    phone.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
    phone.wait_for_timeout(500)
    assert not [url for url in asked if url.endswith("/positions")]
    phone.check("#track")
    phone.wait_for_timeout(500)
    with phone.expect_response(lambda answer: answer.url.endswith("/positions")) as held:
        phone.evaluate(
            "Object.defineProperty(document, 'hidden', {value: true});"
            "window.dispatchEvent(new Event('visibilitychange'))"
        )
    assert held.value.json()["kept"] >= 1
    phone.uncheck("#track")
    assert phone.evaluate("localStorage.getItem('wm-track')") == "no"
