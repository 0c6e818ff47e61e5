"""Statements that are long enough to live in files of their own."""

from functools import cache
from pathlib import Path


@cache
def read(folder: Path, name: str) -> str:
    """Return the statement in ``folder/sql/<name>.sql`` without its comment lines.

    The comments say the question, the parameters and the index, for people; a colon
    in them would be taken for a parameter.
    """
    lines = (folder / "sql" / f"{name}.sql").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.lstrip().startswith("--"))
