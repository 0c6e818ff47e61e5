"""One server and one Chromium for all browser tests; every page is watched."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser import house
from tests.browser.house import Colleague
from tests.browser.watch import Watch
from tests.city import INSIDE, PASSWORD
from tests.conftest import clone

ARGUMENTS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
HERE = {"longitude": INSIDE[0], "latitude": INSIDE[1], "accuracy": 6}
PATIENCE_MS = 15_000
DEVICE: dict[str, Any] = {
    "locale": "zh-CN",
    "geolocation": HERE,
    "permissions": ["geolocation"],
    # Without a graphics card every animated frame is drawn by the processor.
    "reduced_motion": "reduce",
}


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of the system's Chromium, or skip what needs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    return found or pytest.skip("Chromium is not installed: install the package chromium.")


@pytest.fixture(scope="session")
def origin(chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that runs while the browser tests do."""
    for database in clone(template):
        with house.running(database, tmp_path_factory.mktemp("house")) as address:
            yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Return the driver of the browsers."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """Return the running Chromium."""
    found = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield found
    found.close()


def cookies_of(browser: Browser, origin: str) -> Callable[[str], Any]:
    """Return a function that gives the cookies of somebody who signed in once at ``origin``."""
    known: dict[str, Any] = {"": None}

    def cookies(username: str) -> Any:
        if username not in known:
            context = browser.new_context(base_url=origin)
            form = {"username": username, "password": PASSWORD}
            assert context.request.post("/login", form=form).ok
            known[username] = context.storage_state()
            context.close()
        return known[username]

    return cookies


@pytest.fixture(scope="session")
def signed_in(browser: Browser, origin: str) -> Callable[[str], Any]:
    """Return a function that gives the cookies of somebody who signed in once."""
    return cookies_of(browser, origin)


@pytest.fixture
def watch(origin: str) -> Iterator[Watch]:
    """Return what watches this test's pages; what they did wrong fails the test."""
    found = Watch(origin)
    yield found
    assert not found.faults, "\n".join(found.faults)


@pytest.fixture
def page_of(
    browser: Browser, origin: str, signed_in: Callable[[str], Any], watch: Watch
) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a watched page of somebody, in a browser of their own."""
    contexts: list[BrowserContext] = []

    def open_page(
        username: str, path: str, width: int = 1366, height: int = 768, **more: Any
    ) -> Page:
        context = browser.new_context(
            base_url=origin,
            storage_state=signed_in(username),
            viewport={"width": width, "height": height},
            **DEVICE | more,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        watch.over(context)
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def colleague(playwright: Playwright, origin: str) -> Callable[[str], Colleague]:
    """Return a function that gives somebody who works through the API."""
    known: dict[str, Colleague] = {}

    def arrive(username: str) -> Colleague:
        if username not in known:
            known[username] = Colleague.arrive(playwright, origin, username)
        return known[username]

    return arrive


@pytest.fixture(scope="session")
def cases(colleague: Callable[[str], Colleague]) -> list[str]:
    """Return cases in different states, so that no page is looked at empty; the last is closed."""
    inspector, leader = colleague("inspector"), colleague("leader1")
    made = [inspector.report(f"路口有暴露垃圾 {n}", east=n * 0.0004) for n in range(5)]
    for uid in made[1:]:
        leader.take(uid, "accept")
    for uid in made[2:]:
        leader.take(uid, "file")
    for uid in made[3:]:
        colleague("dispatcher").take(uid, "dispatch", department="HW")
    colleague("sanitation").take(made[3], "ask_return", reason="非我单位职责")
    return made


@pytest.fixture(scope="session")
def survey(colleague: Callable[[str], Colleague]) -> int:
    """Return the number of a survey of parts; the register of addresses has a place too."""
    here = {"type": "Point", "coordinates": list(INSIDE)}
    admin = colleague("admin")
    admin.send("/api/v1/addresses", type="poi", name="澄湖书院", geometry=here)
    body = {"name": "部件普查", "area": "379901001001", "due_on": "2099-01-31", "kinds": []}
    return int(admin.send("/api/v1/surveys", **body)["id"])


@pytest.fixture(scope="session")
def task(colleague: Callable[[str], Colleague]) -> str:
    """Return the uid of an urgent look that an inspector is out on."""
    lon, lat = INSIDE
    body = {"lon": lon, "lat": lat, "note": "路面塌陷，请先围挡", "inspector": 1, "minutes": 60}
    return str(colleague("leader1").send("/api/v1/tasks", **body)["uid"])
