"""What a correct client must end with of the tickets: tests and the demo compare an index with it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Optional

from ..clock import PlatformClock, stamp
from ..dirt import Dirt
from ..nodes import flatten
from .holdings import TicketHoldings
from .model import CLOSED, OPEN, Ticket
from .query import TicketQuery, is_overdue
from .soil import soil_ticket

EVERYTHING: Mapping[str, str] = {"asset_groups": "All", "show_vuln_details": "1"}
"""Parameters that leave out no ticket, and nothing of one but HOST_ID."""


@dataclass(frozen=True)
class ExpectedTicket:
    """One ticket: `elements` maps the path of each element to its clean text (see `nodes.flatten`)."""

    number: int
    modified: str
    state: str
    reopened: bool
    overdue: bool
    elements: Mapping[str, str]

    @property
    def identity(self) -> tuple[int, str, str]:
        """What makes an event of its own: the ticket, when it was modified, and how it stands then."""
        return self.number, self.modified, self.state


class TicketLedger:
    """Reads the tickets as the platform holds them now, and counts what left the building."""

    def __init__(self, holdings: TicketHoldings, clock: PlatformClock, dirt: Dirt) -> None:
        self._holdings = holdings
        self._clock = clock
        self._dirt = dirt
        self._lock = threading.Lock()
        self.served: Counter[int] = Counter()

    def note(self, ticket: Ticket) -> None:
        """An answer holds this ticket."""
        with self._lock:
            self.served[ticket.number] += 1

    def expected(self, params: Optional[Mapping[str, str]] = None) -> dict[int, ExpectedTicket]:
        """Number -> what a complete pull with these parameters (default: all tickets) must bring."""
        query = TicketQuery({**EVERYTHING, **(params or {})}, self._clock.now())
        return {ticket.number: self._expected(query, ticket) for ticket in query.select(self._holdings)}

    def counts(self) -> dict[str, Any]:
        """Numbers only: expected tickets, and what was served."""
        return {
            "tickets": len(self._holdings.numbers),
            "served_tickets": len(self.served),
            "served_ticket_records": sum(self.served.values()),
        }

    def _expected(self, query: TicketQuery, ticket: Ticket) -> ExpectedTicket:
        return ExpectedTicket(
            number=ticket.number,
            modified=stamp(ticket.modified_at),
            state=ticket.state,
            reopened=_is_reopened(ticket),
            overdue=is_overdue(ticket, self._clock.now()),
            elements=flatten(query.node(soil_ticket(ticket, self._dirt)).children),
        )


def _is_reopened(ticket: Ticket) -> bool:
    changes = (entry for entry in _newest_first(ticket) if entry.new)
    return next(((entry.old, entry.new) == (CLOSED, OPEN) for entry in changes), False)


def _newest_first(ticket: Ticket) -> Iterator[Any]:
    return iter(ticket.history or ())
