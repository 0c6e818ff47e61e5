"""From measures to one table for people and one document for machines."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from benchmarks.imports import Import, Imported
from benchmarks.load import Measure
from benchmarks.statements import Question, Timing

RESULTS = Path(__file__).parent / "results"
WANTED_NOW = 2 / 3
"""The share of a ratio to reach that every release must keep."""

HEADINGS = ("work", "ours", "floor", "ratio", "by CPU", "to reach", "verdict")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table, every figure as it is shown."""

    work: str
    ours: str
    floor: str = ""
    ratio: str = ""
    by_cpu: str = ""
    reach: str = ""
    verdict: str = ""


def verdict(ratio: float, reach: float | None) -> str:
    """Say how ``ratio`` stands to what is to be reached.

    >>> verdict(0.31, 0.30), verdict(0.21, 0.30), verdict(0.19, 0.30)
    ('reached', 'two thirds', 'short')
    """
    if reach is None:
        return ""
    if ratio >= reach:
        return "reached"
    return "two thirds" if ratio >= reach * WANTED_NOW else "short"


def under(value: float, limit: float | None) -> str:
    """Say whether ``value`` keeps ``limit``.

    >>> under(14.0, 15), under(16.0, 15)
    ('reached', 'short')
    """
    if limit is None:
        return ""
    return "reached" if value <= limit else "short"


def against_floor(name: str, ours: Measure, floor: Measure, reach: float | None) -> Row:
    """Return the line that holds ``ours`` against ``floor``, requests and processor time."""
    ratio = ours.per_second / floor.per_second
    return Row(
        name,
        shown(ours),
        shown(floor),
        f"{ratio:.3f}",
        f"{floor.cpu_ms / ours.cpu_ms:.3f}",
        f"≥ {reach:g} (now {reach * WANTED_NOW:.3f})" if reach else "",
        _or_faults(verdict(ratio, reach), ours),
    )


def against_limit(name: str, ours: Measure, limit_ms: float | None) -> Row:
    """Return the line that holds the median time of ``ours`` against ``limit_ms``."""
    reach = f"≤ {limit_ms:g} ms" if limit_ms else ""
    return Row(
        name, shown(ours), reach=reach, verdict=_or_faults(under(ours.p50_ms, limit_ms), ours)
    )


def flat(name: str, large: Measure, small: Measure, limit: float) -> Row:
    """Return the line that holds processor time on many cases against that on few."""
    growth = large.cpu_ms / small.cpu_ms
    said = under(growth, limit)
    return Row(name, shown(large), shown(small), f"{growth:.2f} ×", "", f"≤ {limit:g} ×", said)


def statement(question: Question, timing: Timing, other: Timing | None) -> Row:
    """Return the line of a statement, held against ``other``, against its limit, or both."""
    limit = f"≤ {question.limit_ms:g} ms" if question.limit_ms else ""
    said = under(timing.ms, question.limit_ms)
    if other is None:
        return Row(question.name, _timed(timing), reach=limit, verdict=said)
    ratio = other.ms / timing.ms
    by_cpu = f"{other.cpu_ms / timing.cpu_ms:.3g}" if timing.cpu_ms else ""
    reach = " ".join(filter(None, (f"≥ {question.reach:g}", limit)))
    if said != "short":
        said = verdict(ratio, question.reach)
    return Row(question.name, _timed(timing), _timed(other), f"{ratio:.3g}", by_cpu, reach, said)


def imported(wanted: Import, ended: Imported) -> Row:
    """Return the line of an import: seconds, and what the command said last."""
    ours = f"{ended.seconds:.0f} s: {ended.said[:48]}"
    failed = ended.said.startswith("failed")
    said = "short" if failed else under(ended.seconds, wanted.limit)
    return Row(wanted.name, ours, reach=f"≤ {wanted.limit:g} s", verdict=said)


def _timed(timing: Timing) -> str:
    return f"{timing.ms:.2f} ms, CPU {timing.cpu_ms:.2f}"


def _or_faults(said: str, measure: Measure) -> str:
    return f"{measure.errors} errors" if measure.errors else said


def shown(measure: Measure) -> str:
    """Return a measure as people compare it: per second, median time, web + database CPU."""
    times = f"{measure.p50_ms:.1f} ms, CPU {measure.web_ms:.2f}+{measure.database_ms:.2f}"
    return f"{measure.per_second:.0f}/s {times}"


def table(rows: Sequence[Row]) -> str:
    """Return ``rows`` below their headings, columns aligned."""
    lines = [HEADINGS, *(tuple(asdict(row).values()) for row in rows)]
    widths = [max(_width(line[n]) for line in lines) for n in range(len(HEADINGS))]
    return "\n".join(
        "  ".join(_padded(text, width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def machine(postgres: str) -> dict[str, Any]:
    """Return what kind of machine measured, without its name or any of its paths."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "python": platform.python_version(),
        "postgres": postgres,
        "measured_at": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def store(
    rows: Sequence[Row], measures: dict[str, Any], facts: dict[str, Any], *, name: str
) -> None:
    """Write the table and all that was measured to ``benchmarks/results/<name>.json``."""
    document = {"machine": facts, "table": [asdict(row) for row in rows], "measures": measures}
    RESULTS.mkdir(exist_ok=True)
    told = json.dumps(document, ensure_ascii=False, indent=1, default=_plain)
    (RESULTS / f"{name}.json").write_text(told + "\n", encoding="utf-8")


def _plain(value: Any) -> dict[str, Any]:
    """Return a measure as a JSON object with three decimals."""
    found = asdict(value).items()
    return {name: round(it, 3) if isinstance(it, float) else it for name, it in found}
