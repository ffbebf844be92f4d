"""The web applications that the platform holds now, and their findings: drawn anew each time they are asked for."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Optional

from ..clock import PlatformClock
from .draw import app_id, draw_app, draw_finding, finding_id, ignored, is_bare
from .model import WebApp, WebFinding
from .scans import Scan, scanned_again


@dataclass(frozen=True)
class WebRecipe:
    """How the applications are drawn: `findings` each, scanned within the 30 days before `epoch_s`."""

    seed: int
    apps: int
    findings: int
    epoch_s: int


class _Slot(NamedTuple):
    """A finding that there is: the ordinal of its application, its own one there, and after how many scans it came."""

    id: int
    app: int
    ordinal: int
    scans: int


class WebHoldings:
    """Applications and findings in ascending order of their ids; safe to change while answers are being written."""

    def __init__(self, recipe: WebRecipe, clock: PlatformClock) -> None:
        self._recipe = recipe
        self._clock = clock
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was drawn at first: nothing scanned again, added, removed or ignored."""
        self._born: dict[int, int] = {}
        self._scans: dict[int, tuple[Scan, ...]] = {}
        self._sizes: dict[int, int] = {}
        self._ignored: dict[int, int] = {}
        self._slots: list[_Slot] = []
        self._drawn = self._launched = self._next_app = 0
        self._enlarge(self._recipe.apps, self._recipe.epoch_s)

    @property
    def app_ids(self) -> tuple[int, ...]:
        """The ids of all applications, ascending."""
        with self._lock:
            return tuple(app_id(self._recipe.seed, number) for number in self._born)

    @property
    def finding_ids(self) -> tuple[int, ...]:
        """The ids of all findings, ascending."""
        with self._lock:
            return tuple(slot.id for slot in self._slots)

    def apps(self, above: int = 0) -> Iterator[WebApp]:
        """The applications with an id greater than `above`."""
        with self._lock:
            born = tuple(self._born.items())
        return (app for app in (self._app(number, at) for number, at in born) if app.id > above)

    def findings(self, above: int = 0) -> Iterator[WebFinding]:
        """The findings with an id greater than `above`, as they stand now, drawn one by one."""
        with self._lock:
            place = bisect_left(self._slots, _Slot(above + 1, 0, 0, 0))
            born, slots = self._born, self._slots[place:]
        return (self._finding(slot, born[slot.app]) for slot in slots)

    def rescan(
        self, app_ids: Optional[Iterable[int]] = None, *, changes: bool = True, lag_s: int = 0
    ) -> tuple[int, ...]:
        """The applications (all if None) are scanned again; their ids.

        With `changes`, the first vulnerability of each and about a third of the others move on in status, and a new
        one appears. `lag_s`: a long scan, whose results show now but were tested so many seconds ago. KeyError for
        applications there are not.
        """
        tested_at = self._clock.now() - lag_s
        with self._lock:
            numbers = self._numbers(app_ids)
            for number in numbers:
                self._launched += 1
                scan = Scan(self._launched, tested_at, changes)
                self._scans[number] = (*self._scans.get(number, ()), scan)
                if changes:
                    self._append(number)
        return tuple(app_id(self._recipe.seed, number) for number in numbers)

    def add(self, count: int) -> tuple[int, ...]:
        """`count` more applications, scanned in the 30 days before now; their ids, above all others."""
        with self._lock:
            numbers = self._enlarge(count, self._clock.now())
        return tuple(app_id(self._recipe.seed, number) for number in numbers)

    def remove(self, app_ids: Iterable[int]) -> None:
        """The applications and their findings are gone; no id is ever given again."""
        with self._lock:
            gone = frozenset(self._numbers(app_ids))
            self._born = {number: born for number, born in self._born.items() if number not in gone}
            self._slots = [slot for slot in self._slots if slot.app not in gone]

    def ignore(self, finding_ids: Iterable[int]) -> None:
        """Somebody ignores these findings now. That is no test: their lastTestedDate stays as it was."""
        now = self._clock.now()
        with self._lock:
            self._ignored.update(dict.fromkeys(finding_ids, now))

    def _numbers(self, app_ids: Optional[Iterable[int]]) -> tuple[int, ...]:
        if app_ids is None:
            return tuple(self._born)
        known = {app_id(self._recipe.seed, number): number for number in self._born}
        return tuple(known[ident] for ident in app_ids)

    def _enlarge(self, count: int, born_at: int) -> range:
        """Findings come in turn: the first of each application, then the second of each."""
        numbers = range(self._next_app, self._next_app + count)
        self._next_app += count
        self._born = {**self._born, **dict.fromkeys(numbers, born_at)}
        for _ in range(self._recipe.findings):
            for number in numbers:
                if not is_bare(number):
                    self._append(number)
        return numbers

    def _append(self, number: int) -> None:
        ordinal = self._sizes.get(number, 0)
        ident = finding_id(self._recipe.seed, self._drawn)
        self._slots.append(_Slot(ident, number, ordinal, len(self._scans.get(number, ()))))
        self._sizes[number] = ordinal + 1
        self._drawn += 1

    def _app(self, number: int, born_at: int) -> WebApp:
        app = draw_app(self._recipe.seed, number, born_at)
        scans = self._scans.get(number)
        return replace(app, scanned_at=scans[-1].at) if scans else app

    def _finding(self, slot: _Slot, born_at: int) -> WebFinding:
        """A finding that came with the first scan, or with a later one, and what later scans made of it."""
        seed, scans = self._recipe.seed, self._scans.get(slot.app, ())
        app, new = self._app(slot.app, born_at), slot.scans > 0
        first = draw_app(seed, slot.app, born_at).scanned_at
        tested_at = scans[slot.scans - 1].at if new else first or born_at
        finding = draw_finding(seed, slot.id, app, slot.ordinal, tested_at, new=new)
        for scan in scans[slot.scans :]:
            finding = scanned_again(seed, finding, scan, moves=slot.ordinal == 0)
        at = self._ignored.get(slot.id)
        return finding if at is None else replace(finding, ignored=ignored(slot.id, at))
