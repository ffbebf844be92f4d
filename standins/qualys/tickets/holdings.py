"""The tickets that the platform holds now, drawn anew each time they are asked for."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple, Optional

from ..clock import PlatformClock
from ..population import Population
from .draw import draw_ticket, ticket_number
from .life import Step, stepped
from .model import Ticket


@dataclass(frozen=True)
class TicketRecipe:
    """How tickets are drawn: so many, created in the 60 days before `epoch_s`."""

    seed: int
    tickets: int
    epoch_s: int


class _Slot(NamedTuple):
    """A ticket that there is: its ordinal, its host's id, when it came, and whether a scan has just made it then."""

    number: int
    place: int
    host: int
    born_at: int
    new: bool


class TicketHoldings:
    """Tickets in ascending order of their numbers; safe to change while answers are being written."""

    def __init__(self, recipe: TicketRecipe, population: Population, clock: PlatformClock) -> None:
        self._recipe = recipe
        self._population = population
        self._clock = clock
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was drawn at first."""
        self._slots: list[_Slot] = []
        self._steps: dict[int, tuple[Step, ...]] = {}
        self._drawn = 0
        self._enlarge(self._recipe.tickets, self._recipe.epoch_s, new=False)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all tickets, ascending."""
        with self._lock:
            return tuple(slot.number for slot in self._slots)

    def tickets(self, since: int = 0) -> Iterator[Ticket]:
        """The tickets with a number of at least `since`, as they stand now."""
        with self._lock:
            slots = self._slots[bisect_left(self._slots, _Slot(since, 0, 0, 0, False)) :]
        return map(self._ticket, slots)

    def advance(self, numbers: Optional[Iterable[int]] = None) -> tuple[int, ...]:
        """The tickets (all if None) move on in state now; their numbers."""
        return self._step(numbers, "move")

    def comment(self, numbers: Optional[Iterable[int]] = None) -> tuple[int, ...]:
        """Somebody comments on the tickets (all if None) now; their numbers."""
        return self._step(numbers, "comment")

    def rescan(self, numbers: Optional[Iterable[int]] = None) -> tuple[int, ...]:
        """The vulnerabilities are found again now, which changes counters and no ticket; the tickets' numbers."""
        return self._step(numbers, "scan")

    def add(self, count: int) -> tuple[int, ...]:
        """`count` more tickets, made now; their numbers, above all others."""
        with self._lock:
            return self._enlarge(count, self._clock.now(), new=True)

    def remove(self, numbers: Iterable[int]) -> None:
        """The tickets are deleted; no number is ever given again."""
        gone = frozenset(numbers)
        with self._lock:
            self._slots = [slot for slot in self._slots if slot.number not in gone]

    def _step(self, numbers: Optional[Iterable[int]], what: str) -> tuple[int, ...]:
        step = Step(self._clock.now(), what)
        chosen = self.numbers if numbers is None else tuple(numbers)
        with self._lock:
            self._steps.update({number: (*self._steps.get(number, ()), step) for number in chosen})
        return chosen

    def _enlarge(self, count: int, born_at: int, *, new: bool) -> tuple[int, ...]:
        hosts = self._population.ids or (0,)
        places = range(self._drawn, self._drawn + (count if self._population.ids else 0))
        self._drawn += count
        added = [
            _Slot(ticket_number(self._recipe.seed, place), place, hosts[place % len(hosts)], born_at, new)
            for place in places
        ]
        self._slots = [*self._slots, *added]
        return tuple(slot.number for slot in added)

    def _ticket(self, slot: _Slot) -> Ticket:
        host = self._population.host(slot.host)
        drawn = draw_ticket(self._recipe.seed, slot.place, host, slot.born_at, new=slot.new)
        return reduce(stepped, self._steps.get(slot.number, ()), drawn)
