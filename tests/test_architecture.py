"""Rules about the shape of the house that the import contracts cannot state."""

import re
from pathlib import Path

import grimp
import pytest
from flask import Flask
from openapi_spec_validator import validate

from app.kernel import http, openapi

ROOT = Path(__file__).parent.parent
GRAPH = grimp.build_graph("app", exclude_type_checking_imports=True)


def test_models_are_imported_only_within_their_own_capability():
    strangers = {
        (importer, models)
        for models in GRAPH.modules
        if models.endswith(".models")
        for importer in GRAPH.find_modules_that_directly_import(models)
        if importer != "app.models" and not importer.startswith(models.removesuffix("models"))
    }
    assert strangers == set()


def test_nothing_below_the_edge_commits():
    committing = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "app").rglob("*.py"))
        if re.search(r"\.commit\(\)", path.read_text(encoding="utf-8"))
        and not path.name.startswith("imports")
    ]
    assert committing == []


def test_only_one_module_asks_the_time():
    asking = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "app").rglob("*.py"))
        if re.search(r"datetime\.now\(|time\.time\(", path.read_text(encoding="utf-8"))
    ]
    assert asking == ["app/kernel/clock.py"]


def test_a_view_without_a_declared_permission_stops_the_start():
    app = Flask(__name__)
    app.add_url_rule("/open-door", "open_door", lambda: "in")
    with pytest.raises(RuntimeError, match="open_door"):
        http.check_declared(app)


def test_migrations_are_numbered_without_a_gap():
    names = sorted(p.name for p in (ROOT / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{n:04d}" for n in range(1, len(names) + 1)]


def test_every_statement_file_says_its_question():
    silent = [p.name for p in (ROOT / "app").rglob("*.sql") if not p.read_text().startswith("-- ")]
    assert silent == []


def test_the_api_describes_itself_truly(client, app):
    document = client.get("/api/v1/openapi.json").json
    validate(document)
    served = {
        (method.lower(), openapi.path_of(rule.rule))
        for rule in app.url_map.iter_rules()
        if openapi.is_api(rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    described = {(m, path) for path, methods in document["paths"].items() for m in methods}
    assert described == served
    known = {tuple(key.split(" ", 1)) for key in openapi.shapes()["operations"]}
    assert {(m.lower(), path) for m, path in known} == served


def test_every_form_says_where_it_goes_before_its_script_has_come():
    forms = [
        (path.name, form)
        for path in (ROOT / "app/templates").rglob("*.html")
        for form in re.findall(r"<form[^>]*>", path.read_text(encoding="utf-8"))
    ]
    silent = [f for f in forms if "method=" not in f[1] and "action=" not in f[1]]
    assert len(forms) > 40
    assert not silent, "without a method the browser reads the page anew and loses what was typed"
