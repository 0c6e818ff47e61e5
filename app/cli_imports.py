"""Commands that bring a city's own data in: ``flask import-…``, ``make-cells``, ``check-cells``."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from app.cases import imports as cases
from app.evaluation import marks
from app.kernel import audit, clock, mappings
from app.kernel.auth import NOBODY
from app.kernel.bulk import Run
from app.kernel.db import as_unavailable, reading, transaction
from app.kernel.errors import AppError
from app.parts import exports as part_exports
from app.parts import imports as parts
from app.places import areas, grids
from app.places import imports as places
from app.places.addresses import imports as addresses
from app.places.addresses import splitter
from app.places.queries import city_profile
from gis.faults import GeometryFault
from grid_codes.faults import CodeFault
from grid_codes.profiles import Profile

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
COORD_SYS = click.option(
    "--coord-sys",
    type=click.Choice(["cgcs2000", "wgs84", "gcj02", "bd09"]),
    help="What the degrees of FILE are in, if not CGCS2000.",
)


@contextmanager
def told() -> Iterator[None]:
    """Show a refusal as one sentence, without a trace."""
    try:
        yield
    except AppError as fault:
        raise click.ClickException(fault.message % fault.facts) from fault
    except (GeometryFault, CodeFault, OSError) as fault:
        raise click.ClickException(str(fault)) from fault
    except DBAPIError as fault:
        away = as_unavailable(fault)
        if away is None:
            raise
        raise click.ClickException(away.message % away.facts) from fault


@contextmanager
def progress(label: str) -> Iterator[Callable[[int], None]]:
    """Yield a function that is told how many rows were read; it speaks to terminals only."""
    shows = sys.stderr.isatty()

    def tell(count: int) -> None:
        if shows:
            click.echo(f"\r{label}: {count} rows", nl=False, err=True)

    yield tell
    if shows:
        click.echo(err=True)


def _report(run: Run) -> None:
    for warning in run.warnings:
        click.echo(f"warning: {warning}")
    click.echo(str(run))


def _folder() -> Path:
    found: Path = current_app.config["DATA"]
    return found


def _profile() -> Profile:
    with reading() as session:
        return city_profile(session)


@click.command("import-divisions")
@click.argument("file", type=FILE)
@with_appcontext
def import_divisions(file: Path) -> None:
    """Store the administrative tree in FILE: code, name, level, parent_code (CSV, .gz, .xz)."""
    with told(), progress(file.name) as tell, transaction() as session:
        run = places.import_divisions(session, file, folder=_folder(), tell=tell)
    _report(run)


@click.command("import-areas")
@click.argument("file", type=FILE)
@click.option("--level", required=True, type=click.Choice(list(areas.LEVELS)))
@COORD_SYS
@click.option("--map", "mapping", type=FILE, help="Which column is which, in TOML.")
@with_appcontext
def import_areas(file: Path, level: str, coord_sys: str | None, mapping: Path | None) -> None:
    """Store the polygons in FILE, any map format, as the ground of divisions."""
    with told(), transaction() as session:
        run = areas.import_areas(
            session, file, level=level, coord_sys=coord_sys, mapping=mapping, folder=_folder()
        )
    _report(run)


@click.command("make-cells")
@click.option("--within", required=True, help="Code of a city, district, street or community.")
@click.option("--target-area", default=10_000.0, show_default=True, help="Square metres.")
@click.option("--balanced", is_flag=True, help="Smaller cells where there are many parts.")
@with_appcontext
def make_cells(within: str, target_area: float, balanced: bool) -> None:
    """Divide areas into unit grids along roads and water; cells in use there are ended."""
    with told(), transaction() as session:
        made = grids.make_cells(session, within, target_area, _profile(), balanced=balanced)
    click.echo(f"{made} cells made")


@click.command("check-cells")
@click.option("--within", default="", help="Code of a city, district, street or community.")
@with_appcontext
def check_cells(within: str) -> None:
    """Report gaps, overlaps and wrong codes of the cells in use; exit 1 if there is a fault."""
    with told(), transaction() as session:
        cells, found = grids.check(session, within, _profile())
    for fault in found:
        kind = "warning: " if fault.is_warning else ""
        click.echo(kind + fault.message % fault.facts)
    faults = sum(not fault.is_warning for fault in found)
    click.echo(f"{cells} cells, {faults} faults")
    raise SystemExit(1 if faults else 0)


@click.command("import-parts")
@click.argument("file", type=FILE)
@click.option("--kind", required=True, help="Small class, like 0402.")
@click.option("--map", "mapping", type=FILE, help="Which column is which, in TOML.")
@COORD_SYS
@click.option("--division", help="District of parts that lie in no known area.")
@click.option("--again", is_flag=True, help="Import a file that was imported before.")
@with_appcontext
def import_parts(
    file: Path,
    kind: str,
    mapping: Path | None,
    coord_sys: str | None,
    division: str | None,
    again: bool,
) -> None:
    """Store the parts of one kind in FILE: CSV, XLSX, Parquet or any map format."""
    with told(), progress(file.name) as tell, transaction() as session:
        run = parts.import_parts(
            session,
            file,
            kind=kind,
            mapping=mapping,
            coord_sys=coord_sys,
            division=division,
            again=again,
            profile=_profile(),
            folder=_folder(),
            tell=tell,
        )
    _report(run)


@click.command("import-addresses")
@click.argument("file", type=FILE)
@click.option("--holds", required=True, type=click.Choice(list(addresses.HOLDS)))
@COORD_SYS
@click.option("--map", "mapping", type=FILE, help="Which column is which, in TOML.")
@with_appcontext
def import_addresses(file: Path, holds: str, coord_sys: str | None, mapping: Path | None) -> None:
    """Store the streets, doors, places, tracts or blocks in FILE, any table or map file."""
    with told(), progress(file.name) as tell, transaction() as session:
        run = addresses.import_addresses(
            session,
            file,
            holds=holds,
            mapping=mappings.read(mapping, addresses.KNOWN),
            coord_sys=coord_sys,
            folder=_folder(),
            tell=tell,
        )
    _report(run)


@click.command("train-splitter")
@click.argument("file", type=FILE)
@click.option("--judge", "judged", type=FILE, help="Labelled addresses to hold it against.")
def train_splitter(file: Path, judged: Path | None) -> None:
    """Learn from FILE (a token and its label a line, .gz) how addresses are built."""
    splitter.train(splitter.read_examples(file), splitter.MODEL)
    if judged:
        found = splitter.judge(splitter.read_examples(judged), without=("redundant",))
        click.echo(
            f"precision {found.precision:.3f}, recall {found.recall:.3f}, f1 {found.f1:.3f},"
            f" whole addresses {found.whole:.3f}"
        )


@click.command("export-parts")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--kind", default="", help="Small class, like 0402; all if left out.")
@click.option("--district", default="", help="Code of a district.")
@click.option("--state", default="", help="intact, damaged, lost, abandoned or removed.")
@with_appcontext
def export_parts(file: Path, kind: str, district: str, state: str) -> None:
    """Write parts to FILE: .gpkg, .shp.zip, .geojson or .xlsx says as what."""
    forms = {end: form for form, (end, _) in part_exports.WRITERS.items()}
    form = next((forms[end] for end in forms if file.name.endswith(f".{end}")), file.suffix)
    wanted = {"kind": kind, "district": district, "state": state}
    with told(), progress(file.name) as tell, transaction() as session:
        form = part_exports.check_format(form)
        count = part_exports.write(session, file, form, wanted, lambda done, *_: tell(done))
        audit.note(session, NOBODY, "part.export", str(wanted), result=f"{form} {count}")
    click.echo(f"exported {count}")


@click.command("import-cases")
@click.argument("file", type=FILE)
@click.option("--map", "mapping", type=FILE, required=True, help="Which column is which, in TOML.")
@with_appcontext
def import_cases(file: Path, mapping: Path) -> None:
    """Store the history of cases in FILE, a table of another system."""
    with told(), progress(file.name) as tell, transaction() as session:
        run = cases.import_cases(
            session, file, mapping=mapping, at=clock.now(), folder=_folder(), tell=tell
        )
        # An import writes nothing to the feed: what it brought waits to be counted.
        marks.ask_whole(session)
    _report(run)


COMMANDS: tuple[click.Command, ...] = (
    import_divisions,
    import_areas,
    make_cells,
    check_cells,
    import_parts,
    import_addresses,
    train_splitter,
    export_parts,
    import_cases,
)
