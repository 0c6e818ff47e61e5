"""The timetable, and what the worker can do: one line a job, each calls one service function."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.cases import anchors, reprocess
from app.cases import upkeep as cases
from app.cases.tasks import service as tasks
from app.evaluation import marks, outside, patrolled
from app.evaluation import service as evaluation
from app.kernel import clock, queue, uploads
from app.kernel.leader import lead
from app.kernel.notices import listen
from app.layers import basemap, imports, statistics
from app.live import service as live
from app.notices import channels, escalation
from app.notices import service as notices
from app.org import service as org
from app.parts import exports as part_exports
from app.parts import service as parts
from app.parts import staging as part_imports
from app.places import work as places
from app.places.addresses import imports as addresses
from app.reports import bulletins, rankings
from app.reports import service as reports
from config import Config

log = structlog.get_logger("clock")
CLOCK_LOCK = 0x77616E6D69
Sessions = sessionmaker[Session]
DIGEST_AT, JOURNAL_AT = time(8), time(0, 30)
"""When in the city's day the digest is told, and when the journal of the day before is written."""

TIMETABLE: dict[str, tuple[timedelta, Callable[[Session], object]]] = {
    "mark_due": (timedelta(seconds=5), lambda s: cases.mark_due(s, at=clock.now())),
    "wake_suspended": (timedelta(seconds=30), lambda s: cases.wake_suspended(s, at=clock.now())),
    "spread_notices": (timedelta(seconds=2), notices.spread_all),
    "count_marks": (timedelta(seconds=2), lambda s: marks.keep_current(s, at=clock.now())),
    "record_patrols": (timedelta(minutes=5), lambda s: patrolled.record(s, at=clock.now())),
    "deliver_notices": (
        timedelta(seconds=15),
        lambda s: notices.wake_due(s, at=clock.now()),
    ),
    "escalate": (timedelta(seconds=30), lambda s: escalation.climb(s, at=clock.now())),
    "digest": (
        timedelta(minutes=1),
        lambda s: daily(s, "digest", DIGEST_AT, lambda at: notices.digest(s, at=at)),
    ),
    "export_journal": (
        timedelta(minutes=1),
        lambda s: daily(
            s, "journal", JOURNAL_AT, lambda _: queue.defer(s, "export_journal", dedupe="all")
        ),
    ),
    "bulletin": (timedelta(hours=1), lambda s: bulletins.ask(s, at=clock.now())),
    "tasks_go_up": (timedelta(seconds=30), lambda s: tasks.go_up(s, at=clock.now())),
    "forget_old_feed": (timedelta(hours=1), live.forget_old),
    "sweep_uploads": (
        timedelta(hours=6),
        lambda s: queue.defer(s, "sweep_uploads", dedupe="all"),
    ),
    "sweep_sign_ins": (timedelta(hours=1), org.sweep),
    "sweep_attempts": (
        timedelta(hours=6),
        lambda s: s.execute(text("DELETE FROM attempts WHERE at < now() - interval '30 days'")),
    ),
}
CLAIM = text('INSERT INTO firings (job, "window") VALUES (:job, :window) ON CONFLICT DO NOTHING')


def fire(sessions: Sessions, job: str, at: datetime) -> bool:
    """Run ``job`` for the window of ``at``, unless another clock did; say if it ran."""
    every, work = TIMETABLE[job]
    window = datetime.fromtimestamp(
        at.timestamp() // every.total_seconds() * every.total_seconds(), UTC
    )
    with sessions.begin() as session:
        claimed = session.execute(CLAIM, {"job": job, "window": window})
        if claimed.rowcount:  # type: ignore[attr-defined]
            work(session)
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def daily(session: Session, job: str, hour: time, work: Callable[[datetime], object]) -> bool:
    """Do ``work`` once a day, at ``hour`` of the city's day or as soon after it as a clock runs."""
    at = clock.local(clock.now())
    window = datetime.combine(at.date(), hour, at.tzinfo)
    if at < window:
        return False
    claimed = session.execute(CLAIM, {"job": f"daily {job}", "window": window})
    if claimed.rowcount:  # type: ignore[attr-defined]
        work(at)
    return bool(claimed.rowcount)  # type: ignore[attr-defined]


def run_clock(dsn: str, sessions: Sessions, stop: threading.Event) -> None:
    """Fire the timetable for ever while this process leads; stand by while another does."""
    running: list[BackgroundScheduler] = []

    def begin() -> None:
        scheduler = BackgroundScheduler(
            timezone="Asia/Shanghai", job_defaults={"coalesce": True, "max_instances": 1}
        )
        for job, (every, _) in TIMETABLE.items():
            scheduler.add_job(
                lambda name=job: fire(sessions, name, clock.now()),
                "interval",
                seconds=every.total_seconds(),
                next_run_time=clock.now(),
            )
        scheduler.add_job(lambda: _forget_firings(sessions), "interval", hours=1)
        scheduler.start()
        running.append(scheduler)
        log.info("clock leads")

    def end() -> None:
        running.pop().shutdown(wait=False)
        log.info("clock steps down")

    lead(dsn, CLOCK_LOCK, begin, end, stop)


def _forget_firings(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("DELETE FROM firings WHERE at < now() - interval '2 days'"))


def handlers(sessions: Sessions, settings: Config) -> dict[str, queue.Handler]:
    """Return who does which job."""
    return {
        "count_marks": lambda p: marks.work(p, sessions),
        "count_parts": lambda _: parts.recount(sessions),
        "harvest_addresses": addresses.run_harvest,
        "import_addresses": lambda p, **args: addresses.run(p, settings.data, **args),
        "import_base": lambda job, told: basemap.import_base(
            job, sessions, settings.data, told=told
        ),
        "undo_base": lambda p, number: basemap.undo(p, sessions, number=number),
        "import_layer": lambda job, **told: imports.import_layer(
            job, sessions, settings.data, **told
        ),
        "count_layer": lambda job, layer: statistics.recount(job, sessions, layer=layer),
        "export_journal": lambda p: _export_journal(p, sessions, settings),
        "import_outside": lambda p, **told: outside.run(p, settings.data, **told),
        "print_case": lambda p, uid: reports.print_case(p, sessions, settings.data, uid=uid),
        "export_ranking": lambda p, **told: rankings.export(
            p, sessions, settings.data, evaluation.ranking, **told
        ),
        "write_bulletin": lambda p, month: bulletins.write(
            p, sessions, settings.data, evaluation.ranking, month=month
        ),
        "deliver_notices": lambda p: channels.deliver(p, sessions, channels.of(settings)),
        "sweep_uploads": lambda _: _sweep_uploads(sessions, settings),
        "compare_parts": lambda p, **told: part_imports.compare(p, sessions, settings.data, **told),
        "apply_parts": lambda p, **told: part_imports.apply(p, sessions, **told),
        "undo_parts": lambda p, **told: part_imports.undo(p, sessions, **told),
        "export_parts": lambda p, **told: part_exports.export(p, sessions, settings.data, **told),
        "reprocess_clocks": lambda p, department: reprocess.work(
            p, sessions, department=department
        ),
        **places.handlers(sessions, settings),
    }


def _export_journal(p: queue.Progress, sessions: Sessions, settings: Config) -> dict[str, object]:
    """Write the journal up to yesterday's end; days that were missed lie in the same file."""
    day = clock.local(clock.now()).date() - timedelta(days=1)
    with sessions.begin() as session:
        return anchors.export(session, settings.data, day, tell=p.tell)


def _sweep_uploads(sessions: Sessions, settings: Config) -> None:
    with sessions.begin() as session:
        uploads.sweep(session, settings.data)
    part_exports.sweep(settings.data)


def run_worker(sessions: Sessions, settings: Config, stop: threading.Event) -> None:
    """Run background jobs for ever, woken by the transaction that asks for one."""
    doers = handlers(sessions, settings)
    while not stop.is_set():
        try:
            for _ in listen(settings.dsn, "jobs", pause=2):
                while not stop.is_set() and queue.run_one(sessions, doers, lease=settings.lease):
                    pass
                if stop.is_set():
                    return
        except Exception as lost:
            log.warning("worker lost the database", error=str(lost).strip())
            stop.wait(1)
