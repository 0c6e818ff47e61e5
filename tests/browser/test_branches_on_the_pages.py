"""Every branch of the workflow, played on the pages of the people it concerns.

What each story shares with the others (accepting, filing, dispatching …) is done by programs,
but in the first story: the pages are asked for what makes the branch.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from app.cases import upkeep
from app.kernel.clock import local, now
from tests.browser import house
from tests.browser.conftest import DEVICE, PATIENCE_MS, cookies_of
from tests.browser.house import Colleague, photo
from tests.browser.watch import Watch
from tests.city import INSIDE
from tests.conftest import clone
from tests.stories import branches
from tests.stories.branches import HELD, STORIES, TO_THE_END, Act, Fact, Later, Never, Story
from tests.stories.passing import end_parts, pass_deadline

SHARED = {id(step) for step in (*HELD, *TO_THE_END)}
Server = tuple[str, sessionmaker[Session]]


@pytest.fixture(scope="module")
def server(
    chromium: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Return the address of a server of this file's own, and sessions on its database."""
    for database in clone(template):
        engine = create_engine(database)
        with house.running(database, tmp_path_factory.mktemp("branches")) as address:
            yield address, sessionmaker(engine)
        engine.dispose()


def picture() -> Any:
    """Return a photo that nobody has taken before: one used twice asks for a decision."""
    return {"name": "now.jpg", "mimeType": "image/jpeg", "buffer": photo(uuid4().hex)}


class Stage:
    """The pages and programs of everybody in one story, and the case it is about."""

    def __init__(self, browser: Browser, playwright: Playwright, server: Server) -> None:
        self.origin, self.sessions = server
        self.browser, self.playwright = browser, playwright
        self.cookies = cookies_of(browser, self.origin)
        self.watch = Watch(self.origin)
        self.pages: dict[str, Page] = {}
        self.programs: dict[str, Colleague] = {}
        self.uid = ""

    def page(self, who: str) -> Page:
        """Return the page of the case, as ``who`` sees it now."""
        if who not in self.pages:
            context = self.browser.new_context(
                base_url=self.origin, storage_state=self.cookies(who), **DEVICE
            )
            context.set_default_timeout(PATIENCE_MS)
            self.watch.over(context)
            self.pages[who] = context.new_page()
        self.pages[who].goto(f"/cases/{self.uid}")
        expect(self.pages[who].locator("wm-case-form .actions")).to_be_attached()
        return self.pages[who]

    def program(self, who: str) -> Colleague:
        if who not in self.programs:
            self.programs[who] = Colleague.arrive(self.playwright, self.origin, who)
        return self.programs[who]

    def report(self, who: str, source: str, words: str) -> str:
        body = {"kind": "E0102", "lon": INSIDE[0], "lat": INSIDE[1]}
        told = self.program(who).send("/api/v1/cases", **body, source=source, description=words)
        return str(told["uid"])

    def person(self, who: str) -> str:
        with self.sessions() as session:
            ask = text("SELECT id FROM people WHERE username = :name")
            return str(session.execute(ask, {"name": who}).scalar_one())

    def behind(self, step: Act) -> None:
        """Take a step as a program does."""
        given = {n: self.plain(v) for n, v in step.answers.items() if v not in ("@first", "@photo")}
        if "@photo" in step.answers.values():
            sent = self.program(step.who)._post("/api/v1/photos", multipart={"file": picture()})
            given["photos"] = [sent["id"]]
        self.program(step.who).take(self.uid, step.action, **given)

    def plain(self, value: Any) -> Any:
        """Return an answer as it is sent, if it is one that can be typed."""
        word, _, more = str(value).removeprefix("@").partition(":")
        if not str(value).startswith("@"):
            return value
        if word == "person":
            return self.person(more)
        return str(local(now()).date() + timedelta(days=int(more)))

    def act(self, step: Act) -> None:
        """Take a step with mouse and keys, and see that the page says so."""
        page = self.page(step.who)
        page.click(f"[data-action={step.action}]")
        for name, value in step.answers.items():
            self.fill(page, name, value)
        with page.expect_response(lambda answer: answer.url.endswith("/steps")) as held:
            page.click(".action-form [type=submit]")
        assert held.value.status == 201, held.value.text()
        assert held.value.json()["state"] == step.state
        expect(page.locator("article.case")).to_have_attribute(
            "data-seen", str(held.value.json()["seen"])
        )

    def fill(self, page: Page, name: str, value: Any) -> None:
        """Answer one field of the open form."""
        field = page.locator(f".action-form [name={name}]")
        if value in ("@photo", "@photos"):
            count = 1 if value == "@photo" else 2
            page.set_input_files(".action-form input[type=file]", [picture() for _ in range(count)])
            expect(page.locator(".action-form .photo-tile.sent")).to_have_count(count)
        elif value == "@other":
            page.locator(".action-form [data-alike]").first.click()
            expect(field).not_to_have_value("")
        elif isinstance(value, list):
            for one in value:
                page.check(f".action-form [name={name}][value='{one}']")
        elif field.first.evaluate("one => one.type") == "radio":
            self.choose(page, name, value)
        elif field.evaluate("one => one.tagName") == "SELECT":
            index = {"index": 1} if value == "@first" else {"value": self.plain(value)}
            field.select_option(**index)
        else:
            field.fill(self.plain(value))

    def choose(self, page: Page, name: str, value: Any) -> None:
        some = "" if value == "@first" else f"[value='{self.plain(value)}' i]"
        page.locator(f".action-form [name={name}]{some}").first.check()

    def never(self, step: Never) -> None:
        expect(self.page(step.who).locator(f"[data-action={step.action}]")).to_have_count(0)

    def later(self, step: Later) -> None:
        with self.sessions.begin() as session:
            if step.what == "overdue":
                pass_deadline(session, self.uid)
            elif step.what == "woken":
                assert upkeep.wake_suspended(session, at=now() + timedelta(days=31)) == 1
            else:
                end_parts(session, self.uid)

    def fact(self, step: Fact) -> None:
        told = self.program("leader1").get(f"/api/v1/cases/{self.uid}")
        assert told[step.name] == step.value

    def play(self, story: Story, *, whole: bool) -> None:
        self.uid = self.report(story.reporter, story.source, "路口有暴露垃圾")
        if any("@other" in getattr(step, "answers", {}).values() for step in story.steps):
            self.report("inspector", "01", "路口有暴露垃圾，与上一件相同")
        for step in story.steps:
            if isinstance(step, Act) and id(step) in SHARED and not whole:
                self.behind(step)
            else:
                self.one(step)

    def one(self, step: branches.Step) -> None:
        how: dict[type, Callable[[Any], None]] = {
            Act: self.act,
            Never: self.never,
            Later: self.later,
            Fact: self.fact,
        }
        how[type(step)](step)


@pytest.fixture
def stage(browser: Browser, playwright: Playwright, server: Server) -> Iterator[Stage]:
    """Return an empty stage; what its pages did wrong fails the test."""
    found = Stage(browser, playwright, server)
    yield found
    for page in found.pages.values():
        page.context.close()
    assert not found.watch.faults, "\n".join(found.watch.faults)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_branch_on_the_pages(stage: Stage, story: Story) -> None:
    stage.play(story, whole=story is STORIES[0])
