"""The hosts a platform holds, generated anew each time they are asked for: memory holds their ids and little more."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Optional

from .clock import PlatformClock
from .findings import Touch, draw_findings, process_again
from .hosts import draw_host, first_processed_at, host_id
from .model import Finding, Host


@dataclass(frozen=True)
class Recipe:
    """How a population is drawn: the same recipe and the same touches give the same hosts.

    `epoch_s`: the hosts were last processed within the 30 days before it. `results_bytes`: least length of RESULTS.
    """

    seed: int
    findings: int
    epoch_s: int
    results_bytes: int = 0


class Population:
    """Hosts in ascending order of their ids; safe to change while answers are being written."""

    def __init__(self, recipe: Recipe, hosts: int, clock: PlatformClock) -> None:
        self._recipe = recipe
        self._clock = clock
        self._first_hosts = hosts
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """All is as it was drawn at first: nothing processed again, added or purged."""
        self._numbers: dict[int, int] = {}
        self._ids: list[int] = []
        self._born: dict[int, int] = {}
        self._touches: dict[int, tuple[Touch, ...]] = {}
        self._drawn = 0
        self._enlarge(self._first_hosts)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def ids(self) -> tuple[int, ...]:
        """All ids, ascending."""
        with self._lock:
            return tuple(self._ids)

    def hosts(self, id_min: int = 0) -> Iterator[Host]:
        """The hosts with an id of at least `id_min`, drawn one by one."""
        ids = self.ids
        return (self.host(ident) for ident in ids[bisect_left(ids, id_min) :])

    def host(self, ident: int) -> Host:
        """The host `ident` as last processed."""
        touches = self._touches.get(ident, ())
        processed_at = touches[-1].at if touches else self._first_processed_at(ident)
        return draw_host(self._recipe.seed, ident, self._numbers[ident], processed_at)

    def number(self, ident: int) -> int:
        """The ordinal of the host `ident`."""
        return self._numbers[ident]

    def born_at(self, ident: int) -> Optional[int]:
        """When the host was added; None for one of the first population."""
        return self._born.get(ident)

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """The findings on `host` as it was processed when it was drawn, whatever happened to it since."""
        recipe = self._recipe
        touches = [touch for touch in self._touches.get(host.id, ()) if touch.at <= host.processed_at]
        origin = host
        if touches:
            origin = draw_host(recipe.seed, host.id, self._numbers[host.id], self._first_processed_at(host.id))
        findings = draw_findings(recipe.seed, origin, recipe.findings, recipe.results_bytes)
        for touch in touches:
            findings = process_again(recipe.seed, host.id, findings, touch)
        return findings

    def touch(self, idents: Optional[Iterable[int]] = None, *, changes: bool = True) -> tuple[int, ...]:
        """The hosts (all if None) are processed again now, with or without changed findings; their ids."""
        touch = Touch(self._clock.now(), changes)
        with self._lock:
            chosen = tuple(self._ids) if idents is None else tuple(idents)
            unknown = [ident for ident in chosen if ident not in self._numbers]
            if unknown:
                raise KeyError(f"no hosts {unknown}")
            for ident in chosen:
                self._touches[ident] = (*self._touches.get(ident, ()), touch)
        return chosen

    def add(self, count: int) -> tuple[int, ...]:
        """`count` more hosts, processed for the first time now; their ids, which are above all others."""
        now = self._clock.now()
        with self._lock:
            added = self._enlarge(count)
            self._born.update(dict.fromkeys(added, now))
        return added

    def remove(self, idents: Iterable[int]) -> None:
        """The hosts are purged; ids that are not there are ignored, and none is ever given again.

        Their ordinals stay, because an answer that is being written may still be about to draw them.
        """
        gone = frozenset(idents)
        with self._lock:
            self._ids = [ident for ident in self._ids if ident not in gone]

    def _enlarge(self, count: int) -> tuple[int, ...]:
        numbers = range(self._drawn, self._drawn + count)
        added = {host_id(self._recipe.seed, number): number for number in numbers}
        self._drawn += count
        self._numbers.update(added)
        self._ids = [*self._ids, *added]
        return tuple(added)

    def _first_processed_at(self, ident: int) -> int:
        born = self._born.get(ident)
        return first_processed_at(self._recipe.seed, ident, self._recipe.epoch_s) if born is None else born
