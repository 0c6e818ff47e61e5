"""Running the city under another code profile: kinds, parts, cases, conditions and routes follow.

One transaction.  What a thing was under the former profile is kept, so that the way back loses
nothing; a kind without a counterpart becomes an extension of the new profile (ADR 0014).
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import bulk, queue, sql
from app.kernel.errors import Refused, sentence
from app.places.queries import city_profile
from grid_codes import crosswalk
from grid_codes.conditions import conditions
from grid_codes.crosswalk import Move
from grid_codes.kinds import kinds
from grid_codes.profiles import Profile, profile
from seed_data.standard import handbook
from seed_data.standard.recoding import recode_cells

HERE = Path(__file__).parent
RECODE = text(sql.read(HERE, "recode_parts"))
USED = text(
    "SELECT id, name FROM kinds k WHERE EXISTS (SELECT FROM parts WHERE kind = k.id)"
    " OR EXISTS (SELECT FROM cases WHERE kind = k.id)"
    " OR EXISTS (SELECT FROM conditions WHERE kind = k.id AND basis <> 'switch') ORDER BY id"
)
POINTING = text(
    "SELECT c.conrelid::regclass::text AS table, c.conname AS name, a.attname AS column,"
    " f.relname AS of, pg_get_constraintdef(c.oid) AS definition"
    " FROM pg_constraint c JOIN pg_class f ON f.oid = c.confrelid"
    " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
    " WHERE c.contype = 'f' AND f.relname IN ('kinds', 'parts') ORDER BY 1, 2"
)
CODES = (
    ("cases", "part_code"),
    ("part_steps", "part"),
    ("campaign_findings", "part"),
    ("import_rows", "code"),
)
"""Columns that hold codes of parts without a foreign key saying so."""

SINCE_AWAY = text(
    "SELECT kept FROM profile_switches WHERE id >="
    " (SELECT max(id) FROM profile_switches WHERE source = :target) ORDER BY id"
)
MADE = text("SELECT source, target, report FROM profile_switches ORDER BY id")

Kept = list[dict[str, Any]]
"""What each switch since the city left a profile found before it: kinds, routes, serials."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a switch did, or would do: counts, and the kinds that a person should look at."""

    source: str
    target: str
    parts: int
    cases: int
    moves: tuple[Move, ...]
    counted: dict[str, int]

    @property
    def without(self) -> list[Move]:
        """Return the kinds without a counterpart, now extensions."""
        return [move for move in self.moves if move.extension]

    @property
    def ambiguous(self) -> list[Move]:
        """Return the kinds that several of the new profile may be meant by."""
        return [move for move in self.moves if move.others]

    def lines(self) -> list[str]:
        """Return the report for people."""
        found = [
            f"{self.source} -> {self.target}: {len(self.moves)} kinds, {self.parts} parts,"
            f" {self.cases} cases"
        ]
        found += [
            f"no counterpart: {m.old} {m.name} ({self.counted.get(m.old, 0)} parts) -> {m.new}"
            for m in self.without
        ]
        found += [
            f"several counterparts: {m.old} {m.name} ({self.counted.get(m.old, 0)} parts) ->"
            f" {m.new}, could also be {', '.join(m.others)}"
            for m in self.ambiguous
        ]
        return found


def switch(session: Session, target: str, *, dry: bool = False) -> Report:
    """Run the city under profile ``target`` from now on and return the report.

    ``dry`` changes nothing.  Raises ``Refused`` if the city runs it already.
    """
    new, old = profile(target), city_profile(session)
    if new == old:
        raise Refused(sentence("The city runs %(profile)s already."), profile=target)
    bulk.unhurried(session)
    used = [(row.id, row.name) for row in session.execute(USED)]
    since = [row.kept for row in session.execute(SINCE_AWAY, {"target": new.name})]
    moves = crosswalk.plan(used, old.name, new.name, _origins(session, old))
    report = _report(session, old, new, moves)
    if not dry:
        _carry_out(session, old, new, report, since)
    return report


def _origins(session: Session, old: Profile) -> dict[str, tuple[str, str]]:
    """Return which kind of which profile each extension of the present one once was."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for row in session.execute(MADE):
        for kind, new, extension in row.report["moves"]:
            if extension:
                found[row.target, new] = found.get((row.source, kind), (kind, row.source))
    return {kind: origin for (where, kind), origin in found.items() if where == old.name}


def _report(session: Session, old: Profile, new: Profile, moves: list[Move]) -> Report:
    rows = session.execute(text("SELECT kind, count(*) AS n FROM parts GROUP BY kind"))
    counted = {row.kind: row.n for row in rows}
    cases = session.execute(text("SELECT count(*) FROM cases")).scalar_one()
    return Report(old.name, new.name, sum(counted.values()), cases, tuple(moves), counted)


def _carry_out(session: Session, old: Profile, new: Profile, report: Report, since: Kept) -> None:
    kept, before = _kept(session), since[0] if since else None
    session.execute(text("CREATE TEMP TABLE moves (old text PRIMARY KEY, new text) ON COMMIT DROP"))
    session.execute(
        text("INSERT INTO moves VALUES (:old, :new)"),
        [{"old": m.old, "new": m.new} for m in report.moves],
    )
    held = _let_go(session)
    _parts(session, old, new, held)
    _count_serials(session, new, before)
    for what, key in (("case", "cases"), ("condition", "conditions")):
        _follow(session, what, key, old, new)
    _kinds(session, new, report, before)
    _conditions(session, new, before)
    routes = _routes(session, report, since)
    _others(session)
    recode_cells(session, old, new)
    _hold(session, held)
    _note(session, report, kept | {"routes_after": routes})


def _kept(session: Session) -> dict[str, Any]:
    """Return the kinds and routes as they are, for the way back."""
    rows = session.execute(text("SELECT to_jsonb(k) FROM kinds k ORDER BY id")).scalars().all()
    serials = session.execute(text("SELECT division, kind, last FROM part_serials"))
    return {
        "kinds": list(rows),
        "routes": _all_routes(session),
        "serials": [list(row) for row in serials],
    }


def _all_routes(session: Session) -> list[list[str]]:
    return [list(row) for row in session.execute(ALL_ROUTES)]


def _let_go(session: Session) -> list[Any]:
    """Drop the foreign keys that point at kinds and parts, and return how to make them again."""
    held = list(session.execute(POINTING))
    for key in held:
        session.execute(text(f'ALTER TABLE {key.table} DROP CONSTRAINT "{key.name}"'))
    return held


def _hold(session: Session, held: list[Any]) -> None:
    for key in held:
        session.execute(
            text(f'ALTER TABLE {key.table} ADD CONSTRAINT "{key.name}" {key.definition}')
        )


def _parts(session: Session, old: Profile, new: Profile, held: list[Any]) -> None:
    """Give the parts their codes of the new profile; whatever names a part follows."""
    told = {
        "length": old.part_lengths[0],
        "wide": old.part_lengths[-1],
        "width": new.part_lengths[-1],
        "target": new.name,
    }
    session.execute(RECODE, told)
    session.execute(text("CREATE UNIQUE INDEX ON recoded (old)"))
    session.execute(text("ANALYZE recoded"))
    _remember_codes(session, old, new)
    columns = {(k.table, k.column) for k in held if k.of == "parts"} | set(CODES)
    # A line of a part's history keeps every word; only the name of the part follows.
    session.execute(text("ALTER TABLE part_steps DISABLE TRIGGER append_only"))
    # Old and new codes overlap, so that they first step aside.
    session.execute(
        text(
            "UPDATE parts p SET code = '~' || r.code, kind = r.kind FROM recoded r"
            " WHERE p.code = r.old"
        )
    )
    session.execute(text("UPDATE parts SET code = substr(code, 2) WHERE code LIKE '~%'"))
    for table, column in sorted(columns):
        session.execute(
            text(
                f"UPDATE {table} t SET {column} = r.code FROM recoded r"
                f" WHERE t.{column} = r.old AND r.code <> r.old"
            )
        )
    session.execute(text("ALTER TABLE part_steps ENABLE TRIGGER append_only"))


def _remember_codes(session: Session, old: Profile, new: Profile) -> None:
    told = {"source": old.name, "target": new.name}
    session.execute(
        text(
            "CREATE TEMP TABLE remembered ON COMMIT DROP AS"
            " SELECT r.code AS part, f.profile, f.code, f.kind FROM former_codes f"
            " JOIN recoded r ON r.old = f.part WHERE f.profile <> :target"
            " UNION ALL SELECT r.code, :source, r.old, r.old_kind FROM recoded r"
        ),
        told,
    )
    session.execute(text("DELETE FROM former_codes"))
    session.execute(text("INSERT INTO former_codes SELECT * FROM remembered"))


def _count_serials(session: Session, new: Profile, before: Any) -> None:
    """Have serials go on after the highest one ever given under the new profile."""
    told = {"length": new.part_lengths[0], "width": new.part_lengths[-1]}
    session.execute(text("DELETE FROM part_serials"))
    session.execute(
        text(
            "INSERT INTO part_serials (division, kind, last)"
            " SELECT left(code, :length), kind, max(right(code, :width)::int)"
            " FROM parts GROUP BY 1, 2"
        ),
        told,
    )
    if before is not None and before["serials"]:
        names = ("division", "kind", "last")
        session.execute(
            text(
                "INSERT INTO part_serials AS s (division, kind, last)"
                " VALUES (:division, :kind, :last) ON CONFLICT (division, kind)"
                " DO UPDATE SET last = greatest(s.last, excluded.last)"
            ),
            [dict(zip(names, row, strict=True)) for row in before["serials"]],
        )


def _follow(session: Session, what: str, table: str, old: Profile, new: Profile) -> None:
    """Give every row of ``table`` its kind of the new profile: the one it had there, if any."""
    told = {"what": what, "source": old.name, "target": new.name}
    session.execute(
        text(
            f"CREATE TEMP TABLE followed_{what} ON COMMIT DROP AS"
            f" SELECT t.id, t.kind AS old, coalesce(f.kind, m.new) AS new FROM {table} t"
            " JOIN moves m ON m.old = t.kind"
            " LEFT JOIN former_kinds f ON f.what = :what AND f.key = t.id AND f.profile = :target"
        ),
        told,
    )
    session.execute(
        text("DELETE FROM former_kinds WHERE what = :what AND profile IN (:source, :target)"), told
    )
    session.execute(
        text(
            "INSERT INTO former_kinds (what, key, profile, kind)"
            f" SELECT :what, id, :source, old FROM followed_{what}"
        ),
        told,
    )
    session.execute(
        text(
            f"UPDATE {table} t SET kind = f.new FROM followed_{what} f"
            " WHERE f.id = t.id AND f.new <> t.kind"
        )
    )


def _kinds(session: Session, new: Profile, report: Report, before: Any) -> None:
    """Have the table of kinds hold those of the new profile: as the city left them, or standard."""
    session.execute(text("DELETE FROM kinds"))
    rows = {} if before is None else {row["id"]: row for row in before["kinds"]}
    like = {kind.id: kind for kind in kinds(report.source)}
    standard = {row["id"]: row for row in handbook.kind_rows(new.name)}
    added = {
        m.new: handbook.sounded(crosswalk.extended(m, like.get(m.old), new.name))
        for m in report.without
    }
    handbook.store_kinds(session, list((added | standard | rows).values()))


def _conditions(session: Session, new: Profile, before: Any) -> None:
    """Add the standard's conditions for kinds that brought none, and drop those added last time.

    A kind that the city knew before keeps exactly the conditions it had.
    """
    session.execute(
        text(
            "DELETE FROM conditions c WHERE basis = 'switch' AND NOT EXISTS"
            " (SELECT FROM cases WHERE condition_id = c.id)"
        )
    )
    having = set(session.scalars(text("SELECT DISTINCT kind FROM conditions")))
    having |= set() if before is None else {row["id"] for row in before["kinds"]}
    wanting = [c for c in conditions(new.name) if c.kind_id not in having]
    handbook.store_conditions(session, wanting, basis="switch")


def _others(session: Session) -> None:
    """Have imports and surveys speak of the new kinds."""
    session.execute(text("UPDATE imports i SET kind = m.new FROM moves m WHERE m.old = i.kind"))
    session.execute(
        text(
            "UPDATE campaigns c SET kinds = ARRAY(SELECT coalesce(m.new, k) FROM unnest(c.kinds) k"
            " LEFT JOIN moves m ON m.old = k ORDER BY 1) WHERE c.kinds <> '{}'"
        )
    )


def _routes(session: Session, report: Report, since: Kept) -> list[list[str]]:
    """Have the routing table speak of the new kinds; return it as it is then.

    If nobody touched it since the city left this profile, it becomes what it was.
    """
    present = _all_routes(session)
    left = [kept["routes_after"] for kept in since]
    if since and left == [*(kept["routes"] for kept in since[1:]), present]:
        rows = since[0]["routes"]
    else:
        rows = _routed(present, report)
    session.execute(text("DELETE FROM routes"))
    session.execute(
        text(
            "INSERT INTO routes (kind, area, department, days, begins, ends) VALUES (:kind, :area,"
            " :department, :days, CAST(:begins AS time), CAST(:ends AS time))"
        ),
        # What was kept before routes knew of times names the first three only.
        [dict(zip(ROUTED, [*row, "", None, None], strict=False)) for row in rows],
    )
    return _all_routes(session)


def _routed(present: list[list[str]], report: Report) -> list[list[str]]:
    """Return the routes for the new kinds.

    A pattern for a big class goes to the class that most of its kinds went to, and to each of the
    others by name.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for pattern, area, department, *times in sorted(present, key=lambda row: len(row[0])):
        for kind in _patterns(pattern, report):
            found[kind, area, *map(str, times)] = [kind, area, department, *times]
    return [row for _, row in sorted(found.items())]


def _patterns(pattern: str, report: Report) -> list[str]:
    new = [move.new for move in report.moves if move.old.startswith(pattern)]
    if len(pattern) <= 1 or not new:
        return [pattern] if len(pattern) <= 1 else []
    width = 1 + profile(report.target).kind_lengths[0]
    if any(move.old == pattern for move in report.moves):
        return new
    [(big, _)] = Counter(kind[:width] for kind in new).most_common(1)
    return [big, *(kind for kind in new if not kind.startswith(big))]


ALL_ROUTES = text(
    "SELECT kind, area, department, days, begins::text, ends::text FROM routes"
    " ORDER BY kind, area, days, begins"
)
ROUTED = ("kind", "area", "department", "days", "begins", "ends")


def _note(session: Session, report: Report, kept: dict[str, Any]) -> None:
    told = {
        "moves": [[m.old, m.new, m.extension] for m in report.moves],
        "lines": report.lines(),
    }
    session.execute(
        text(
            "INSERT INTO profile_switches (source, target, report, kept) VALUES"
            " (:source, :target, CAST(:report AS jsonb), CAST(:kept AS jsonb))"
        ),
        {
            "source": report.source,
            "target": report.target,
            "report": json.dumps(told, ensure_ascii=False),
            "kept": json.dumps(kept, ensure_ascii=False, default=str),
        },
    )
    session.execute(text("UPDATE city SET profile = :target"), {"target": report.target})
    queue.defer(session, "count_parts", dedupe="all")
