"""Keep a few processes running, and leave none behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# A process that ran this long has recovered: its next pause is the first one again.
SOUND_AFTER_SECONDS = 60.0
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep running."""

    name: str
    command: tuple[str, ...]


@dataclass(slots=True)
class Watched:
    """A program, its present process, and when to start it again (seconds of the steady clock)."""

    program: Program
    process: subprocess.Popen[bytes]
    started: float
    pause: float = FIRST_PAUSE_SECONDS
    again_at: float | None = None


class Supervisor:
    """Start programs, restart those that die, and end them with all their descendants."""

    def __init__(self, *, patience_seconds: float = 35.0) -> None:
        self.patience_seconds = patience_seconds
        self.stopping = False
        self._watched: list[Watched] = []

    def heed_signals(self) -> None:
        """End ``run`` on Ctrl-C, on a plain ``kill`` and when the terminal is closed.

        Orphans of our programs become our children, so that none escapes ``end``.
        """
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to stay.
            signal.signal(signal.SIGHUP, self._ask_to_stop)

    def run_once(self, program: Program) -> int | None:
        """Run ``program`` to its end and return its exit status; None when asked to stop."""
        if self.stopping:
            return None
        process = spawn(program)
        self._watched.append(Watched(program, process, time.monotonic()))
        while process.poll() is None and not self.stopping:
            time.sleep(0.05)
        if self.stopping:
            return None
        self._watched.pop()
        return process.returncode

    def run(self, programs: Sequence[Program], look_after: Callable[[], None]) -> None:
        """Keep ``programs`` running until asked to stop, calling ``look_after`` every 0.2 s."""
        for program in programs:
            self._watched.append(Watched(program, spawn(program), time.monotonic()))
        while not self.stopping:
            for watched in self._watched:
                self._tend(watched)
            self._bury_orphans()
            look_after()
            time.sleep(0.2)

    def end(self) -> None:
        """End every program: politely first, after ``patience_seconds`` by force."""
        running = [watched.process for watched in self._watched if watched.again_at is None]
        for process in running:
            _signal_group(process, signal.SIGTERM)
        asked = time.monotonic()
        while any(process.poll() is None for process in running):
            if time.monotonic() - asked > self.patience_seconds:
                break
            time.sleep(0.05)
        for process in running:
            _signal_group(process, signal.SIGKILL)
            process.wait()
        self._watched.clear()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping:
            self.patience_seconds = 0.0  # Asked twice: somebody is in a hurry.
        self.stopping = True

    def _tend(self, watched: Watched) -> None:
        """Restart the process if it has died, after a pause that grows while it keeps dying."""
        now = time.monotonic()
        if watched.process.poll() is None:
            return
        if watched.again_at is None:
            self._plan_restart(watched, now)
        elif now >= watched.again_at:
            watched.process, watched.started = spawn(watched.program), now
            watched.again_at = None

    def _plan_restart(self, watched: Watched, now: float) -> None:
        _signal_group(watched.process, signal.SIGKILL)
        if now - watched.started > SOUND_AFTER_SECONDS:
            watched.pause = FIRST_PAUSE_SECONDS
        end = describe_end(watched.process.returncode)
        say(f"{watched.program.name} {end}; it starts again in {watched.pause:.0f} s.")
        watched.again_at = now + watched.pause
        watched.pause = min(watched.pause * 2, LONGEST_PAUSE_SECONDS)

    def _bury_orphans(self) -> None:
        ours = {watched.process.pid for watched in self._watched}
        for pid in children():
            if pid not in ours:
                _reap(pid)


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start ``program`` in a group of its own; it is asked to end when this process dies."""
    # After fork and before exec only ctypes works here, and this process has a single thread.
    return subprocess.Popen(  # noqa: S603 - our own command lines
        program.command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
    )


def _die_with(parent: int) -> Callable[[], None]:
    def ask_the_kernel() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)  # The parent died before the kernel knew of our wish.

    return ask_the_kernel


def children() -> list[int]:
    """Return the process numbers of this process's children, zombies included."""
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(word) for word in listing.read_text().split()]


def end_strays() -> None:
    """Kill what is left of our descendants: a grandchild may have left its group.

    The database server is spared: it has its own way to stop, and others may be using it. If it
    has stopped, its last processes are waited for and buried, a second at most.
    """
    until = time.monotonic() + 1.0
    while (pids := children()) and time.monotonic() < until:
        for pid in pids:
            if _name(pid) != "postgres":
                os.kill(pid, signal.SIGKILL)
            _reap(pid)
        time.sleep(0.02)


def describe_end(status: int) -> str:
    """Return how a process ended, for the log."""
    if status < 0:
        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def say(sentence: str) -> None:
    """Print one line with the time; the supervisor has no other log."""
    sys.stdout.write(f"{datetime.now().astimezone():%H:%M:%S} {sentence}\n")
    sys.stdout.flush()


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().strip()


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
