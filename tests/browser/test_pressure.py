"""A case is urged and put under supervision; the department is told, answers, the leader judges."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from sqlalchemy.orm import sessionmaker

from app.kernel.db import make_engine
from app.live import service as live
from app.notices import service as notices
from tests.browser import house
from tests.browser.conftest import cookies_of
from tests.browser.watch import Watch
from tests.conftest import clone


@pytest.fixture(scope="module")
def served(
    chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Any]]:
    """Return the address of a server of this story's own, and sessions on its database."""
    for database in clone(template):
        engine = make_engine(database, pool=2)
        with house.running(database, tmp_path_factory.mktemp("pressure")) as address:
            yield address, sessionmaker(engine)
        engine.dispose()


@pytest.fixture(scope="module")
def origin(served: tuple[str, Any]) -> str:
    """Return the address of the server."""
    return served[0]


@pytest.fixture(scope="module")
def signed_in(browser: Browser, origin: str) -> Callable[[str], Any]:
    """Return cookies of this story's own server."""
    return cookies_of(browser, origin)


def handed_over(playwright: Playwright, origin: str) -> str:
    """Return the uid of a case that a department holds."""
    uid = house.Colleague.arrive(playwright, origin, "inspector").report("井盖旁有垃圾")
    leader = house.Colleague.arrive(playwright, origin, "leader1")
    leader.take(uid, "accept")
    leader.take(uid, "file")
    dispatcher = house.Colleague.arrive(playwright, origin, "dispatcher")
    dispatcher.take(uid, "dispatch", department="HW")
    return uid


def told(sessions: Any) -> None:
    """Do what the clock does every two seconds."""
    live.publish_all(sessions)
    with sessions.begin() as session:
        notices.spread_all(session)


def test_a_case_under_supervision_goes_from_the_leader_to_the_department_and_back(
    page_of: Callable[..., Page], watch: Watch, playwright: Playwright, served: tuple[str, Any]
) -> None:
    watch.refusals = {422}
    origin, sessions = served
    uid = handed_over(playwright, origin)
    mayor = page_of("mayor", f"/cases/{uid}")
    mayor.click("text=催办此案卷")
    mayor.fill("#urge-words", "请加快")
    mayor.click("wm-send[post$=urges] button")
    expect(mayor.locator(".pressure")).to_contain_text("请加快")
    mayor.click("text=催办此案卷")
    mayor.fill("#urge-words", "再催")
    mayor.click("wm-send[post$=urges] button")
    expect(mayor.locator("wm-send[post$=urges] [role=alert]")).to_contain_text("分钟后再催办")
    mayor.click("text=下达督办")
    mayor.fill("#order-words", "今日办结并说明原因")
    mayor.click("wm-send[post$=orders] button")
    expect(mayor.locator(".pressure")).to_contain_text("待答复")

    told(sessions)
    department = page_of("sanitation", "/notices")
    expect(department.locator("#bell-count")).to_have_text("3")
    department.click("#notices [data-read] >> nth=0")
    expect(department.locator("#bell-count")).to_have_text("2")
    department.click("#notices a >> nth=0")
    department.fill("wm-send[post$=answers] textarea", "已清理，附照片")
    department.click("wm-send[post$=answers] button")
    expect(department.locator(".pressure")).to_contain_text("已答复")

    mayor.reload()
    mayor.click("button[value=accepted]")
    expect(mayor.locator(".pressure [value=accepted]")).to_have_count(0)
    expect(mayor.locator(".steps li").first).to_contain_text("督办办结")
