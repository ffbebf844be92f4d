"""Hosts that are gone: once a day the platform's list of all hosts is compared with the hosts we wrote events about.

Purged hosts send nothing more, so without this their findings would stay open in Splunk for ever. Only a list that was
read to its end counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Callable, Optional, Protocol

from ..errors import Refused
from ..model import EventSink, Log, Page, Request
from ..populator.host_list import gone_event
from .paging import listed_hosts

DAILY_S = 22 * 3600.0
"""Less than a day, because the end of an input's daily run comes now a little earlier, now a little later."""


class Hosts(Protocol):
    """The hosts that events were written about."""

    def compared_at(self) -> Optional[float]: ...

    def missing(self, is_there: Callable[[int], bool]) -> list[int]: ...

    def settle(self, missing: Iterable[int], is_listed: Callable[[int], bool], gone_at: str) -> None: ...

    def compared(self, now: float) -> None: ...


@dataclass(frozen=True)
class GoneHosts:
    """The comparison for the hosts that one input `owns`. `publish` makes what Splunk looks up."""

    first: Request
    fetch: Callable[[Request], Page]
    hosts: Hosts
    owns: Callable[[int], bool]
    sink: EventSink
    publish: Callable[[], None]
    log: Log

    def is_due(self, now: float) -> bool:
        """Once a day; a clock that was set back does not stop it."""
        compared_at = self.hosts.compared_at()
        return compared_at is None or not 0 <= now - compared_at < DAILY_S

    def tell(self, now: float) -> int:
        """Write a HOSTGONE for each missing host; returns how many. A kill before they are settled repeats them."""
        listed, listed_at = listed_hosts(self.fetch, self.first)
        missing = self.hosts.missing(lambda host_id: host_id in listed or not self.owns(host_id))
        if missing and not len(listed):
            raise Refused(
                f"The platform lists no host at all, although {len(missing)} are known here. That looks like a change "
                "of what this user may see, so no host is reported as gone: check the user's scope in Qualys."
            )
        for host_id in missing:
            self.sink.write(gone_event(host_id, listed_at))
        self.sink.flush()
        self.hosts.settle(missing, listed.__contains__, listed_at)
        self.publish()
        self.hosts.compared(now)
        self.log.info(f"Gone hosts: {len(listed)} hosts listed, {len(missing)} known ones missing.")
        return len(missing)
