"""What no page may do, whatever is tested: log errors, break the CSP, call other machines."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

BLIND = "Failed to load resource: the server responded with a status of 4"
"""What Chromium logs about every refusal; the statuses are judged by ``_answer``."""


# No slots: Playwright hangs an attribute of its own on whose method it calls.
@dataclass
class Watch:
    """Everything a context did wrong, as sentences; ``refusals`` and ``noise`` are expected."""

    origin: str
    refusals: set[int] = field(default_factory=set)
    noise: tuple[str, ...] = ()
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Listen to every page of ``context`` from now on."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._answer)

    def _note(self, fault: str) -> None:
        if not any(known in fault for known in self.noise):
            self.faults.append(fault)

    def _console(self, message: ConsoleMessage) -> None:
        # A broken content security policy is told here too, as an error.
        if message.type == "error" and not message.text.startswith(BLIND):
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        ours = (self.origin, self.origin.replace("http", "ws", 1), "blob:", "data:")
        if not request.url.startswith(ours):
            self._note(f"request to another origin: {request.url}")

    def _answer(self, answer: Response) -> None:
        if answer.status >= 400 and answer.status not in self.refusals:
            self._note(f"{answer.status} from {answer.url}")
