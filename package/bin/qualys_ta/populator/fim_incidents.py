"""File integrity: one FIM_INCIDENT for each incident and each time it changed, one FIM_INCIDENT_EVENT for each of its
events.

Incidents of a window are those created in it. An incident that is open may be approved or closed at any later time, so
those are asked for again, and so are those that were updated; what did not change since is not written again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from ..errors import BadRecord
from ..feed import Conversion, Feed
from ..model import Converted, Event, Events, tallied
from ..times import epoch, utc
from .fim import (
    FLOOR,
    ascending,
    between,
    both,
    data_of,
    end_of,
    event_of,
    iso,
    number_of,
    params_of,
    ranged_by,
    resource_of,
    restricted,
    told,
    touched,
)

CREATED, UPDATED = "createdBy", "lastUpdatedBy"
SIZE, QUERY = "fim_incidents_page_size", "fim_incidents_extra_params"
INCIDENT = "@incident"
"""Note in a request for events: the incident that they belong to."""

OPEN, CLOSED = "open", "closed"
ENDED = ("CLOSED",)
"""States in which nothing more is expected; any other, also one that is new, counts as open."""

LOOKED_AT_S = 460 * 86_400
"""For how long an incident that is open is asked for again: the platform keeps events for 15 months, and who updates an
older one is heard of all the same. So one that nobody ever closes does not make every pull longer than the one before.
"""

_NOTHING = ("", "None", None)


class Due(NamedTuple):
    """An incident whose events are asked for: all of them, or those that came since the window began."""

    created: str
    incident: str
    whole: bool


def converter(_conversion: Conversion) -> Any:
    def convert(record: Mapping[str, Any]) -> Converted:
        """Its moment is not told: whenever an incident comes again, it is compared with what went out before."""
        data, ident = data_of(record, "a search for incidents")
        created_at, when = both(_date(data, CREATED))
        first = {CREATED: {"date": when, **_without_date(data[CREATED])}} if when else {}
        tally = tallied(int(created_at.partition(".")[0]), OPEN if is_open(data) else CLOSED) if created_at else ""
        events = Events((created_at,), event_of(data, "FIM_INCIDENT", first))
        return Converted(number_of(ident), "", events, tally)

    return convert


def event_converter(conversion: Conversion) -> Any:
    incident = conversion.asked.get(INCIDENT, "")

    def convert(record: Mapping[str, Any]) -> Converted:
        """As that of an event, with the incident; the same event may belong to several."""
        data, ident = data_of(record, "a search for the events of an incident")
        if data.get("incidentId") in _NOTHING:
            data = {**data, "incidentId": incident}
        return Converted(number_of(incident, ident), "", told(data, "FIM_INCIDENT_EVENT"))

    return convert


def is_open(data: Mapping[str, Any]) -> bool:
    return str(data.get("status")).upper() not in ENDED and data.get("deleted") is not True


def due(record: Mapping[str, Any], since: str) -> Optional[Due]:
    """Whether events of an incident are asked for in a window that starts then: all where the incident is new."""
    try:
        data, ident = data_of(record, "a search for incidents")
    except BadRecord:
        return None  # left to the converter to tell
    if touched(_date(data, CREATED)) >= since:
        return Due(iso(_date(data, CREATED)), ident, whole=True)
    if is_open(data) or max(touched(_date(data, UPDATED)), touched(data.get("approvalDate"))) >= since:
        return Due(iso(_date(data, CREATED)), ident, whole=False)
    return None


def _without_date(who: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in who.items() if name != "date"}


def _date(data: Mapping[str, Any], name: str) -> Any:
    found = data.get(name)
    return found.get("date") if isinstance(found, dict) else None


def created_params(params: Mapping[str, str], since: str, now: float) -> dict[str, str]:
    """Incidents created since then."""
    return ranged(params, since, now)


def open_params(params: Mapping[str, str], open_since: int, since: str) -> dict[str, str]:
    """Incidents created before the window, from the oldest on that was open when it was seen last."""
    earliest = max(utc(open_since), utc(float(epoch(since)) - LOOKED_AT_S), FLOOR)
    return restricted(params, between(f"{CREATED}.date", earliest, since))


def updated_params(params: Mapping[str, str], since: str, now: float) -> dict[str, str]:
    """Incidents of any age that were updated since then."""
    return restricted(params, between(f"{UPDATED}.date", max(since, FLOOR), end_of(now)))


def event_params(settings: Mapping[str, Any], found: Due, since: str, now: float) -> dict[str, str]:
    params = {"pageSize": str(settings[SIZE]), "sort": ascending("processedTime"), INCIDENT: found.incident}
    return params if found.whole else restricted(params, between("processedTime", max(since, FLOOR), end_of(now)))


def _no_summary(_group: int, _counts: Mapping[str, int]) -> Optional[Event]:
    """States are kept to know which incidents are open, and not told."""
    return None


params = params_of(SIZE, QUERY, f"{CREATED}.date")
ranged = ranged_by(f"{CREATED}.date")
INCIDENTS = resource_of("fim_incidents", "/fim/v2/incidents/search", converter, QUERY)
INCIDENT_EVENTS = resource_of(
    "fim_incident_events",
    "/fim/v2/incidents/{incident}/events/search",
    event_converter,
    QUERY,
    sourcetype="qualys:fim:incident_event",
    of_request=True,
    may_be_gone=True,
)
FEED = Feed(
    name="fim_incidents",
    sourcetype="qualys:fim:incident",
    settings="fim",
    resource=INCIDENTS,
    others=(INCIDENT_EVENTS,),
    params=params,
    ranged=ranged,
    summary=_no_summary,
    course="incidents",
)
