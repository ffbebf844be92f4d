"""One start in a storm: its events are read as splunkd reads them, and it is struck where its plan says."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Callable, Optional

from standins.qualys.standin import Received
from standins.splunk.breaking import Breakers
from standins.splunk.conf import ANY_APP
from standins.splunk.stream import EventStream
from support.e2e import Site
from support.lanes import GO, STOP, Lane, Start
from support.storm_plan import StartPlan

DEADLINE_S = 120.0
SMALL_PIPE, SIP, SIP_S = 4096, 2048, 0.0005
CHUNK = 1 << 16
SIGNALS = {"kill": signal.SIGKILL, "term": signal.SIGTERM}


class Calls(list[Received]):
    """What the platform was asked; calls what waits for a call before that is answered."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[tuple[int, Callable[[], None]]] = []
        self._lock = threading.Lock()
        self._count = 0

    def expect(self, changes: Mapping[int, Callable[[], None]]) -> None:
        """From now on; counting starts anew."""
        with self._lock:
            self._waiting, self._count = list(changes.items()), 0

    def when(self, number: int, act: Callable[[], None]) -> None:
        with self._lock:
            self._waiting.append((number, act))

    def append(self, call: Received) -> None:
        with self._lock:
            super().append(call)
            self._count += 1
            due = [act for number, act in self._waiting if number == self._count]
        for act in due:
            act()


class Struck(threading.Thread):
    """Starts, reads, strikes and waits. `raw`: the events that arrived, as they are indexed."""

    def __init__(self, site: Site, lane: Lane, plan: StartPlan, calls: Calls, puppet: Mapping[str, object]) -> None:
        super().__init__(name=f"storm {plan.name}", daemon=True)
        self.plan = plan
        self.pid = 0
        self.raw: list[str] = []
        self.stderr = self.stream_error = self.fate = ""
        self.returncode = -1
        self.ended = 0.0
        self._site, self._lane, self._calls, self._puppet = site, lane, calls, dict(puppet)
        self._breakers = Breakers(site.splunk.splunkd.confs.stanzas("props", ANY_APP))
        self._process: Optional[Start] = None
        self._hung_up = False

    @property
    def is_struck(self) -> bool:
        """Whether it may have ended in the middle of a page."""
        return bool(self.plan.blow or self.plan.full)

    def run(self) -> None:
        time.sleep(self.plan.later_ms / 1000)
        blow = self.plan.blow
        if blow and blow.of == "effects":
            self._puppet["kill"] = [blow.part, blow.when, int(SIGNALS[blow.how])]
        elif self.plan.full:
            self._puppet["full"] = self.plan.full
        self._process = self._lane.start(self._site, self.plan.name, nested=self.plan.nested, **self._puppet)
        self.pid = self._process.pid
        alarm = self._strike_later()
        errors = threading.Thread(target=self._read_errors, daemon=True)
        errors.start()
        stream = EventStream()
        self._read(stream)
        self.returncode = self._process.wait()
        self.ended = time.monotonic()
        alarm.cancel()
        errors.join()
        self._take(stream.close(cut=self._hung_up or self.returncode != 0))
        self.stream_error = stream.error
        self.fate = f"ended {self.returncode}{' after hanging up' if self._hung_up else ''}"

    def _strike_later(self) -> threading.Timer:
        blow = self.plan.blow
        if blow and blow.of == "calls":
            self._calls.when(blow.when, lambda: self._strike(blow.how))
        if blow and blow.of == "ms":
            alarm = threading.Timer(blow.when / 1000, self._strike, (blow.how,))
        else:  # who hangs is told apart from who is slow
            alarm = threading.Timer(DEADLINE_S, self._strike, ("kill",))
        alarm.daemon = True
        alarm.start()
        return alarm

    def _strike(self, how: str) -> None:
        assert self._process
        if self.returncode == -1:
            self._process.signal(SIGNALS[how])

    def _read(self, stream: EventStream) -> None:
        assert self._process
        fd, got = self._process.stdout, 0
        if self.plan.slow_pipe:
            fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
        blow = self.plan.blow if self.plan.blow and self.plan.blow.of == "bytes" else None
        while chunk := os.read(fd, SIP if self.plan.slow_pipe else CHUNK):
            got += len(chunk)
            self._take(stream.feed(chunk))
            if self.plan.slow_pipe:
                time.sleep(SIP_S)
            if blow and got >= blow.when:
                if blow.how == "hang_up":
                    self._hang_up(stream)
                    return
                self._strike(blow.how)
                blow = None
        os.close(fd)

    def _hang_up(self, stream: EventStream) -> None:
        """As a reader that takes all that was handed to it: what is in the pipe counts as arrived."""
        assert self._process
        fd = self._process.stdout
        self._process.signal(STOP)
        _await_stop(self.pid)
        os.set_blocking(fd, False)
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(fd, CHUNK):
                self._take(stream.feed(chunk))
        os.close(fd)
        self._hung_up = True
        self._process.signal(GO)

    def _take(self, events: list) -> None:
        for event in events:
            self.raw += self._breakers.of(event.fields.get("sourcetype", "")).events(event.data)

    def _read_errors(self) -> None:
        assert self._process
        with open(self._process.stderr, "rb") as file:
            self.stderr = file.read().decode("utf-8", "replace")


def is_spent(path: Path) -> bool:
    """Whether it is a journal that SQLite had only just created at a kill: it holds nothing, so SQLite undoes nothing,
    and takes it for its next change."""
    return path.name.endswith("-journal") and path.read_bytes()[:1] in (b"", b"\0")


def _await_stop(pid: int) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                status = file.read().rpartition(")")[2].split()[0]
        except OSError:
            return
        if status in "TZX":
            return
        time.sleep(0.0005)
