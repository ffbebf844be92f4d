"""Remediation tickets: one event for each ticket and each time it was modified.

Source: API v1 guide, "Ticket List"; public sample of a ticket list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import MSP, Conversion, Feed, Resource
from ..model import Converted, Converter, Events
from ..times import epoch
from . import ticket_hosts
from .jsonshape import Shapes, at, form_of, place
from .jsontext import event_text, whole
from .ticket_api import CHOSEN, STATES_SETTING, params, since_params, start
from .ticket_hosts import of_ticket
from .ticket_record import HISTORY_LIST, REFERENCE, histories, ticket

INVALID = "invalid"
"""A complaint calls whatever is wrong so, not only this parameter."""

OPEN, CLOSED, REOPENED = "OPEN", "CLOSED", "REOPENED"
LAST = ("history", "details")
"""What may be long stands last: Splunk makes fields of the first 5,000 bytes of a JSON event."""

FACTS = (
    ("number",),
    ("creation_datetime",),
    ("due_datetime",),
    ("current_state",),
    ("current_status",),
    ("detection", "ip"),
    ("detection", "dnsname"),
    ("detection", "nbhname"),
)
CHANGE = (("datetime",), ("state", "old"), ("state", "new"))

AT_ONCE = 4
"""Entries of a history that are read together: how they may follow each other is bounded then."""

Change = tuple[str, str, str]
"""When a ticket changed, its state before and then; "" where the history does not say."""

_MODIFICATION = re.compile(rb'"(?:modified|current_state|current_status)":"[^"]*"|"invalid":[0-9]')

_TRUE_OR_FALSE = ("false", "true")


def converter(conversion: Conversion) -> Converter:
    shapes, entries = Shapes(ticket, _facts, [REFERENCE]), Shapes(histories, _changes)
    hosts, told_at = conversion.beside, ""

    def convert(element: Element) -> Converted:
        """Raises BadRecord for a ticket without a number: nothing could be said about it."""
        nonlocal told_at
        told_at = told_at or conversion.told_at()
        listed, nodes = _apart(element)
        plan, texts = shapes.of(nodes)
        told_number, created, due, state, status, *names = plan.facts(texts)
        number = whole(told_number)
        if not isinstance(number, int):
            raise BadRecord(f"a TICKET whose NUMBER is {told_number[:40]!r}, not a number")
        changes, told = _history(entries, listed)
        modified = max([time for time, _, _ in changes], default="") or _time(created)
        overdue = state == OPEN and "" < _time(due) < told_at
        host = _host(hosts, *names) if hosts else ""
        reopened = status == REOPENED or _is_reopened(changes)
        ours = [f'"{modified}"', _TRUE_OR_FALSE[reopened], _TRUE_OR_FALSE[overdue], host, told]
        has = bool(modified), bool(host), bool(told)
        form = plan.forms.get(has) or plan.forms.setdefault(has, form_of(_event(plan.told, len(texts), *has)))
        text = form.json % form.pick(plan.values(texts) + ours)
        return Converted(number, modified, Events((epoch(modified),), text))

    return convert


def _apart(element: Element) -> tuple[list[Element], list[Element]]:
    """What is listed in the history, and all else of a ticket."""
    listed: list[Element] = []
    nodes: list[Element] = []
    for child in element[:]:
        if child.tag == HISTORY_LIST:
            listed += child
        elif len(child):
            nodes += child.iter()
        else:
            nodes.append(child)
    return listed, nodes


def _facts(told: Any) -> list[Any]:
    return [at(told, path) for path in FACTS]


def _changes(told: Iterable[Any]) -> list[Any]:
    return [at(entry, path) for entry in told for path in CHANGE]


def _history(entries: Shapes, listed: Sequence[Element]) -> tuple[Sequence[Change], str]:
    """The changes, and the list as JSON; "" where it says nothing."""
    changes: list[Change] = []
    told = []
    for first in range(0, len(listed), AT_ONCE):
        plan, texts = entries.of([node for entry in listed[first : first + AT_ONCE] for node in entry.iter()])
        if plan.told:
            found = plan.facts(texts)
            changes += zip(map(_time, found[::3]), found[1::3], found[2::3])
            form = plan.forms.get("") or plan.forms.setdefault("", form_of(plan.told))
            told.append((form.json % form.pick(plan.values(texts)))[1:-1])
    return changes, f"[{','.join(told)}]" if told else ""


def _event(told: Mapping[str, Any], ours: int, modified: bool, host: bool, has_history: bool) -> dict[str, Any]:
    """The event of a ticket that says this; what the add-on adds has its places from `ours` on."""
    time, reopened, overdue, of_host, listed = map(place, range(ours, ours + 5))
    said = {**told, **({"history": listed} if has_history else {})}
    long = {name: said.pop(name) for name in LAST if name in said}
    first = {"number": told["number"], **({"modified": time} if modified else {})}
    judged = {"reopened": reopened, "overdue": overdue, **({"host": of_host} if host else {})}
    return {**first, **said, **first, **judged, **long}


def _host(hosts: Mapping[str, Any], address: str, dns: str, netbios: str) -> str:
    """The host that the ticket is about as JSON, where it was asked for and is known."""
    host = of_ticket(hosts.get(address, ()), {"dnsname": dns, "nbhname": netbios})
    return event_text(host) if host else ""


def _time(text: str) -> str:
    """These compare as text, so another form would break their order."""
    return text if epoch(text) else ""


def _is_reopened(changes: Iterable[Change]) -> bool:
    """Whether the latest change of state was from closed to open. The platform lists the newest first."""
    of_state = [change for change in changes if change[1] or change[2]]
    return max(of_state, key=itemgetter(0), default=("", "", ""))[1:] == (CLOSED, OPEN)


def modification(event: bytes) -> bytes:
    """What an event says of the ticket's last modification. A scan moves the statistics and time makes it overdue, but
    neither modifies it."""
    return b" ".join(_MODIFICATION.findall(event))


def keeps_lines(settings: Mapping[str, Any]) -> bool:
    """Only details are written with their lines, and who logged on to a host stands in a line of its own; everywhere
    else lines become spaces."""
    return bool(settings["show_vuln_details"] or settings[ticket_hosts.SETTING])


FEED = Feed(
    name="tickets",
    sourcetype="qualys:ticket",
    settings="tickets",
    resource=Resource(
        name="tickets",
        path="/msp/ticket_list.php",
        version_setting="",
        root="REMEDIATION_TICKETS",
        record=("TICKET_LIST", "TICKET"),
        needs=ticket_hosts.NEEDS,
        dialect=MSP,
        timed=True,
        converter=converter,
    ),
    params=params,
    since_params=since_params,
    start=start,
    keeps_lines=keeps_lines,
    beside="ticket_hosts",
    made_of=lambda settings: ticket_hosts.SETTING if settings[ticket_hosts.SETTING] else "",
    timeout_setting="ticket_timeout",
    same=modification,
    chosen=(*(name for name in CHOSEN if name != INVALID), STATES_SETTING),
)
