"""Hold the documents to the code and the tree to the house rules; print every fault found."""

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE, LONGEST_FUNCTION = 400, 50
CODE = {".py", ".js", ".mjs", ".css", ".html", ".sql", ".sh"}
TEXT = CODE | {"", ".md", ".toml", ".txt", ".in", ".json", ".conf", ".csv", ".yml", ".ini", ".po"}
# Installed, generated or somebody's own: not part of the tree.
OUTSIDE = {".git", ".venv", ".data", "node_modules", "vendor", "__pycache__", ".hypothesis"}
OUTSIDE |= {".mypy_cache", ".pytest_cache", ".ruff_cache", ".import_linter_cache", "test-results"}
# Each word is put together here, so that this file does not hold what it forbids.
FORBIDDEN = {
    "an unfinished-work mark": re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + r"X)\b"),
    "the host of a package registry": re.compile(
        r"(npm" + r"js\.(org|com)|py" + r"pi\.org|python" + r"hosted\.org|yarn" + r"pkg\.com)"
    ),
    "a path of one machine": re.compile(r"(?<![\w.~])/(work|home|root|Users)/\w"),
}


def main() -> int:
    """Print every fault; return 0 if there is none."""
    faults = [*undocumented(ROOT), *tree_faults(ROOT)]
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults else 0


def undocumented(root: Path) -> Iterator[str]:
    """Yield each make target, setting and dependency that its document does not name."""
    guide = "".join(path.read_text() for path in sorted((root / "docs/guide").glob("*.md")))
    table = (root / "docs/reference/dependencies.md").read_text()
    for target in targets((root / "Makefile").read_text()):
        yield from _unless_named(guide, f"`make {target}`", "docs/guide")
    for setting in settings((root / "config.py").read_text()):
        yield from _unless_named(guide, f"`{setting}`", "docs/guide")
    for package in dependencies(root):
        yield from _unless_named(table, f"| {package} |", "docs/reference/dependencies.md")


def _unless_named(text: str, wanted: str, where: str) -> Iterator[str]:
    if wanted not in text:
        yield f"{where} does not name {wanted}"


def targets(makefile: str) -> list[str]:
    """Return the targets that ``make help`` lists."""
    return re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE)


def settings(source: str) -> list[str]:
    """Return the environment variables that a module reads, sorted.

    >>> settings('import os; a = os.environ["PORT"]; b = os.environ.get("BIND", "")')
    ['BIND', 'PORT']
    """
    tree = ast.parse(source)
    found = {
        node.value
        for parent in ast.walk(tree)
        for node in _first_words(parent)
        if isinstance(node.value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", node.value)
    }
    return sorted(found)


def _first_words(node: ast.AST) -> Iterator[ast.Constant]:
    """Yield the constant that a call or a subscript is given first."""
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        yield node.args[0]
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield node.slice


def dependencies(root: Path) -> list[str]:
    """Return the names asked for in requirements*.in, without versions."""
    lines = [
        line
        for name in ("requirements.in", "requirements-dev.in")
        for line in (root / name).read_text().splitlines()
    ]
    return [line.partition("==")[0] for line in lines if re.match(r"[a-z]", line)]


def tree_faults(root: Path) -> Iterator[str]:
    """Yield each forbidden word, file that is too long and function that is too long."""
    for path in text_files(root):
        name, text = path.relative_to(root), path.read_text(errors="replace")
        yield from (f"{name}:{line}: {what}" for what, line in forbidden(text))
        if "migrations" in name.parts:
            continue  # One migration makes many tables, and is never read again.
        if path.suffix in CODE and len(text.splitlines()) > LONGEST_FILE:
            yield f"{name}: more than {LONGEST_FILE} lines"
        if path.suffix == ".py" and "tests" not in name.parts:
            yield from (f"{name}: {fault}" for fault in long_functions(text))


def text_files(root: Path) -> Iterator[Path]:
    """Yield the text files of the tree."""
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(set(inner) - OUTSIDE)
        for path in (Path(folder, name) for name in sorted(names)):
            if path.suffix in TEXT:
                yield path


def forbidden(text: str) -> Iterator[tuple[str, int]]:
    """Yield what must not stand in ``text`` and the number of its line."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((what, number) for what, pattern in FORBIDDEN.items() if pattern.search(line))


def long_functions(source: str) -> Iterable[str]:
    """Return a sentence for each function of more than 50 lines."""
    nodes = ast.walk(ast.parse(source))
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    sizes = [(n.name, (n.end_lineno or n.lineno) - n.lineno + 1) for n in functions]
    return [f"{name} has {size} lines" for name, size in sizes if size > LONGEST_FUNCTION]


if __name__ == "__main__":
    sys.exit(main())
