"""What a page does when things are not as it expects; and working by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.house import Colleague
from tests.browser.watch import Watch
from tests.city import PASSWORD

REASON = "照片看不清，地点不在辖区内"
LIVE = "#feed-state[data-feed=live]"


def sign_in(page: Page, username: str, password: str) -> None:
    page.fill("#username", username)
    page.fill("#password", password)
    page.press("#password", "Enter")


def begin_refusal(page: Page, uid: str) -> None:
    """Open the case from the list and type why it should not be accepted."""
    page.click(f"#row-{uid}")
    page.click("[data-action=reject]")
    page.fill("[name=reason]", REASON)


def test_wrong_password_is_told_once_and_keeps_the_user_name(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals.add(401)
    page = page_of("", "/login?next=/evaluation")
    sign_in(page, "leader1", "wrong")
    expect(page.get_by_role("alert")).to_have_text("用户名或密码不正确。")
    expect(page.locator("#login-error")).to_be_focused()
    expect(page.locator("#username")).to_have_value("leader1")
    sign_in(page, "leader1", PASSWORD)
    expect(page).to_have_url("/evaluation", ignore_case=False)


@pytest.mark.parametrize("heard", [True, False], ids=["heard of it", "did not hear of it"])
def test_overtaken_form_keeps_its_answers_and_shows_the_case_as_it_is_now(
    page_of: Callable[..., Page], watch: Watch, colleague: Callable[[str], Colleague], heard: bool
) -> None:
    watch.refusals.add(409)
    uid = colleague("inspector").report("另一个人先办理了", east=0.0022)
    page = page_of("leader1", "/desk")
    expect(page.locator(LIVE)).to_be_visible()
    begin_refusal(page, uid)
    if not heard:
        page.route("**/api/v1/feed*", lambda route: None)
    colleague("agent").take(uid, "accept")
    if not heard:
        page.click(".action-form [type=submit]")
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text("待立案")
    expect(page.locator("[name=reason]")).to_have_value(REASON)
    notice.get_by_role("button").click()
    expect(page.locator("#drawer .case-head .chip")).to_have_text("待立案")
    expect(page.locator("[name=reason]")).to_have_value(REASON)
    expect(page.locator("[data-action=file]")).to_be_visible()


def test_what_is_begun_while_the_case_is_drawn_anew_is_kept(
    page_of: Callable[..., Page], colleague: Callable[[str], Colleague]
) -> None:
    uid = colleague("inspector").report("正要填写时他人办理", east=0.0026)
    page = page_of("leader1", "/desk")
    expect(page.locator(LIVE)).to_be_visible()
    page.click(f"#row-{uid}")
    expect(page.locator("[data-action=reject]")).to_be_visible()
    held: list[Route] = []
    page.route("**/cases/*?fragment=1", lambda route: held.append(route), times=1)  # noqa: PLW0108 - a builtin is refused
    with page.expect_request("**/cases/*?fragment=1"):
        colleague("agent").take(uid, "accept")
    page.click("[data-action=reject]")
    page.fill("[name=reason]", REASON)
    held[0].continue_()
    expect(page.locator("#drawer .case-head .chip")).to_have_text("待立案")
    expect(page.locator("[name=reason]")).to_have_value(REASON)


def test_lost_connection_is_told_and_what_was_typed_arrives_after_it(
    page_of: Callable[..., Page], watch: Watch, colleague: Callable[[str], Colleague]
) -> None:
    watch.noise = ("ERR_INTERNET_DISCONNECTED",)
    uid = colleague("inspector").report("断网时填写", east=0.0024)
    page = page_of("leader1", "/desk")
    begin_refusal(page, uid)
    page.context.set_offline(True)
    expect(page.locator("#bar-offline")).to_be_visible()
    page.click(".action-form [type=submit]")
    expect(page.locator("#bar-retry")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#drawer .case-head .chip")).to_have_text("不予受理")
    expect(page.locator("#bar-offline")).to_be_hidden()
    expect(page.locator("#bar-retry")).to_be_hidden()
    journal = [step["action"] for step in colleague("leader1").get(f"/api/v1/cases/{uid}")["steps"]]
    assert journal == ["report", "reject"]


def test_ended_session_leads_back_to_the_same_case_with_the_answers(
    page_of: Callable[..., Page], watch: Watch, colleague: Callable[[str], Colleague]
) -> None:
    watch.refusals.add(401)
    watch.noise = ("maplibre-gl.mjs",)
    uid = colleague("inspector").report("登录失效", east=0.0026)
    page = page_of("leader1", "/desk")
    begin_refusal(page, uid)
    page.context.clear_cookies()
    page.click(".action-form [type=submit]")
    expect(page.locator("#bar-signed-out")).to_be_visible()
    expect(page.locator("[name=reason]")).to_have_value(REASON)
    page.click("#bar-signed-out a")
    sign_in(page, "leader1", PASSWORD)
    expect(page).to_have_url(f"/cases/{uid}")
    expect(page.locator("[name=reason]")).to_have_value(REASON)
    page.click(".action-form [type=submit]")
    expect(page.locator(".case-head .chip")).to_have_text("不予受理")


def test_list_that_asks_after_the_session_ended_shows_the_sign_in_page_whole(
    page_of: Callable[..., Page], watch: Watch, cases: list[str]
) -> None:
    watch.refusals.add(401)
    # A tile that is asked for after the session ended is refused, and the map logs that.
    watch.noise = ("maplibre-gl.mjs",)
    page = page_of("leader1", "/desk?state=reported")
    expect(page.locator(f"#row-{cases[0]}")).to_be_visible()
    page.context.clear_cookies()
    page.keyboard.press("r")
    expect(page.locator("#username")).to_be_visible()
    expect(page.locator("input[name=next]")).to_have_value("/desk?state=reported")


def test_list_without_a_match_offers_to_clear_the_filters(
    page_of: Callable[..., Page], cases: list[str]
) -> None:
    page = page_of("leader1", "/desk")
    page.fill("#filters [name=q]", "没有这样的案卷")
    expect(page.locator(".empty strong")).to_have_text("没有符合筛选条件的案卷。")
    page.click(".empty a")
    expect(page.locator(f"#row-{cases[0]}")).to_be_visible()


def test_list_without_cases_says_where_cases_come_from(page_of: Callable[..., Page]) -> None:
    page = page_of("gardens", "/desk")
    expect(page.locator(".empty")).to_contain_text("还没有案卷。")
    expect(page.locator(".empty a")).to_have_count(0)


def test_address_of_nothing_says_so_and_leads_home(
    page_of: Callable[..., Page], watch: Watch
) -> None:
    watch.refusals.add(404)
    page = page_of("leader1", "/cases/no-such-case")
    expect(page.locator("h1")).to_be_visible()
    page.click("main a.btn")
    expect(page).to_have_url("/desk")


def test_work_bench_is_worked_by_keyboard_alone(
    page_of: Callable[..., Page], cases: list[str]
) -> None:
    page = page_of("leader1", "/desk")
    rows = page.locator("tr[data-uid]")
    first, second = (rows.nth(n).get_attribute("data-uid") for n in (0, 1))
    for key, chosen in (("j", first), ("j", second), ("k", first), ("j", second)):
        page.keyboard.press(key)
        expect(page.locator("tr.chosen")).to_have_attribute("data-uid", chosen or "")
    page.keyboard.press("Enter")
    expect(page.locator("#drawer article")).to_have_attribute("data-uid", second or "")
    expect(page.locator("#case-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(page.locator(f"#row-{second} a")).to_be_focused()
    page.keyboard.press("m")
    expect(page.locator("#bench-map")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator("#find-number")).to_be_focused()
    page.keyboard.type("jjm?")
    expect(page.locator("#find-number")).to_have_value("jjm?")
    expect(page.locator("#bench-map")).to_be_hidden()


def test_letters_switched_off_are_no_shortcuts(
    page_of: Callable[..., Page], cases: list[str]
) -> None:
    page = page_of("leader1", "/desk")
    page.click("#user-menu summary")
    page.uncheck("#letter-keys")
    page.click("h1")
    page.keyboard.press("m")
    page.keyboard.press("?")
    expect(page.locator("#bench-map")).to_be_visible()
    expect(page.locator("#help")).to_be_hidden()


def test_action_of_one_is_seen_in_the_list_and_on_the_map_of_another(
    page_of: Callable[..., Page], colleague: Callable[[str], Colleague]
) -> None:
    uid = colleague("inspector").report("两个浏览器", east=0.0028)
    watching, acting = page_of("leader1", "/desk"), page_of("agent", "/desk")
    expect(watching.locator(LIVE)).to_be_visible()
    acting.click(f"#row-{uid}")
    acting.click("[data-action=accept]")
    acting.click(".action-form [type=submit]")
    expect(watching.locator(f"#row-{uid} .chip")).to_have_text("待立案")
    watching.wait_for_function(
        """uid => document.getElementById("map").map.querySourceFeatures("rows")
          .some(one => one.properties.uid === uid && one.properties.stage === "file")""",
        arg=uid,
    )
