"""The ticket list, ``/msp/ticket_list.php``: which tickets a call asks for.

What the platform says of a wrong parameter is not public but for its form; the codes are those of its newer dialect.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple

from ..nodes import Node
from ..parameters import Parser, addresses, flag, moment, number, ranges, some_of, words
from .elements import DETAILS, HOST_ID, ticket_node
from .holdings import TicketHoldings
from .model import CLOSED, IGNORED, OPEN, RESOLVED, Ticket

ROOT = "REMEDIATION_TICKETS"
DTD = "ticket_list_output.dtd"
LIMIT = 1000
"""Tickets of one answer; there is no parameter for it."""

LONGEST_TEXT, MOST_QIDS = 100, 10
EVERY_GROUP = "All"


@dataclass(eq=False)
class TicketError(Exception):
    """The platform refuses a call: an ERROR inside the root that was asked for."""

    number: int
    text: str


class _Filter(NamedTuple):
    """How a parameter is read, and what it keeps: (ticket, the parameter's value, the platform's time)."""

    parser: Parser
    keeps: Callable[[Ticket, Any, int], bool]


def _part(text: str) -> str:
    if len(text) > LONGEST_TEXT or not text.isascii():
        raise ValueError(f"more than {LONGEST_TEXT} characters, or not ASCII")
    return text.lower()


def _few(text: str) -> Any:
    if len(words(text)) > MOST_QIDS:
        raise ValueError(f"more than {MOST_QIDS}")
    return ranges(text)


def _contains(read: Callable[[Ticket], str]) -> _Filter:
    return _Filter(_part, lambda ticket, part, _now: part in read(ticket).lower())


def _levels(*, potential: bool) -> _Filter:
    """The two parameters for severities add to each other, see `select`."""
    return _Filter(
        ranges,
        lambda ticket, levels, _now: (
            ticket.vulnerability.potential == potential and ticket.vulnerability.severity in levels
        ),
    )


def _in_groups(_ticket: Ticket, titles: tuple[str, ...], _now: int) -> bool:
    """There is one group in this subscription."""
    return EVERY_GROUP in titles


def _details(ticket: Ticket) -> str:
    details = ticket.vulnerability.details
    return " ".join(filter(None, (details.diagnosis, details.consequence, details.solution, details.result)))


SEVERITIES: Mapping[str, _Filter] = {
    "vuln_severities": _levels(potential=False),
    "potential_vuln_severities": _levels(potential=True),
}
FILTERS: Mapping[str, _Filter] = {
    "ticket_numbers": _Filter(ranges, lambda ticket, spans, _now: ticket.number in spans),
    "since_ticket_number": _Filter(number, lambda ticket, least, _now: ticket.number >= least),
    "until_ticket_number": _Filter(number, lambda ticket, most, _now: ticket.number <= most),
    "ticket_assignee": _Filter(str, lambda ticket, login, _now: ticket.assignee.login == login),
    "overdue": _Filter(flag, lambda ticket, wanted, now: is_overdue(ticket, now) == wanted),
    "invalid": _Filter(flag, lambda ticket, wanted, _now: ticket.invalid == wanted),
    "states": _Filter(some_of(OPEN, RESOLVED, CLOSED, IGNORED), lambda ticket, states, _now: ticket.stands in states),
    "modified_since_datetime": _Filter(moment, lambda ticket, least, _now: ticket.modified_at >= least),
    "unmodified_since_datetime": _Filter(moment, lambda ticket, most, _now: ticket.modified_at < most),
    "ips": _Filter(addresses, lambda ticket, spans, _now: int(ipaddress.IPv4Address(ticket.spot.ip)) in spans),
    "asset_groups": _Filter(words, _in_groups),
    "dns_contains": _contains(lambda ticket: ticket.spot.dns or ""),
    "netbios_contains": _contains(lambda ticket: ticket.spot.netbios or ""),
    **SEVERITIES,
    "qids": _Filter(_few, lambda ticket, qids, _now: ticket.vulnerability.qid in qids),
    "vuln_title_contains": _contains(lambda ticket: ticket.vulnerability.title),
    "vuln_details_contains": _contains(_details),
    "vendor_ref_contains": _contains(lambda ticket: " ".join(name for name, _ in ticket.vulnerability.references)),
    "host_id": _Filter(number, lambda ticket, host, _now: ticket.spot.host_id == host),
}
SHOWN: Mapping[str, Parser] = {DETAILS: flag, HOST_ID: flag}


def is_overdue(ticket: Ticket, now: int) -> bool:
    """Open, and due before now."""
    return ticket.state == OPEN and ticket.due_at < now


class TicketQuery:
    """What one call wants; TicketError for parameters that the platform does not take."""

    def __init__(self, params: Mapping[str, str], now_s: int) -> None:
        self._now_s = now_s
        self.where = {name: text for name, text in params.items() if name in FILTERS and text}
        unknown = [name for name in params if name not in FILTERS and name not in SHOWN]
        if unknown:
            raise TicketError(1901, f"Unrecognized parameter(s): {', '.join(unknown)}")
        if not self.where:
            raise TicketError(1922, "Please specify at least one of the ticket selection parameters.")
        self._values = {name: _value(FILTERS[name].parser, name, text) for name, text in self.where.items()}
        self._shown = {name: _value(parser, name, params.get(name) or "0") for name, parser in SHOWN.items()}

    def select(self, holdings: TicketHoldings) -> Iterator[Ticket]:
        """The tickets asked for, in ascending order of their numbers."""
        return filter(self._keeps, holdings.tickets(self._values.get("since_ticket_number", 0)))

    def node(self, ticket: Ticket) -> Node:
        """The ticket with what the call wants to see of it."""
        return ticket_node(ticket, details=self._shown[DETAILS], host_id=self._shown[HOST_ID])

    def _keeps(self, ticket: Ticket) -> bool:
        """All parameters hold, but of the two kinds of severities one."""
        judged = {name: FILTERS[name].keeps(ticket, value, self._now_s) for name, value in self._values.items()}
        levels = [judged.pop(name) for name in SEVERITIES if name in judged]
        return all(judged.values()) and (any(levels) or not levels)


def _value(parser: Parser, name: str, text: str) -> Any:
    try:
        return parser(text)
    except ValueError as error:
        raise TicketError(1905, f"parameter {name} has invalid value: {text} ({error})") from None
