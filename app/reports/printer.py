"""Makes a PDF of a page of HTML: python printer.py FOLDER [pdf|png] < page.html > sheet.pdf.

A program of its own, run by the worker with little time and memory: it embeds and subsets the
fonts it needs, opens pictures below FOLDER and nothing else, and has no network.
"""

import resource
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pypdfium2 import PdfDocument
from weasyprint import HTML
from weasyprint.urls import URLFetcher

MEMORY = 2 * 1024**3


class Pictures(URLFetcher):  # type: ignore[misc]
    """Opens pictures that lie below one folder, by ``file:`` addresses; refuses all others."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder.resolve()

    def fetch(self, url: str, headers: Any = None) -> Any:
        """Return what lies at ``url``, or raise if that is no picture of ours."""
        told = urlsplit(url)
        path = Path(unquote(told.path)).resolve()
        if told.scheme != "file" or not path.is_relative_to(self.folder):
            raise ValueError("only pictures of the house are printed")
        return super().fetch(url, headers)


def main() -> None:
    """Read HTML, write PDF."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    page = HTML(string=sys.stdin.read(), url_fetcher=Pictures(Path(sys.argv[1])))
    made = page.write_pdf(optimize_images=True, jpeg_quality=82, dpi=150)
    sys.stdout.buffer.write(picture(made) if sys.argv[2:] == ["png"] else made)


def picture(made: bytes) -> bytes:
    """Return the first sheet of a PDF as PNG, 144 dots to the inch."""
    with PdfDocument(made) as sheets:
        stream = BytesIO()
        sheets[0].render(scale=2).to_pil().save(stream, "PNG", optimize=True)
    return stream.getvalue()


if __name__ == "__main__":
    main()
