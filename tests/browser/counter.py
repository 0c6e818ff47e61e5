"""The one line of the timetable that pages wait for: counting what happened for evaluation."""

import time

from sqlalchemy.orm import sessionmaker

import config
from app.evaluation import marks
from app.kernel import clock
from app.kernel.db import make_engine


def main() -> None:
    """Count the news every half second until the process is ended."""
    sessions = sessionmaker(make_engine(config.load().database_url, pool=1))
    while True:
        with sessions.begin() as session:
            marks.keep_current(session, at=clock.now())
        time.sleep(0.5)


if __name__ == "__main__":
    main()
