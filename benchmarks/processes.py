"""What processes cost: processor time and memory of a process and all below it, from /proc."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import psycopg2

TICK = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """The parent of a process and its processor seconds, those of its ended children included."""

    parent: int
    seconds: float


def read_stat(line: str) -> Usage:
    """Return what a line of /proc/<pid>/stat says; the name in it may hold blanks and brackets."""
    fields = line[line.rindex(")") + 2 :].split()
    return Usage(int(fields[1]), sum(map(int, fields[11:15])) / TICK)


def usages() -> dict[int, Usage]:
    """Return the usage of every process there is."""
    found = {}
    for folder in PROC.glob("[0-9]*"):
        try:
            found[int(folder.name)] = read_stat((folder / "stat").read_text())
        except OSError:
            continue  # It ended while we looked.
    return found


def below(root: int, known: dict[int, Usage]) -> list[int]:
    """Return ``root`` and every process that descends from it."""
    children = defaultdict(list)
    for pid, usage in known.items():
        children[usage.parent].append(pid)
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children[pid]
    return found


def seconds(root: int) -> float:
    """Return the processor seconds that ``root`` and all below it have used so far."""
    known = usages()
    return sum(known[pid].seconds for pid in below(root, known) if pid in known)


def busy_seconds() -> float:
    """Return the processor seconds that the whole machine has worked so far."""
    user, nice, system, _, _, irq, softirq = map(
        int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:8]
    )
    return (user + nice + system + irq + softirq) / TICK


def memory_mib(pid: int) -> dict[str, float]:
    """Return resident and proportional memory of ``pid`` in MiB."""
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    wanted = {"Rss:": "rss", "Pss:": "pss"}
    found = (line.split() for line in lines)
    return {wanted[f[0]]: round(int(f[1]) / 1024, 1) for f in found if f[0] in wanted}


def workers_memory(root: int) -> list[dict[str, float]]:
    """Return the memory of every process right below ``root``: the workers of a web server."""
    known = usages()
    return [memory_mib(pid) for pid, usage in sorted(known.items()) if usage.parent == root]


def postmaster(dsn: str) -> int:
    """Return the process that all backends of the server behind ``dsn`` descend from."""
    connection = psycopg2.connect(dsn)
    try:
        return usages()[connection.info.backend_pid].parent
    finally:
        connection.close()
