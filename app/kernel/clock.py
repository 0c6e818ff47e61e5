"""The one place that asks what time it is."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

CITY_TIME = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present instant; tests replace this function."""
    return datetime.now(UTC)


def local(at: datetime) -> datetime:
    """Return ``at`` as the city's clocks show it (UTC+8, no daylight saving)."""
    return at.astimezone(CITY_TIME)
