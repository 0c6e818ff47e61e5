"""When a position counts, and who is on shift: pure rules."""

from datetime import datetime, time, timedelta

FRESH = timedelta(minutes=30)
"""A position older than this says nothing of where its sender is now."""
AHEAD, OLDEST = timedelta(minutes=5), timedelta(days=7)
"""How far a phone's clock may run ahead, and how long it may have kept a fix while offline."""
COARSEST = 2_000.0
"""Metres: a fix worse than this names a town, not a place."""
MOST = 500
"""Fixes of one batch: a shift of eight hours with one a minute."""


def is_on_shift(begins: time, ends: time, at: time) -> bool:
    """Say whether ``at`` (city time of day) lies in a shift; one that ends first crosses midnight.

    A shift that begins and ends at the same time lasts all day.

    >>> is_on_shift(time(22), time(6), time(1, 30)), is_on_shift(time(22), time(6), time(6))
    (True, False)
    """
    if begins < ends:
        return begins <= at < ends
    return at >= begins or at < ends


def admits(at: datetime, accuracy_m: float, now: datetime) -> bool:
    """Say whether a fix is worth keeping: not of the future, not of last week, not a whole town."""
    return now - OLDEST <= at <= now + AHEAD and 0 <= accuracy_m <= COARSEST
