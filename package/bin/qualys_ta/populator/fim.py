"""What the metrics of file integrity have in common: records as events, their times, and the query for a window.

Sources: FIM API guide (searches, query language); a recorded answer; the vendor's add-on 1.10.8.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Callable

from ..errors import BadRecord
from ..feed import GATEWAY, JSON, Conversion, Feed, Resource
from ..jsonpage import LIST
from ..model import Converted, Events
from ..times import LATEST_S, epoch, utc
from .jsontext import event_text

Data = dict[str, Any]

FILTER = "filter"
FLOOR = "2017-01-01T00:00:00Z"
"""The platform refuses to search earlier ones; it keeps 15 months."""

AHEAD_S = 400 * 86_400
"""How far behind this server's time a search ends. The API wants an end, and its clock, not ours, says what there is by
now: an end that comes too early would lose events for good. A server that is further behind than any certificate lives
(398 days) cannot agree on TLS, so this is always ahead of the platform's time."""

CURSOR = "sortValues"
LARGE = ("profiles", "oldContent", "newContent")
"""Told last: Splunk makes fields of the first 5,000 characters of an event."""

_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):?(\d\d))", re.ASCII)
_EPOCH = datetime(1970, 1, 1)
"""In UTC; without a zone, because its name would stand in the text."""


def happened(told: Any) -> str:
    """Epoch seconds, with the milliseconds where they are told; "" for what is no time.

    The platform writes a time as 2024-05-02T03:04:05.678+0000, as 2024-05-02T03:04:05.678Z, or as a number of
    milliseconds.
    """
    seconds, fraction = _moment(told)
    return f"{seconds}{fraction}"


def touched(told: Any) -> str:
    """The same to the second, as these times are compared; "" for what is no time."""
    seconds, _ = _moment(told)
    return _utc(seconds) if seconds else ""


def iso(told: Any) -> str:
    """The same with milliseconds, as the platform writes it in events."""
    return both(told)[1]


def both(told: Any) -> tuple[str, str]:
    """What `happened` and `iso` say."""
    seconds, fraction = _moment(told)
    if not seconds:
        return "", ""
    return f"{seconds}{fraction}", f"{_utc(seconds)[:-1]}{(fraction or '.0'):0<4}Z"


def _moment(told: Any) -> tuple[str, str]:
    """Epoch seconds, and the fraction with its point."""
    if isinstance(told, int) and not isinstance(told, bool) and 0 <= told < LATEST_S * 1000:
        return str(told // 1000), f".{told % 1000:03}"
    found = _TIME.fullmatch(told) if isinstance(told, str) else None
    if not found:
        return "", ""
    text, digits, sign, hours, minutes = found.groups()
    seconds = epoch(f"{text}Z")
    if seconds and sign and (hours, minutes) != ("00", "00"):
        seconds = _in_utc(int(seconds), sign, int(hours) * 3600 + int(minutes) * 60)
    return seconds, f".{digits}" if digits and seconds else ""


def _in_utc(seconds: int, sign: str, offset_s: int) -> str:
    moment = seconds - offset_s if sign == "+" else seconds + offset_s
    return str(moment) if 0 <= moment < LATEST_S else ""


def _utc(seconds: str) -> str:
    return f"{(_EPOCH + timedelta(seconds=int(seconds))).isoformat()}Z"


def number_of(*names: str) -> int:
    """A number for ids that are none, always the same: 60 bits, so that among a thousand million records two with the
    same one are hardly met (one chance in two)."""
    digest = hashlib.blake2b("\n".join(names).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 4


def data_of(record: Mapping[str, Any], what: str) -> tuple[Data, str]:
    """What a record of a search holds, and its id. Raises BadRecord: nothing could be said about one without it."""
    data = record.get("data")
    ident = data.get("id") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(ident, str) or not ident:
        raise BadRecord(f"a record of {what} without an id")
    return data, ident


def event_of(data: Data, kind: str, first: Mapping[str, Any]) -> str:
    """The record as the API tells it, `first` in front, where no text of a host can pose as the time."""
    event: Data = {**first, **data, "splunk_event_type": kind}
    event.update(first)
    for name in LARGE:
        if name in event:
            event[name] = event.pop(name)
    return event_text(event)


def converter_of(kind: str) -> Callable[[Conversion], Callable[[Mapping[str, Any]], Converted]]:
    """A record of a search for events -> its event."""

    def converter(_conversion: Conversion) -> Callable[[Mapping[str, Any]], Converted]:
        def convert(record: Mapping[str, Any]) -> Converted:
            data, ident = data_of(record, "a search for events")
            return Converted(number_of(ident), touched(data.get("processedTime")), told(data, kind))

        return convert

    return converter


def told(data: Data, kind: str) -> Events:
    """The event of a change on a host; it happened when the host says."""
    when = data.get("dateTime")
    first = {"dateTime": when} if "dateTime" in data else {}
    return Events((happened(when) or happened(data.get("processedTime")),), event_of(data, kind, first))


def ascending(field: str) -> str:
    """The order of a search: a text in which there is JSON."""
    return f'[{{"{field}":"asc"}},{{"id":"asc"}}]'


def params_of(size: str, query: str, field: str) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """Feed.params: records per page and a person's query from the settings of these names, in the order of `field`."""

    def params(settings: Mapping[str, Any]) -> dict[str, str]:
        return {"pageSize": str(settings[size]), "sort": ascending(field), **settings[query]}

    return params


def between(field: str, since: str, until: str) -> str:
    """A query for a span of time, both ends included. The platform's own examples have milliseconds."""
    return f"{field}: ['{_precise(since)}'..'{_precise(until)}']"


def _precise(moment: str) -> str:
    return f"{moment[:-1]}.000Z"


def restricted(params: Mapping[str, str], query: str) -> dict[str, str]:
    """The parameters with a further condition; a person's own query goes on to count."""
    own = params.get(FILTER)
    return {**params, FILTER: f"{query} AND ({own})" if own else query}


def ranged_by(field: str) -> Callable[[Mapping[str, str], str, float], dict[str, str]]:
    """Feed.ranged: what was there since then, by the time in `field`."""

    def ranged(params: Mapping[str, str], since: str, now: float) -> dict[str, str]:
        return restricted(params, between(field, max(since, FLOOR), end_of(now)))

    return ranged


def end_of(now: float) -> str:
    """Where a search ends that shall bring all there is."""
    return utc(min(now + AHEAD_S, LATEST_S - 1))


def resource_of(
    name: str, path: str, converter: Callable[[Conversion], Callable[[Any], Any]], query: str, **others: Any
) -> Resource:
    """A search of the FIM API."""
    return Resource(
        name=name,
        path=path,
        version_setting="",
        root=LIST,
        record=(),
        params_setting=query,
        dialect=GATEWAY,
        form=JSON,
        cursor=CURSOR,
        needs="For file integrity the subscription needs the module FIM, and the user the permission to use its API.",
        converter=converter,
        **others,
    )


def events_feed(name: str, sourcetype: str, path: str, kind: str) -> Feed:
    """The metric of one of the two kinds of events."""
    size, query, field = f"{name}_page_size", f"{name}_extra_params", "processedTime"
    return Feed(
        name=name,
        sourcetype=sourcetype,
        settings="fim",
        resource=resource_of(name, path, converter_of(kind), query),
        params=params_of(size, query, field),
        ranged=ranged_by(field),
    )
