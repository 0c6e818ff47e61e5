"""The figures of the base data in one table: addresses, parts, the grid, layers."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import addresses, databases, layers, parts, places, report
from benchmarks.report import Row


def measure(city: str, full: str, folder: Path) -> tuple[list[Row], dict[str, Any]]:
    """Measure on copies of ``city`` (without parts) and on ``full`` (a million of them)."""
    rows, found = addresses.measure(city, folder)
    counted = parts.measure(city, full)
    grid = places.measure()
    drawn = list(_layers(city, folder))
    rows += [_limited(name, counted[name], limit) for name, limit in parts.LIMITS.items()]
    rows += [_limited(f"{one.name}, s", one.seconds, one.limit) for one in grid]
    rows += [_limited(f"{one.name}, {one.unit}", one.median, one.limit) for one in drawn]
    found |= {
        "parts": counted,
        "grid": [asdict(one) for one in grid],
        "layers": [asdict(one) for one in drawn],
    }
    return rows, found


def _layers(city: str, folder: Path) -> Iterator[layers.Figure]:
    copy = databases.create(f"{databases.PREFIX}layers", template=city)
    try:
        yield from layers.figures(copy, folder)
    finally:
        databases.drop(copy)


def _limited(name: str, value: float, limit: float) -> Row:
    return Row(name, f"{value:.2f}", reach=f"≤ {limit:g}", verdict=report.under(value, limit))


def main() -> int:
    """Make the databases, measure the base data alone, print the table."""
    city = databases.make_city()
    try:
        full = databases.make_size(city, cases=1_000, parts=1_000_000, waiting=10)
        try:
            with tempfile.TemporaryDirectory() as folder:
                rows, found = measure(city, full, Path(folder))
        finally:
            databases.drop(full)
    finally:
        databases.drop(city)
    sys.stdout.write(f"{report.table(rows)}\n")
    report.store(rows, found, report.machine(""), name="basedata")
    return 0


if __name__ == "__main__":
    sys.exit(main())
