"""The application."""

from functools import partial
from threading import Thread

from flask import Flask
from gevent import get_hub, monkey
from werkzeug.routing import IntegerConverter

from app.admin.addresses_routes import bp as admin_addresses_bp
from app.admin.escalation_routes import bp as admin_escalation_bp
from app.admin.handbook_routes import bp as admin_handbook_bp
from app.admin.layers_routes import bp as admin_layers_bp
from app.admin.part_import_routes import bp as admin_part_imports_bp
from app.admin.parts_routes import bp as admin_parts_bp
from app.admin.places_routes import bp as admin_places_bp
from app.admin.routes import bp as admin_bp
from app.admin.schemes_routes import bp as admin_schemes_bp
from app.admin.surveys_routes import bp as admin_surveys_bp
from app.cases.duplicate_routes import bp as duplicates_bp
from app.cases.handbook_routes import bp as case_handbook_bp
from app.cases.photo_routes import bp as photos_bp
from app.cases.pressure.routes import bp as pressure_bp
from app.cases.request_routes import bp as requests_bp
from app.cases.routes import bp as cases_bp
from app.cases.task_routes import bp as tasks_bp
from app.catalogue.routes import bp as catalogue_bp
from app.desk.request_routes import bp as ledger_bp
from app.desk.routes import bp as desk_bp
from app.desk.tasks_routes import bp as desk_tasks_bp
from app.evaluation.period_routes import bp as periods_bp
from app.evaluation.routes import bp as evaluation_bp
from app.evaluation.scheme_routes import bp as schemes_bp
from app.exchange.routes import bp as exchange_bp
from app.hotline.routes import bp as hotline_bp
from app.kernel import db, health, http, log, migrations, openapi, pages
from app.kernel.job_routes import bp as jobs_bp
from app.kernel.upload_routes import bp as uploads_bp
from app.layers.register_routes import bp as register_bp
from app.layers.routes import bp as layers_bp
from app.leader.routes import bp as leader_bp
from app.live import sockets
from app.live.routes import bp as live_bp
from app.mobile.routes import bp as mobile_bp
from app.mobile.survey_routes import bp as mobile_surveys_bp
from app.mobile.task_routes import bp as mobile_tasks_bp
from app.notices.routes import bp as notices_bp
from app.org.routes import bp as org_bp
from app.org.routes import identify
from app.parts.campaigns.routes import bp as surveys_bp
from app.parts.geocode_routes import bp as geocode_bp
from app.parts.import_routes import bp as part_imports_bp
from app.parts.routes import bp as parts_bp
from app.patrol.routes import bp as patrol_bp
from app.places.addresses.routes import bp as addresses_bp
from app.places.routes import bp as places_bp
from app.reports.ranking_routes import bp as ranking_files_bp
from app.reports.routes import bp as reports_bp
from app.screen.routes import bp as screen_bp
from config import Config, load

BLUEPRINTS = (
    health.bp,
    openapi.bp,
    jobs_bp,
    uploads_bp,
    org_bp,
    layers_bp,
    addresses_bp,
    places_bp,
    register_bp,
    parts_bp,
    geocode_bp,
    surveys_bp,
    part_imports_bp,
    catalogue_bp,
    cases_bp,
    requests_bp,
    case_handbook_bp,
    duplicates_bp,
    photos_bp,
    pressure_bp,
    notices_bp,
    tasks_bp,
    patrol_bp,
    live_bp,
    evaluation_bp,
    schemes_bp,
    periods_bp,
    exchange_bp,
    reports_bp,
    ranking_files_bp,
)
AUDIENCES = (
    mobile_bp,
    mobile_surveys_bp,
    mobile_tasks_bp,
    hotline_bp,
    desk_bp,
    ledger_bp,
    desk_tasks_bp,
    screen_bp,
    leader_bp,
    admin_bp,
    admin_addresses_bp,
    admin_part_imports_bp,
    admin_parts_bp,
    admin_schemes_bp,
    admin_surveys_bp,
    admin_places_bp,
    admin_layers_bp,
    admin_handbook_bp,
    admin_escalation_bp,
)


def create_app(config: Config) -> Flask:
    """Return the application, or fail at once if it is put together wrongly."""
    log.configure(config.log_level)
    app = Flask(__name__)
    # A number that no column holds is an address where nothing is.
    app.url_map.converters["int"] = partial(  # type: ignore[assignment]
        IntegerConverter, max=2**31 - 1
    )
    app.config.update(
        COOKIE="wanmi",
        COOKIE_SECURE=config.cookie_secure,
        DATA=config.data,
        FILES=config.files,
        PROFILE=config.profile,
        MIGRATION=migrations.newest(),
        MAX_CONTENT_LENGTH=13 * 1024 * 1024,
        SETTINGS=config,
    )
    engine = db.make_engine(config.database_url, pool=config.pool, statement_ms=config.patience)
    db.install(app, engine)
    http.install(app, identify)
    pages.install(app)
    for blueprint in (*BLUEPRINTS, *AUDIENCES):
        app.register_blueprint(blueprint)
    http.check_declared(app)
    sockets.install(app, mode="gevent" if green() else "threading")
    return app


def green() -> bool:
    """Say whether this process serves with greenlets."""
    return bool(monkey.is_module_patched("socket"))


def web() -> Flask:
    """Return the application for a web server: without the commands, with sockets."""
    app = create_app(load())
    serve_sockets(app)
    return app


def serve_sockets(app: Flask) -> None:
    """Follow the feed from this process; called once per web worker, after the fork."""
    if green():
        app.extensions["thinkers"] = get_hub().threadpool
    settings: Config = app.config["SETTINGS"]
    Thread(
        target=sockets.follow, args=(settings.dsn, app.extensions["readers"]), daemon=True
    ).start()
