"""Asks for the hosts that the tickets of a page are about, before the page is converted.

Tickets come first: where the hosts cannot be had they go out without, and a warning says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..errors import Ended, Refused, TaError
from ..feed import Resource
from ..job import Job
from ..model import Log
from ..populator import ticket_hosts
from ..populator.ticket_hosts import Host
from ..reading import page_reader, record_reader
from ..spool import Asked, Convert, Spooled
from ..xmlpage import Noted
from .beside import put_beside
from .paging import Reader, listed_records

BATCH = 50
"""Addresses of one call: all that was ever found on each of their hosts comes in its answer."""

MOST_KNOWN = 5_000
"""Addresses whose hosts stay in memory, some hundred bytes each: the tickets of a host are on many pages. A page has a
thousand tickets at most."""

MOST_REFUSED = 3
"""Calls that may be refused before no more are made."""


def beside(job: Job, convert: Convert, reader: Reader) -> Convert:
    """The same conversion, by which tickets learn of their hosts where a person asks for that."""
    if not job.settings.metric[ticket_hosts.SETTING]:
        return convert
    hosts = TicketHosts(reader, job.log)
    resource, keeps_lines = job.feed.resource, job.feed.keeps_lines(job.settings.metric)

    def with_hosts(page: Path, noted: Optional[Noted], room: int, asked: Asked) -> Spooled:
        with put_beside(page, lambda: hosts.of(_addresses(page, resource, noted, keeps_lines))):
            return convert(page, noted, room, asked)

    return with_hosts


def _addresses(page: Path, resource: Resource, noted: Optional[Noted], keeps_lines: bool) -> Iterator[str]:
    """Those of the tickets of a page. Raises as the conversion of the page would."""
    fast = page_reader(resource, keeps_lines)
    reader = fast if noted is None else record_reader(resource, noted, keeps_lines)
    with open(page, "rb") as file:
        records: Any = reader.records(file)
        for ticket in records:
            yield (ticket.findtext("DETECTION/IP") or "").strip()


@dataclass
class TicketHosts:
    """Address -> the hosts that have it, asked for in batches and each once. Pages come one after the other."""

    reader: Reader
    log: Log
    batch: int = BATCH
    _known: dict[str, list[Host]] = field(default_factory=dict)
    _refused: int = 0
    _given_up: bool = False

    def of(self, addresses: Iterable[str]) -> dict[str, Sequence[Host]]:
        """The hosts of these addresses, as far as they can be had. Raises Ended."""
        asked: dict[str, None] = {}
        for address in addresses:  # to the end, for a page that is not whole is told before anything is asked
            if len(asked) < MOST_KNOWN and ticket_hosts.is_address(address):
                asked[address] = None
        if len(self._known) + len(asked) > MOST_KNOWN:
            self._known.clear()
        new = [address for address in asked if address not in self._known]
        for start in range(0, len(new), self.batch):
            if not self._given_up:
                self._ask(new[start : start + self.batch])
        return {address: self._known[address] for address in asked if self._known.get(address)}

    def _ask(self, addresses: Sequence[str]) -> None:
        found: dict[str, list[Host]] = {address: [] for address in addresses}
        try:
            lister = self.reader(ticket_hosts.RESOURCE)
            for record in listed_records(lister.fetch, lister.first(ticket_hosts.params(addresses))):
                host = ticket_hosts.told(record)
                if host and host not in found.get(host["ip"], [host]):
                    found[host["ip"]].append(host)
        except Ended:
            raise
        except TaError as error:
            self._fail(len(addresses), error)
            return
        self._known.update(found)

    def _fail(self, addresses: int, error: TaError) -> None:
        """What is refused may lie in these addresses; anything else would be met again, after as long a wait."""
        self._refused += isinstance(error, Refused)
        self._given_up = not isinstance(error, Refused) or self._refused == MOST_REFUSED
        rest = " This run asks for no more hosts." if self._given_up else ""
        self.log.warning(f"The tickets of {addresses} addresses are written without their hosts. {error}{rest}")
