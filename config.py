"""Deployment settings, read once from the environment; everything else is rows in the database."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True)
class Config:
    """What a deployment may choose.

    DATABASE_URL replaces the private cluster; BIND is host:port of the web server; DATA
    holds photos and the private cluster; PROFILE names the code profile of grid_codes;
    COOKIE_SECURE is 1 behind TLS; POOL is connections per web process; LOG_LEVEL is a word; LEASE
    is the seconds of silence after which another worker takes a job over; PATIENCE is the
    milliseconds after which a statement gives up and a request answers 503.  MAIL_URL
    (smtp://user:password@host:port?from=address) and SMS_URL with SMS_KEY open the ways out of
    the application; without them that channel is off.
    """

    database_url: str
    bind: str
    data: Path
    profile: str
    cookie_secure: bool
    pool: int
    log_level: str
    lease: float = 60.0
    patience: int = 5_000
    mail_url: str = ""
    sms_url: str = ""
    sms_key: str = ""

    @property
    def files(self) -> Path:
        """Return the folder of photos, outside the web root."""
        return self.data / "files"

    @property
    def dsn(self) -> str:
        """Return the database address as libpq wants it."""
        return self.database_url.replace("postgresql+psycopg2://", "postgresql://", 1)


def database_url(data: Path) -> str:
    """Return DATABASE_URL, or the private cluster's address after starting it if it is down."""
    given = os.environ.get("DATABASE_URL")
    if not given:
        from scripts.cluster import ensure_up  # noqa: PLC0415 - only when there is no other database

        given = ensure_up(data)
    return given.replace("postgresql://", "postgresql+psycopg2://", 1).replace(
        "postgres://", "postgresql+psycopg2://", 1
    )


def load() -> Config:
    """Return the settings, or exit with a sentence that says which one is wrong."""
    data = Path(os.environ.get("DATA", ROOT / ".data")).resolve()
    bind = os.environ.get("BIND") or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
    secure = os.environ.get("COOKIE_SECURE", "0") == "1"
    host = bind.rsplit(":", 1)[0].strip("[]")
    if os.environ.get("FLASK_DEBUG") == "1" and host not in LOOPBACK:
        raise SystemExit(
            "FLASK_DEBUG=1 on a public address is refused. Unset it, or bind to 127.0.0.1."
        )
    mail, sms = os.environ.get("MAIL_URL", ""), os.environ.get("SMS_URL", "")
    check_channels(mail, sms, os.environ.get("SMS_KEY", ""))
    return Config(
        database_url=database_url(data),
        bind=bind,
        data=data,
        profile=os.environ.get("PROFILE", "CJT214-2007"),
        cookie_secure=secure,
        pool=int(os.environ.get("POOL", "16")),
        log_level=os.environ.get("LOG_LEVEL", "INFO"),
        lease=float(os.environ.get("LEASE", "60")),
        patience=int(os.environ.get("PATIENCE", "5000")),
        mail_url=mail,
        sms_url=sms,
        sms_key=os.environ.get("SMS_KEY", ""),
    )


def check_channels(mail: str, sms: str, key: str) -> None:
    """Exit with a sentence if a way out of the application is set wrongly."""
    if mail and not mail.startswith(("smtp://", "smtps://")):
        raise SystemExit("MAIL_URL must begin with smtp:// or smtps://. Correct it, or unset it.")
    if sms and (not sms.startswith(("http://", "https://")) or not key):
        raise SystemExit("SMS_URL must begin with https:// or http://, and needs SMS_KEY to sign.")
