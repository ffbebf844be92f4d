"""Requests of the QPS dialect: preferences and criteria, as plain parameters and as the XML that is sent.

A parameter whose name holds a space is a criterion, ``"lastTestedDate GREATER"``; one more of the same field and
operator is ``"lastTestedDate GREATER #2"``. All criteria must hold. Any other parameter is a preference.
Source: WAS API guide, "Finding search"; recorded requests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

AFTER = "id GREATER"
"""The criterion by which pages follow each other."""

NOTE = "_"
"""What a parameter begins with that is not sent: a pull notes there what it must know to go on."""

_CRITERION = re.compile(r"(\S+) (.+?)(?: #[0-9]+)?")


class Criterion(NamedTuple):
    """``field operator value``, such as ``severity GREATER 3``."""

    field: str
    operator: str
    value: str


def criterion_params(criteria: Iterable[Criterion]) -> dict[str, str]:
    """Criteria as parameters, in their order, none lost."""
    params: dict[str, str] = {}
    for field, operator, value in criteria:
        name = f"{field} {operator}"
        times = sum(1 for other in params if other == name or other.startswith(f"{name} #"))
        params[f"{name} #{times + 1}" if times else name] = value
    return params


def criteria(params: Mapping[str, str]) -> list[Criterion]:
    """The criteria among the parameters."""
    found = ((_CRITERION.fullmatch(name), value) for name, value in params.items() if not name.startswith(NOTE))
    return [Criterion(match.group(1), match.group(2), value) for match, value in found if match]


def preferences(params: Mapping[str, str]) -> dict[str, str]:
    """The parameters that are no criteria."""
    return {name: value for name, value in params.items() if not (_CRITERION.fullmatch(name) or name[:1] == NOTE)}


def service_request(params: Mapping[str, str]) -> bytes:
    """The body of the request. Any value that XML allows is read back from it as it is."""
    from xml.etree.ElementTree import Element, SubElement, tostring  # a tick that is not due must not load it

    request = Element("ServiceRequest")
    wanted, filters = preferences(params), criteria(params)
    parent = SubElement(request, "preferences") if wanted else request
    for name, value in wanted.items():
        SubElement(parent, name).text = value
    parent = SubElement(request, "filters") if filters else request
    for field, operator, value in filters:
        SubElement(parent, "Criteria", field=field, operator=operator).text = value
    body: bytes = tostring(request, encoding="UTF-8", xml_declaration=True)
    return body.replace(b"\r", b"&#13;")  # which a parser would read as a line feed
