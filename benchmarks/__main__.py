"""``make bench``: make the databases, load servers in turn, print one table."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple
from pathlib import Path

import psycopg2

from benchmarks import basedata, databases, evaluation, report, run, workflow
from benchmarks.load import program


def main(arguments: list[str]) -> int:
    """Measure, print the table, store the results; return 0."""
    chosen = _chosen(arguments)
    program()
    if chosen.base:
        return basedata.main()
    if chosen.workflow:
        return workflow.main()
    if chosen.evaluation:
        return evaluation.main(chosen.sizes)
    plan = run.QUICK if chosen.quick else run.Plan()
    with _made(plan, keep=chosen.keep) as made, tempfile.TemporaryDirectory() as folder:
        rows, measures = run.measure(plan, made, Path(folder))
        facts = report.machine(_postgres(made.floor)) | asdict(plan)
    sys.stdout.write(f"{report.table(rows)}\n")
    report.store(rows, measures, facts, name="quick" if chosen.quick else "latest")
    return 0


def _chosen(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, shorter runs")
    parser.add_argument("--base", action="store_true", help="the base data alone")
    parser.add_argument("--workflow", action="store_true", help="the workflow alone")
    parser.add_argument("--evaluation", action="store_true", help="the counts of evaluation alone")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[100_000, 1_000_000], help="cases of --evaluation"
    )
    parser.add_argument("--keep", action="store_true", help="leave the databases behind")
    return parser.parse_args(arguments)


@contextmanager
def _made(plan: run.Plan, *, keep: bool) -> Iterator[run.Databases]:
    """Yield the databases of ``plan`` and drop them afterwards, unless they are to be kept."""
    made = run.make(plan)
    try:
        yield made
    finally:
        for name in () if keep else astuple(made):
            databases.drop(name)


def _postgres(database: str) -> str:
    connection = psycopg2.connect(databases.dsn_of(database))
    try:
        version = connection.info.parameter_status("server_version") or "unknown"
        return version.split(maxsplit=1)[0]
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
