"""Reads a ServiceRequest as the platform does, and refuses as it does.

Recorded: how a value of the wrong type is refused. What it says of an unknown field, operator or preference, and of a
body that is no ServiceRequest, is not public: those sentences are guesses in the recorded form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_WHOLE = re.compile(r"[0-9]{1,9}")
MOST, USUAL = 1000, 100
"""How many records an answer may hold, and holds if the call does not say."""


@dataclass(eq=False)
class ServiceError(ValueError):
    """The platform refuses a call with HTTP 200 and this responseCode."""

    message: str
    resolution: str = ""
    code: str = "INVALID_REQUEST"


class Criterion(NamedTuple):
    """One filter, as it came."""

    field: str
    operator: str
    value: str


@dataclass(frozen=True)
class Preferences:
    """How much is asked for: at most `limit` records from the `offset`-th on (the first is 1), with all details if
    `verbose`."""

    limit: int = USUAL
    offset: int = 1
    verbose: bool = False


@dataclass(frozen=True)
class ServiceRequest:
    """What a call asks for."""

    criteria: tuple[Criterion, ...] = ()
    preferences: Preferences = field(default=Preferences())


def parse_request(body: bytes) -> ServiceRequest:
    """The request in `body` (none: everything); ServiceError for what the platform does not take."""
    criteria, preferences = _parts(body)
    return ServiceRequest(criteria, _preferences(preferences))


def spoken(body: bytes) -> dict[str, str]:
    """The request as flat parameters, for those who list what came in: ``limitResults``, ``verbose``, and a filter as
    ``id GREATER`` (a second one of that name: ``id GREATER #2``). What cannot be read is {}."""
    try:
        criteria, preferences = _parts(body)
    except ServiceError:
        return {}
    found = dict(preferences)
    for criterion in criteria:
        name, times = f"{criterion.field} {criterion.operator}", 1
        while (f"{name} #{times}" if times > 1 else name) in found:
            times += 1
        found[f"{name} #{times}" if times > 1 else name] = criterion.value
    return found


def criteria_of(params: Mapping[str, str]) -> tuple[Criterion, ...]:
    """The filters among such parameters: those whose name has a space."""
    named = ((name.partition(" #")[0].partition(" "), value) for name, value in params.items() if " " in name)
    return tuple(Criterion(field, operator, value) for (field, _, operator), value in named)


def _parts(body: bytes) -> tuple[tuple[Criterion, ...], dict[str, str]]:
    if not body.strip():
        return (), {}
    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        raise ServiceError("The request body is not valid XML.", "Send a well-formed ServiceRequest.") from None
    if root.tag != "ServiceRequest":
        raise ServiceError(f"Unexpected element '{root.tag}'.", "Send a ServiceRequest.")
    for child in root:
        if child.tag not in ("preferences", "filters"):
            raise ServiceError(f"Unexpected element '{child.tag}'.", "Send preferences and filters.")
    return tuple(map(_criterion, root.iterfind("filters/*"))), dict(_texts(root.iterfind("preferences/*")))


def _criterion(element: Element) -> Criterion:
    if element.tag != "Criteria" or not element.get("field") or not element.get("operator") or len(element):
        raise ServiceError(f"Unexpected element '{element.tag}'.", "Send Criteria with field, operator and value.")
    return Criterion(element.get("field", ""), element.get("operator", ""), (element.text or "").strip())


def _texts(elements: Iterable[Element]) -> Iterable[tuple[str, str]]:
    return ((element.tag, (element.text or "").strip()) for element in elements)


def _preferences(texts: Mapping[str, str]) -> Preferences:
    unknown = [name for name in texts if name not in ("limitResults", "startFromOffset", "verbose")]
    if unknown:
        raise ServiceError(f"Preferences: Unknown preference '{unknown[0]}'.", "Specify a known preference.")
    verbose = texts.get("verbose", "false")
    if verbose not in ("true", "false"):
        raise _wrong("verbose", verbose, "Values expected: true, false.")
    limit = _whole(texts, "limitResults", USUAL)
    if limit > MOST:
        raise _wrong("limitResults", texts["limitResults"], f"Specify a value from 1 to {MOST}.")
    return Preferences(limit, _whole(texts, "startFromOffset", 1), verbose == "true")


def _whole(texts: Mapping[str, str], name: str, usual: int) -> int:
    text = texts.get(name, str(usual))
    if not (_WHOLE.fullmatch(text) and int(text)):
        raise _wrong(name, text, f"Specify a value from 1{f' to {MOST}' if name == 'limitResults' else ''}.")
    return int(text)


def _wrong(name: str, text: str, resolution: str) -> ServiceError:
    return ServiceError(f"Preferences: Invalid value for preference '{name}' ({text}).", resolution)
