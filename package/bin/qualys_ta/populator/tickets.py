"""Remediation tickets: one event for each ticket and each time it was modified.

Source: API v1 guide, "Ticket List"; public sample of a ticket list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Optional
from xml.etree.ElementTree import Element

from ..errors import BadRecord
from ..feed import MSP, Conversion, Feed, Resource
from ..model import Converted, Converter, Events
from ..times import epoch
from . import ticket_hosts
from .jsontext import event_text
from .ticket_api import params, since_params, start
from .ticket_hosts import of_ticket
from .ticket_record import ticket

OPEN, CLOSED = "OPEN", "CLOSED"
LAST = ("history", "details")
"""What may be long stands last: Splunk makes fields of the first 5,000 bytes of a JSON event."""


def converter(conversion: Conversion) -> Converter:
    def convert(element: Element) -> Converted:
        """Raises BadRecord for a ticket without a number: nothing could be said about it."""
        told = ticket(element) or {}
        number = told.pop("number", None)
        if not isinstance(number, int):
            raise BadRecord(f"a TICKET whose NUMBER is {str(number or '')[:40]!r}, not a number")
        history = _entries(told)
        modified = _modified(history, told)
        judged = {"reopened": _is_reopened(history), "overdue": _is_overdue(told, conversion.told_at())}
        judged |= _host(told, conversion.beside)
        long = {name: told.pop(name) for name in LAST if name in told}
        first = {"number": number, **({"modified": modified} if modified else {})}
        event = {**first, **told, **first, **judged, **long}
        return Converted(number, modified, Events((epoch(modified),), event_text(event)))

    return convert


def _host(told: Mapping[str, Any], hosts: Mapping[str, Any]) -> dict[str, Any]:
    """The host that the ticket is about, where it was asked for and is known."""
    detection = told.get("detection")
    found = detection if isinstance(detection, dict) else {}
    host = of_ticket(hosts.get(str(found.get("ip", "")), ()), found)
    return {"host": host} if host else {}


def _entries(told: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    history = told.get("history")
    return [entry for entry in history if isinstance(entry, dict)] if isinstance(history, list) else []


def _modified(history: Iterable[Mapping[str, Any]], told: Mapping[str, Any]) -> str:
    """The latest time of the history, else when the ticket was created; "" where there is neither."""
    times = [_time(entry, "datetime") for entry in history]
    return max(times, default="") or _time(told, "creation_datetime")


def _time(told: Mapping[str, Any], name: str) -> str:
    """These compare as text, so another form would break their order."""
    found = told.get(name)
    return found if isinstance(found, str) and epoch(found) else ""


def _is_reopened(history: Iterable[Mapping[str, Any]]) -> bool:
    """Whether the latest change of state was from closed to open. The platform lists the newest first."""
    changes = [entry for entry in history if isinstance(entry.get("state"), dict)]
    newest: Optional[Mapping[str, Any]] = max(changes, key=lambda entry: _time(entry, "datetime"), default=None)
    return newest is not None and (newest["state"].get("old"), newest["state"].get("new")) == (CLOSED, OPEN)


def _is_overdue(told: Mapping[str, Any], told_at: str) -> bool:
    """Open, and due before the platform answered."""
    due = _time(told, "due_datetime")
    return bool(due) and due < told_at and told.get("current_state") == OPEN


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
        dialect=MSP,
        timed=True,
        converter=converter,
    ),
    params=params,
    since_params=since_params,
    start=start,
    beside="ticket_hosts",
    made_of=lambda settings: ticket_hosts.SETTING if settings[ticket_hosts.SETTING] else "",
    timeout_setting="ticket_timeout",
)
