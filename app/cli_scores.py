"""Commands of evaluation: ``flask score``, ``flask replay-period``."""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.cli_imports import told
from app.evaluation import freezing, service
from app.evaluation.formula import Facts, parse, shown, value
from app.evaluation.labels import basic
from app.evaluation.rules import Result, evaluate, read, rounded
from app.evaluation.schemes import OBJECTS, RATES, standard
from app.kernel import clock
from app.kernel.db import reading
from app.kernel.errors import Refused, sentence
from grid_codes.tables import read_table

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
REGION = {"cell_num": 1, "area_class": 1}
"""What a region may say besides; one that does not is a single cell of the first class."""

NOTHING = "—"


@click.command("score")
@click.option("--object", "object_type", required=True, type=click.Choice(OBJECTS))
@click.option("--facts", "file", required=True, type=FILE, help="JSON {indicator code: number}.")
@with_appcontext
def score(object_type: str, file: Path) -> None:
    """Score basic indicators by the standard's scheme: every indicator, composite, grade.

    The last line is ``composite NUMBER GRADE``; what has nothing to divide by is shown as “—”.
    """
    with told():
        facts = read_facts(object_type, file.read_bytes())
        found = evaluate(read(standard(object_type)), facts)
        for line in _lines(object_type, facts, found):
            click.echo(line)
    grade = found.grade.grade if found.grade else NOTHING
    click.echo(f"composite {NOTHING if found.score is None else found.score} {grade}")


def read_facts(object_type: str, raw: bytes) -> dict[str, int | Fraction]:
    """Return the facts in a JSON object, exactly; ``Refused`` names what is not known there."""
    try:
        given = json.loads(raw, parse_float=Fraction, parse_constant=lambda word: word)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise Refused(sentence("The facts must be a JSON object {indicator code: number}."))
    allowed = {*basic(), *(REGION if object_type == "region" else ())}
    for name, number in given.items():
        if name not in allowed:
            raise Refused(sentence("“%(name)s” is no basic indicator."), name=name)
        if type(number) not in (int, Fraction) or number < 0:
            raise Refused(sentence("“%(name)s” must be a number from 0 on."), name=name)
    if given.get("area_class", 1) not in (1, 2):
        raise Refused(sentence("“area_class” must be 1 or 2."))
    return {**(REGION if object_type == "region" else {}), **given}


def _lines(object_type: str, facts: Facts, found: Result) -> Iterator[str]:
    for name in basic():
        if name in facts:
            yield f"{name} {shown(Fraction(facts[name]))}"
    for code, rate in _rates(object_type, facts).items():
        yield f"{code} {NOTHING if rate is None else shown(rate)}"
    for term in found.terms:
        yield f"{term.part.code} {NOTHING if term.score is None else rounded(term.score)}"


def _rates(object_type: str, facts: Facts) -> Mapping[str, Fraction | None]:
    """Return the standard's rates of this object; one that is told in words only has ours."""
    words = {"closing_intime_rate": RATES["s_closing_intime"]}
    return {
        row["code"]: value(parse(words.get(row["code"], row["formula"])), facts)
        for row in read_table("indicators")
        if row["type"] == "rate" and object_type in row["applies_to"].split("|")
    }


@click.command("replay-period")
@click.argument("period")
@click.option("--objects", default="departments", show_default=True,
              type=click.Choice(["departments", "regions", "posts"]))  # fmt: skip
@click.option("--level", default="", help="Of regions: district, street (usual), community, cell.")
@click.option("--post", default="", help="Of posts: inspector (usual), agent, shift_leader …")
@click.option("--version", type=int, help="The newest if not given.")
@with_appcontext
def replay_period(period: str, objects: str, level: str, post: str, version: int | None) -> None:
    """Compute a frozen PERIOD again from what was kept; exit 1 unless it is the same, byte by byte.

    Says too for whom the journal would give other figures today: that needs a new version.
    """
    with told(), reading() as session:
        wanted = service.asked(objects, period, at=clock.now(), level=level, post=post)
        kept = freezing.require_kept(session, wanted.board, wanted.period, version)
        faults = freezing.faults(kept)
        moved = freezing.moved(session, wanted, kept)
    click.echo(f"period {period} version {kept.version} digest {kept.digest}")
    for fault in faults:
        click.echo(fault)
    click.echo("different" if faults else "the same, byte by byte")
    names = ", ".join(moved[:20])
    click.echo(f"the journal of today differs for {len(moved)}{': ' if moved else ''}{names}")
    raise SystemExit(1 if faults else 0)


COMMANDS: tuple[Any, ...] = (score, replay_period)
