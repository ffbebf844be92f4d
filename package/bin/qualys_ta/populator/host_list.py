"""The host list: which hosts the platform holds, as bare ids. Source: Host List API 2.0 to 5.0, ``details=None``."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from typing import Optional
from xml.etree.ElementTree import Element

from ..errors import Refused
from ..feed import Resource
from ..model import Event
from ..times import epoch

NEEDS = "For hosts and their findings the subscription needs the module VM, and the user API access."
RESOURCE = Resource(
    name="host_list",
    path="/api/{version}/fo/asset/host/",
    version_setting="host_list_api_version",
    root="HOST_LIST_OUTPUT",
    record=("RESPONSE", "ID_SET", "*"),
    needs=NEEDS,
)
PARAMS: Mapping[str, str] = {"action": "list", "details": "None", "truncation_limit": "50000"}
"""No host filter: a host that only left a filter is not gone. The limit bounds the memory of one page."""

GONE_COLUMNS = ("HOST_ID", "GONE_DATETIME")
GONE_TABLE = "qualys_gone_hosts.csv"

_SPAN = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")


class HostIds:
    """A set of host ids as the platform lists them: ascending, neighbors as one span. 16 bytes a span."""

    def __init__(self) -> None:
        self._firsts = array("q")
        self._lasts = array("q")

    def add(self, listed: Element) -> None:
        """Add an ID or ID_RANGE, which goes on where the last one ended. Raises Refused for one that makes no sense."""
        found = _SPAN.fullmatch("".join((listed.text or "").split()))
        if not found:
            raise Refused(f"The host list names {listed.tag} {(listed.text or '')[:40]!r}, which is no id.")
        first = int(found.group(1))
        last = int(found.group(2) or first)
        if first > last or (self._lasts and first < self._firsts[-1]):
            raise Refused(f"The host list is out of order at {listed.tag} {first}.")
        if self._lasts and last <= self._lasts[-1]:
            return  # within the span before; only so the last span that starts below an id decides
        self._firsts.append(first)
        self._lasts.append(last)

    def __contains__(self, host_id: int) -> bool:
        place = bisect_right(self._firsts, host_id) - 1
        return place >= 0 and host_id <= self._lasts[place]

    def __len__(self) -> int:
        """How many ids were listed; one that two spans share counts twice."""
        return sum(last - first + 1 for first, last in zip(self._firsts, self._lasts))

    def count(self, start: int, end: Optional[int] = None) -> int:
        """How many ids from `start` on were listed, those from `end` on left out."""
        return sum(last - first + 1 for first, last in self._from(start, end))

    def ranges(self, start: int, size: int) -> Iterator[tuple[int, Optional[int]]]:
        """All ids there may be from `start` on, as first and last id of neighboring ranges of `size` listed ids each.

        Without gaps, and without a last id of the last one: a host that appears meanwhile is in one of them, too.
        """
        begun, taken = start, 0
        for first, last in self._from(start):
            dealt = first
            while dealt <= last:
                if taken == size:
                    yield begun, dealt - 1
                    begun, taken = dealt, 0
                step = min(size - taken, last - dealt + 1)
                dealt, taken = dealt + step, taken + step
        yield begun, None

    def _from(self, start: int, end: Optional[int] = None) -> Iterator[tuple[int, int]]:
        """The spans of the ids from `start` up to `end`, none twice."""
        below = start
        for place in range(max(bisect_right(self._firsts, start) - 1, 0), len(self._firsts)):
            first, last = max(self._firsts[place], below), self._lasts[place]
            if end is not None:
                last = min(last, end - 1)
            if first <= last:
                yield first, last
                below = last + 1


def gone_rows(rows: Iterable[Mapping[str, str]]) -> Iterator[tuple[int, str]]:
    """Host and time of the lookup's rows; what is neither is left out, because people may edit the file."""
    for row in rows:
        host_id, gone_at = row.get("HOST_ID") or "", row.get("GONE_DATETIME") or ""
        if host_id.isdecimal() and host_id.isascii() and epoch(gone_at):
            yield int(host_id), gone_at


def gone_event(host_id: int, gone_at: str) -> Event:
    """`gone_at`: the platform's time of the list that the host was missing from."""
    return Event(epoch(gone_at), f'HOSTGONE: HOST_ID={host_id}, GONE_DATETIME="{gone_at}"')
