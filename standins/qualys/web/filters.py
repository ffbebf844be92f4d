"""Which findings and web applications a call asks for: one table row per field, all filters combined by AND.

Operators by type are the guide's. A record that lacks the value is met by NOT EQUALS only; that is an assumption.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable, Optional, Union

from ..clock import seconds
from .model import GROUPS, REASONS, STATUSES, TYPES, WebApp, WebFinding
from .request import Criterion, ServiceError

_LONG = re.compile(r"[+-]?[0-9]{1,18}")
_COUNTED = ("EQUALS", "NOT EQUALS", "GREATER", "LESSER", "IN")
_TESTS: Mapping[str, Callable[[Any, tuple[Any, ...]], bool]] = {
    "EQUALS": lambda held, wanted: held == wanted[0],
    "IN": lambda held, wanted: held in wanted,
    "GREATER": lambda held, wanted: bool(held > wanted[0]),
    "LESSER": lambda held, wanted: bool(held < wanted[0]),
    "CONTAINS": lambda held, wanted: wanted[0] in held,
}
Held = Union[None, int, str, tuple[Any, ...]]
"""The value of a record, or all of them where it may have several."""


@dataclass(frozen=True)
class Type:
    """How a value is read (ValueError if it cannot be), which operators there are, and what a wrong value is told."""

    read: Callable[[str], Any]
    operators: tuple[str, ...]
    expected: str


def _long(text: str) -> int:
    if not _LONG.fullmatch(text):
        raise ValueError
    return int(text)


def keyword(*words: str, operators: tuple[str, ...] = ("EQUALS", "NOT EQUALS", "IN")) -> Type:
    """One of these words."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return Type(read, operators, f"Values expected: {', '.join(words)}.")


INTEGER = Type(_long, _COUNTED, "Specify criteria value(s) as Long.")
DATE = Type(seconds, _COUNTED, "Specify criteria value(s) as Date.")
TEXT = Type(str, ("CONTAINS", "EQUALS", "NOT EQUALS"), "Specify criteria value(s) as String.")
BOOLEAN = keyword("true", "false", operators=("EQUALS", "NOT EQUALS"))


@dataclass(frozen=True)
class Field:
    """A field that can be asked about: its type, and its value of a record."""

    type: Type
    held: Callable[[Any], Held]


def _finding_fields() -> dict[str, Field]:
    def of(kind: Type, held: Callable[[WebFinding], Held]) -> Field:
        return Field(kind, held)

    return {
        "id": of(INTEGER, lambda found: found.id),
        "uniqueId": of(TEXT, lambda found: found.unique_id),
        "qid": of(INTEGER, lambda found: found.qid),
        "name": of(TEXT, lambda found: found.name),
        "type": of(keyword(*TYPES), lambda found: found.type),
        "url": of(TEXT, lambda found: found.url),
        "webApp.id": of(INTEGER, lambda found: found.app.id),
        "webApp.name": of(TEXT, lambda found: found.app.name),
        "webApp.tags.id": of(INTEGER, lambda found: tuple(tag.id for tag in found.app.tags)),
        "webApp.tags.name": of(TEXT, lambda found: tuple(tag.name for tag in found.app.tags)),
        "status": of(keyword(*STATUSES), lambda found: found.status),
        "patch": of(INTEGER, lambda found: found.patch),
        "severity": of(INTEGER, lambda found: found.severity),
        "externalRef": of(TEXT, lambda found: found.external_ref),
        "ignoredDate": of(DATE, lambda found: found.ignored.at if found.ignored else None),
        "ignoredReason": of(keyword(*REASONS), lambda found: found.ignored.reason if found.ignored else None),
        "group": of(keyword(*GROUPS), lambda found: found.group),
        "owasp.name": of(TEXT, lambda found: tuple(each.name for each in found.owasp)),
        "owasp.code": of(INTEGER, lambda found: tuple(each.code for each in found.owasp)),
        "wasc.name": of(TEXT, lambda found: tuple(each.name for each in found.wasc)),
        "wasc.code": of(INTEGER, lambda found: tuple(each.code for each in found.wasc)),
        "cwe.id": of(INTEGER, lambda found: found.cwe),
        "firstDetectedDate": of(DATE, lambda found: found.first_detected_at),
        "lastDetectedDate": of(DATE, lambda found: found.last_detected_at),
        "lastTestedDate": of(DATE, lambda found: found.last_tested_at),
        "timesDetected": of(INTEGER, lambda found: found.times_detected),
    }


def _truth(on: bool) -> str:
    return "true" if on else "false"


def _app_fields() -> dict[str, Field]:
    def of(kind: Type, held: Callable[[WebApp], Held]) -> Field:
        return Field(kind, held)

    return {
        "id": of(INTEGER, lambda app: app.id),
        "name": of(TEXT, lambda app: app.name),
        "url": of(TEXT, lambda app: app.url),
        "tags.id": of(INTEGER, lambda app: tuple(tag.id for tag in app.tags)),
        "tags.name": of(TEXT, lambda app: tuple(tag.name for tag in app.tags)),
        "createdDate": of(DATE, lambda app: app.created_at),
        "updatedDate": of(DATE, lambda app: app.updated_at),
        "isScheduled": of(BOOLEAN, lambda app: _truth(app.scheduled)),
        "isScanned": of(BOOLEAN, lambda app: _truth(app.scanned_at is not None)),
        "lastScan.date": of(DATE, lambda app: app.scanned_at),
        "lastScan.status": of(
            keyword("SUBMITTED", "RUNNING", "FINISHED", "ERROR", "CANCELED", "PROCESSING"),
            lambda app: None if app.scanned_at is None else "FINISHED",
        ),
    }


FINDING_FIELDS: Mapping[str, Field] = _finding_fields()
APP_FIELDS: Mapping[str, Field] = _app_fields()


class Choice:
    """The filters of one call, ready to be asked; ServiceError for a filter that the platform does not take."""

    def __init__(self, fields: Mapping[str, Field], criteria: Iterable[Criterion]) -> None:
        self._tests = tuple(_test(fields, criterion) for criterion in criteria)

    def keeps(self, record: Any) -> bool:
        """Whether the call asks for `record`."""
        return all(keeps(record) for keeps in self._tests)


def least_id(criteria: Iterable[Criterion]) -> int:
    """Above which id all that is asked for stands; 0 if the call does not say."""
    asked = [each.value for each in criteria if (each.field, each.operator) == ("id", "GREATER")]
    return max((int(value) for value in asked if _LONG.fullmatch(value)), default=0)


def _test(fields: Mapping[str, Field], criterion: Criterion) -> Callable[[Any], bool]:
    name, operator, text = criterion
    found = fields.get(name)
    if found is None:
        raise ServiceError(f"Criteria: Invalid criteria '{name}'.", f"Criteria expected: {', '.join(sorted(fields))}.")
    if operator not in found.type.operators:
        expected = f"Operators expected: {', '.join(found.type.operators)}."
        raise ServiceError(f"Criteria: Invalid operator for criteria '{name}' ({operator}).", expected)
    wanted = tuple(_values(name, text.split(",") if operator == "IN" else [text], found.type))
    return _tester(operator, found.held, wanted)


def _values(name: str, texts: list[str], kind: Type) -> Iterator[Any]:
    for text in map(str.strip, texts):
        try:
            yield kind.read(text)
        except ValueError:
            message = f"Criteria: Invalid value format for criteria '{name}' ({text})."
            raise ServiceError(message, kind.expected) from None


def _tester(operator: str, held: Callable[[Any], Held], wanted: tuple[Any, ...]) -> Callable[[Any], bool]:
    test = _TESTS["EQUALS" if operator == "NOT EQUALS" else operator]

    def meets(record: Any) -> bool:
        values: Union[Held, Optional[tuple[Any, ...]]] = held(record)
        several = values if isinstance(values, tuple) else () if values is None else (values,)
        met = any(test(value, wanted) for value in several)
        return not met if operator == "NOT EQUALS" else met

    return meets
