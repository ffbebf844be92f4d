"""A search of the gateway: the query language as far as it is used here, order, and where to go on.

The language: conditions ``field: value``, ``field: 'text'`` and ``field: ['from'..'to']`` (both ends included), joined
by NOT, AND and OR, which bind in this order, and by parentheses.
"""

from __future__ import annotations

import calendar
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Optional

LARGEST_PAGE, USUAL_PAGE = 1000, 10
FLOOR_MS = calendar.timegm((2017, 1, 1, 0, 0, 0)) * 1000
_TOKEN = re.compile(
    r"\s*(?:(?P<or>OR\b)|(?P<and>AND\b)|(?P<not>NOT\b)|(?P<open>\()|(?P<close>\))|(?P<field>[A-Za-z][\w.]*)\s*:\s*"
    r"(?:\[\s*'(?P<low>[^']*)'\s*\.\.\s*'(?P<high>[^']*)'\s*\]|'(?P<text>[^']*)'|\"(?P<quoted>[^\"]*)\"|(?P<word>[\w.-]+)))"
)
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{3}))?(?:Z|\+0000)")

Record = Mapping[str, Any]
Test = Callable[[Record], bool]


class QueryError(Exception):
    """The gateway does not take the call: HTTP 400."""


@dataclass(frozen=True)
class Condition:
    """`high` is None for a single value."""

    field: str
    low: str
    high: Optional[str] = None

    def holds(self, record: Record) -> bool:
        value = found(record, self.field)
        if self.high is None:
            return str(value).lower() == self.low.lower()
        moment = milliseconds(value)
        return moment is not None and _bound(self.low) <= moment <= _bound(self.high)


def found(record: Record, field: str) -> Any:
    """The value of ``a.b`` in a record."""
    value: Any = record
    for name in field.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def milliseconds(value: Any) -> Optional[int]:
    """A time of the platform in any of its forms, since 1970."""
    if isinstance(value, int):
        return value
    told = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not told:
        return None
    return calendar.timegm(time.strptime(told[1], "%Y-%m-%dT%H:%M:%S")) * 1000 + int(told[2] or 0)


def _bound(text: str) -> int:
    moment = milliseconds(text)
    if moment is None:
        raise QueryError(f"Invalid date in filter: {text}")
    if moment < FLOOR_MS:
        raise QueryError(f"Invalid filter: the start date must not be before 2017-01-01, but is {text}")
    return moment


class Query:
    """What a query asks for. QueryError for fields there are not, and for what is not of the language."""

    def __init__(self, text: str, fields: Iterable[str]) -> None:
        self._text, self._fields, self._place = text, frozenset(fields), 0
        self.holds: Test = self._any() if text.strip() else lambda _record: True
        if text[self._place :].strip():
            raise self._unread()

    def _any(self) -> Test:
        tests = [self._all()]
        while self._next("or"):
            tests.append(self._all())
        return lambda record: any(test(record) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._next("and"):
            tests.append(self._one())
        return lambda record: all(test(record) for test in tests)

    def _one(self) -> Test:
        if self._next("not"):
            test = self._one()
            return lambda record: not test(record)
        if not self._next("open"):
            return self._condition().holds
        found = self._any()
        if not self._next("close"):
            raise QueryError("Invalid filter: parentheses do not match")
        return found

    def _condition(self) -> Condition:
        token = self._next("field")
        if not token:
            raise self._unread()
        if token["field"] not in self._fields:
            raise QueryError(f"Invalid filter: unknown token {token['field']}")
        value = next((token[name] for name in ("low", "text", "quoted", "word") if token[name] is not None), "")
        if token["high"] is not None:
            _bound(value), _bound(token["high"])
        return Condition(token["field"], value, token["high"])

    def _next(self, kind: str) -> Optional[re.Match[str]]:
        """Take what comes next, if it is of this kind."""
        token = _TOKEN.match(self._text, self._place)
        if not token or token[kind] is None:
            return None
        self._place = token.end()
        return token

    def _unread(self) -> QueryError:
        return QueryError(f"Invalid filter near: {self._text[self._place : self._place + 20]}")


@dataclass(frozen=True)
class Search:
    """One call: which records, in which order, from where on."""

    query: Query
    order: tuple[str, ...]
    size: int
    page: int = 0
    after: Optional[Sequence[Any]] = None

    @classmethod
    def of(cls, params: Mapping[str, Any], fields: Iterable[str]) -> Search:
        size, page = params.get("pageSize", USUAL_PAGE), params.get("pageNumber", 0)
        if not isinstance(size, int) or not 1 <= size <= LARGEST_PAGE or not isinstance(page, int) or page < 0:
            raise QueryError("Invalid parameter: pageSize is 1 to 1000, pageNumber 0 or more")
        after = params.get("searchAfter")
        if after is not None and not isinstance(after, list):
            raise QueryError("Invalid parameter: searchAfter is a list of sort values")
        return cls(Query(str(params.get("filter", "")), fields), _order(params.get("sort")), size, page, after)

    def chosen(self, records: Iterable[Record]) -> list[tuple[list[Any], Record]]:
        """All that the query asks for, with their sort values, in order."""
        met = ((self._values(each), each) for each in records if self.query.holds(each))
        return sorted(met, key=lambda pair: pair[0])

    def records(self, records: Iterable[Record]) -> list[tuple[list[Any], Record]]:
        """The page that was asked for."""
        left = self.chosen(records)
        if self.after is not None:
            left = [pair for pair in left if pair[0] > list(self.after)]
            return left[: self.size]
        return left[self.page * self.size : (self.page + 1) * self.size]

    def _values(self, record: Record) -> list[Any]:
        values = [found(record, field) for field in self.order]
        return [_comparable(value) for value in values]


def _comparable(value: Any) -> Any:
    moment = milliseconds(value)
    return str(value) if moment is None else moment


def _order(sort: Any) -> tuple[str, ...]:
    """The fields of ``[{"field": "asc"}, …]``, which is a text in the call."""
    if sort is None:
        return ("id",)
    if not isinstance(sort, str):
        raise QueryError("Invalid parameter: sort is a text")
    try:
        told = [field for each in json.loads(sort) for field, direction in each.items() if direction == "asc"]
    except (ValueError, AttributeError, TypeError):
        raise QueryError(f"Invalid parameter: sort {sort}") from None
    return tuple(told) or ("id",)
