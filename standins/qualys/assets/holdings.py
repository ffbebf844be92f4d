"""The assets, tags and asset groups that the platform holds now. Assets are drawn from hosts, so their ids match."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ..clock import PlatformClock
from ..population import Population
from .draw import FIRST_GROUP, GROUPS, draw_asset, draw_group, draw_tag, draw_tags
from .model import Asset, AssetGroup, FullTag

ABOVE_HOST = 10_000_000
"""An asset's id is that much above its host's."""


@dataclass(frozen=True)
class AssetRecipe:
    """How assets are drawn; tags and groups were last changed before `epoch_s`."""

    seed: int
    epoch_s: int


class AssetHoldings:
    """Assets, tags and groups in ascending order of their ids; safe to change while answers are being written."""

    def __init__(self, recipe: AssetRecipe, population: Population, clock: PlatformClock) -> None:
        self._recipe = recipe
        self._population = population
        self._clock = clock
        self._lock = threading.Lock()
        self.restore()

    def restore(self) -> None:
        """Tags and groups are as they were drawn at first."""
        tags = draw_tags(self._recipe.epoch_s)
        groups = (draw_group(ident, self._recipe.epoch_s, ()) for ident in range(FIRST_GROUP, FIRST_GROUP + GROUPS))
        self._tags = {tag.id: tag for tag in tags}
        self._groups = {group.id: group for group in groups}

    def assets(self, above: int = 0) -> Iterator[Asset]:
        """The assets with an id greater than `above`, drawn one by one."""
        seed = self._recipe.seed
        for host in self._population.hosts(max(above + 1 - ABOVE_HOST, 0)):
            number = self._population.number(host.id)
            yield draw_asset(seed, host, number, self._population.findings(host))

    def tags(self, above: int = 0) -> Iterator[FullTag]:
        """The tags with an id greater than `above`."""
        with self._lock:
            held = sorted(self._tags.items())
        return (tag for ident, tag in held if ident > above)

    def groups(self) -> Iterator[AssetGroup]:
        """All asset groups."""
        with self._lock:
            held = sorted(self._groups.items())
        return (group for _, group in held)

    def rename_tags(self, ids: Iterable[int]) -> None:
        """Somebody renames these tags at platform time."""
        now = self._clock.now()
        with self._lock:
            for ident in ids:
                tag = self._tags[ident]
                self._tags[ident] = replace(tag, name=f"{tag.name} II", modified_at=now)

    def add_tags(self, count: int) -> tuple[int, ...]:
        """`count` more tags, made at platform time; their ids, above all others."""
        now = self._clock.now()
        with self._lock:
            first = max(self._tags) + 1
            made = [draw_tag(first + place, f"New tag {first + place}", place, now) for place in range(count)]
            self._tags.update((tag.id, replace(tag, created_at=now, modified_at=now)) for tag in made)
        return tuple(tag.id for tag in made)

    def remove_tags(self, ids: Iterable[int]) -> None:
        """These tags are deleted."""
        with self._lock:
            for ident in ids:
                del self._tags[ident]

    def change_groups(self, ids: Iterable[int]) -> None:
        """Somebody puts an address into these groups at platform time."""
        now = self._clock.now()
        with self._lock:
            for ident in ids:
                group = self._groups[ident]
                addresses = (*group.addresses, (f"192.0.2.{ident % 256}", None))
                self._groups[ident] = replace(group, addresses=addresses, updated_at=now)

    def remove_groups(self, ids: Iterable[int]) -> None:
        """These groups are deleted."""
        with self._lock:
            for ident in ids:
                del self._groups[ident]
