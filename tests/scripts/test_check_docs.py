"""The documents name what exists, and the tree keeps the house rules."""

from pathlib import Path

import pytest

from scripts.check_docs import forbidden, long_functions, settings, tree_faults, undocumented


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small checkout in which everything is documented."""
    files = {
        "Makefile": "run: ## start\n\t@true\nhidden:\n\t@true\n",
        "config.py": 'import os\nPORT = os.environ.get("PORT")\n',
        "requirements.in": "# runtime\nflask==3.1.3\n",
        "requirements-dev.in": "-r requirements.in\npytest==9.2.0\n",
        "docs/guide/install.md": "`make run` heeds `PORT`",
        "docs/reference/dependencies.md": "| flask | web |\n| pytest | tests |\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_documented_tree_has_no_fault(tree: Path) -> None:
    assert [*undocumented(tree), *tree_faults(tree)] == []


@pytest.mark.parametrize(
    ("file", "added", "fault"),
    [
        ("Makefile", "bench: ## measure\n", "docs/guide does not name `make bench`"),
        ("config.py", 'KEY = os.environ["SECRET_KEY"]\n', "docs/guide does not name `SECRET_KEY`"),
        (
            "requirements.in",
            "shapely==2.2.0\n",
            "docs/reference/dependencies.md does not name | shapely |",
        ),
    ],
)
def test_what_no_document_names_is_told(tree: Path, file: str, added: str, fault: str) -> None:
    with (tree / file).open("a") as text:
        text.write(added)
    assert [*undocumented(tree)] == [fault]


@pytest.mark.parametrize(
    "line",
    [
        "# TO" + "DO: later",
        "https://registry.npm" + "js.org/flask",
        "files.python" + "hosted.org",
        "cd /ho" + "me/somebody",
        "see /wo" + "rk/notes",
    ],
)
def test_each_forbidden_word_is_found_with_its_line(line: str) -> None:
    assert [number for _, number in forbidden(f"fine\n{line}\n")] == [2]


@pytest.mark.parametrize("line", ["../shared/data", "/usr/bin/python3", "method", "a/work/b"])
def test_ordinary_words_are_let_through(line: str) -> None:
    assert [*forbidden(line)] == []


def test_settings_are_read_from_calls_and_subscripts() -> None:
    source = 'a = environ["PORT"]\nb = get("BIND", "UTC")\nc = ["NOT_READ"]\n'
    assert settings(source) == ["BIND", "PORT"]


def test_files_and_functions_that_are_too_long_are_told(tree: Path) -> None:
    (tree / "long.py").write_text("def f():\n" + "    f()\n" * 400)
    assert [*tree_faults(tree)] == ["long.py: more than 400 lines", "long.py: f has 401 lines"]
    assert [*long_functions("def f():\n" + "    f()\n" * 49)] == []
