"""What file integrity monitoring holds now: changes, those that a rule lets pass, and incidents with their events."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Optional

from ..clock import DAY_S, PlatformClock
from .draw import CUSTOMER, PLANS, Record, decided, draw_event, draw_incident

SPREAD_S = 30 * DAY_S
MEMBERS = 3
"""Events of an incident, at least."""


@dataclass(frozen=True)
class FimRecipe:
    """How all is drawn: so many changes, ignored ones and incidents in the 30 days before `epoch_s`."""

    seed: int
    events: int
    ignored: int
    incidents: int
    epoch_s: int


class FimHoldings:
    """Safe to change while answers are being written."""

    def __init__(self, recipe: FimRecipe, clock: PlatformClock) -> None:
        self._recipe = recipe
        self._clock = clock
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was drawn at first."""
        self._events: list[Record] = []
        self._ignored: list[Record] = []
        self._incidents: dict[str, Record] = {}
        self._numbers: dict[str, int] = {}
        self._members: dict[str, list[Record]] = {}
        self._lost: set[str] = set()
        self._drawn = {"event": 0, "ignored event": 0, "incident event": 0}
        recipe = self._recipe
        start_ms = (recipe.epoch_s - SPREAD_S) * 1000
        for number in range(recipe.events):
            self._draw(self._events, "event", start_ms + _place(number, recipe.events))
        for number in range(recipe.ignored):
            self._draw(self._ignored, "ignored event", start_ms + _place(number, recipe.ignored))
        for number in range(recipe.incidents):
            self._report(start_ms + _place(number, recipe.incidents))

    @property
    def events(self) -> list[Record]:
        with self._lock:
            return list(self._events)

    @property
    def ignored(self) -> list[Record]:
        with self._lock:
            return list(self._ignored)

    @property
    def incidents(self) -> list[Record]:
        """As they stand now: an incident is decided when its time has come."""
        with self._lock:
            found = list(self._incidents.values())
            numbers = dict(self._numbers)
        return [self._now(each, numbers[each["id"]]) for each in found]

    def members(self, incident: str) -> Optional[list[Record]]:
        """The events of an incident; None where there is no such incident, or they were lost."""
        with self._lock:
            found = None if incident in self._lost else self._members.get(incident)
            return None if found is None else list(found)

    def happen(self, count: int, *, ignored: bool = False) -> tuple[str, ...]:
        """So many changes are processed now; their ids."""
        with self._lock:
            into, kind = (self._ignored, "ignored event") if ignored else (self._events, "event")
            return tuple(self._draw(into, kind, self._now_ms() + number)["id"] for number in range(count))

    def report(self, count: int) -> tuple[str, ...]:
        """So many incidents are created now; their ids."""
        with self._lock:
            return tuple(self._report(self._now_ms() + number) for number in range(count))

    def grow(self, incidents: Iterable[str], count: int = 1) -> None:
        """So many more events belong to each of these incidents from now on."""
        with self._lock:
            for incident in incidents:
                for number in range(count):
                    self._draw(self._members[incident], "incident event", self._now_ms() + number)

    def lose(self, incidents: Iterable[str]) -> None:
        """The events of these incidents are there no longer; the incidents are still listed."""
        with self._lock:
            self._lost.update(incidents)

    def update(self, incidents: Iterable[str], **values: Any) -> None:
        """Somebody changes these incidents now: ``comment="…"``, ``status="OPEN"``."""
        with self._lock:
            for incident in incidents:
                before = self._now(self._incidents[incident], self._numbers[incident])
                update = {"date": self._now_ms(), "user": {"id": CUSTOMER, "name": "acme_ab1"}}
                self._incidents[incident] = {**before, **values, "lastUpdatedBy": update, "standin_settled": True}

    def _now_ms(self) -> int:
        return self._clock.now() * 1000

    def _now(self, incident: Record, number: int) -> Record:
        plan, created_ms = PLANS[number % len(PLANS)], incident["createdBy"]["date"]
        told = {name: value for name, value in incident.items() if name != "standin_settled"}
        if plan is None or incident.get("standin_settled") or self._now_ms() < created_ms + plan.after_s * 1000:
            return told
        return decided(told, plan, created_ms + plan.after_s * 1000)

    def _draw(self, into: list[Record], kind: str, processed_ms: int) -> Record:
        number = self._drawn[kind]
        self._drawn[kind] += 1
        into.append(draw_event(self._recipe.seed, kind, number, processed_ms))
        return into[-1]

    def _report(self, created_ms: int) -> str:
        """Its events came before it; every second one has an event that belongs to the incident before it, too."""
        number = len(self._incidents)
        incident = draw_incident(self._recipe.seed, number, created_ms)
        ident: str = incident["id"]
        before = next(reversed(self._members.values()), [])
        members = before[:1] if number % 2 else []
        self._incidents[ident], self._numbers[ident], self._members[ident] = incident, number, members
        for place in range(MEMBERS + number % 3):
            event = self._draw(members, "incident event", created_ms - 600_000 + place)
            event["incidentId"] = ident if place else None
        return ident


def _place(number: int, count: int) -> int:
    """Milliseconds; two neighbors share one now and then."""
    return (number - number % 3 // 2) * SPREAD_S * 1000 // max(count, 1)
