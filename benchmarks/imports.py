"""The real files: how long the commands take that bring a register and the national tree in."""

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import ROOT, url_of

PATH = re.compile(r"\s*\(?\S*/\S*")
"""A file name in what a command says: results name no paths of the machine."""

SHARED = ROOT.parent / "shared" / "data"


@dataclass(frozen=True, slots=True)
class Import:
    """A command that brings a file in, or works on what came in, and the seconds it may take."""

    name: str
    words: tuple[str, ...]
    file: str
    limit: float


IMPORTS = (
    Import("import 679 640 divisions", ("import-divisions",), "admin/china_5level_2020.csv.xz", 60),
    Import(
        "import 887 002 parts",
        ("import-parts", "--kind", "0402", "--coord-sys", "wgs84"),
        "parts/la_trees_points.parquet",
        120,
    ),
    Import(
        "import 331 Beijing streets",
        ("import-areas", "--level", "street"),
        "boundaries/beijing_streets_331.geojson.gz",
        60,
    ),
    Import("divide Dongcheng (42 km²)", ("make-cells", "--within", "110101"), "", 60),
    Import("check the cells of Dongcheng", ("check-cells", "--within", "110101"), "", 60),
    Import(
        "import 165 283 doors",
        ("import-addresses", "--holds", "doors", "--map", "seed_data/mappings/la_doors.toml"),
        "parts/la_trees_attributes.csv.gz",
        120,
    ),
)


@dataclass(frozen=True, slots=True)
class Imported:
    """How an import ended: wall and processor seconds, and what the command said last."""

    seconds: float
    cpu_seconds: float
    said: str


def why_not(wanted: Import, known: str) -> str | None:
    """Say why ``wanted`` cannot be measured here, None if it can; ``known`` lists the commands."""
    if not (SHARED / wanted.file).exists():
        return f"skipped: {Path(wanted.file).name} is not beside the checkout"
    return None if wanted.words[0] in known else f"skipped: there is no flask {wanted.words[0]}"


def flask(database: str, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run ``flask words…`` on ``database`` and return how it ended."""
    environment = {**os.environ, "DATABASE_URL": url_of(database), "DATA": str(data)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    return subprocess.run(  # noqa: S603 - our own words
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def bring_in(wanted: Import, database: str, data: Path) -> Imported:
    """Carry ``wanted`` out on ``database`` and return what it took."""
    before, begun = os.times(), time.monotonic()
    files = (str(SHARED / wanted.file),) if wanted.file else ()
    ended = flask(database, data, *wanted.words, *files)
    after = os.times()
    used = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    lines = (ended.stdout if ended.returncode == 0 else ended.stderr).strip().splitlines()
    said = PATH.sub("", lines[-1]) if lines else ""
    return Imported(
        time.monotonic() - begun, used, said if not ended.returncode else f"failed: {said}"
    )
