"""Search commands that keep, change or order rows one by one; those that count are in `aggregates`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Optional

from standins.splunk.search.conditions import parse_condition
from standins.splunk.search.errors import Place
from standins.splunk.search.expression import parse_assignments, parse_expression
from standins.splunk.search.functions import Scope
from standins.splunk.search.modifiers import bounds
from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Fields, ordering, values_of

DEFAULT_HEAD = 10
DEFAULT_SORT = 10_000

ARGUMENT = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")|(?P<sign>[+-](?=\s*[\w"]))|(?P<mark>[=,()])|(?P<word>[\w.:/-]+)', re.DOTALL
)


@dataclass(frozen=True)
class Clock:
    """A search's present (epoch seconds), its reader's distance from UTC in seconds east, and its time range."""

    now: float
    utc_offset_s: int = 0
    earliest: float = 0.0
    latest: Optional[float] = None
    """The search's time range; None is all that is to come."""

    @classmethod
    def within(cls, earliest: str, latest: str, now: float, utc_offset_s: int) -> Clock:
        """A clock whose range two of Splunk's time modifiers name."""
        return cls(now, utc_offset_s, *bounds(earliest, latest, now, utc_offset_s))

    def scope(self, row: Fields) -> Scope:
        return Scope(row, self.now, self.utc_offset_s)


Step = Callable[[list[Fields], Clock], list[Fields]]
Command = Callable[[str, Place], Step]
Order = tuple[str, bool]
"""A field to sort by, and whether descending."""


def _eval(arguments: str, place: Place) -> Step:
    assignments = parse_assignments(arguments, place)

    def assigned(row: Fields, clock: Clock) -> Fields:
        row = dict(row)
        for name, expression in assignments:
            value = expression.value(clock.scope(row))
            row.pop(name, None)
            if value is not None:
                row[name] = value
        return row

    return lambda rows, clock: [assigned(row, clock) for row in rows]


def _where(arguments: str, place: Place) -> Step:
    expression = parse_expression(arguments, place)
    return lambda rows, clock: [row for row in rows if expression.holds(clock.scope(row))]


def _search(arguments: str, place: Place) -> Step:
    condition = parse_condition(arguments, place)
    return lambda rows, _clock: [row for row in rows if condition.holds(row)]


def _rename(arguments: str, place: Place) -> Step:
    tokens = Tokens(ARGUMENT, arguments, place)
    names: dict[str, str] = {}
    while not tokens.done:
        old = tokens.take("word", "string").text
        tokens.expect("AS")
        names[old] = tokens.take("word", "string").text
        tokens.accept(",")
    return lambda rows, _clock: [{names.get(name, name): value for name, value in row.items()} for row in rows]


def _fields(arguments: str, place: Place) -> Step:
    """`fields [+|-] names`; internal fields (`_time`, `_raw`) stay unless they are named for removal."""
    tokens = Tokens(ARGUMENT, arguments, place)
    sign = tokens.take("sign").text if tokens.peek().kind == "sign" else "+"
    names = set(names_until(tokens))

    def stays(name: str) -> bool:
        return name not in names if sign == "-" else name in names or name.startswith("_")

    return lambda rows, _clock: [{name: row[name] for name in row if stays(name)} for row in rows]


def _table(arguments: str, place: Place) -> Step:
    names = names_until(Tokens(ARGUMENT, arguments, place))
    return lambda rows, _clock: [{name: row[name] for name in names if name in row} for row in rows]


def _head(arguments: str, place: Place) -> Step:
    tokens = Tokens(ARGUMENT, arguments, place)
    limit = count_before(tokens, DEFAULT_HEAD)
    tokens.finish()
    return lambda rows, _clock: rows[:limit]


def _sort(arguments: str, place: Place) -> Step:
    tokens = Tokens(ARGUMENT, arguments, place)
    limit = count_before(tokens, DEFAULT_SORT)
    order = _order(tokens)
    return lambda rows, _clock: in_order(rows, order)[: limit or len(rows)]


def _dedup(arguments: str, place: Place) -> Step:
    """`dedup [N] fields [sortby [+-]fields]`: N of each combination, sorted first; rows lacking one of them go."""
    tokens = Tokens(ARGUMENT, arguments, place)
    limit = count_before(tokens, 1)
    names = names_until(tokens, "SORTBY")
    order = _order(tokens) if tokens.accept("SORTBY") else []

    def kept(rows: list[Fields]) -> list[Fields]:
        seen: dict[tuple[tuple[str, ...], ...], int] = {}
        chosen = []
        for row in in_order(rows, order):
            key = tuple(tuple(values_of(row, name)) for name in names)
            seen[key] = seen.get(key, 0) + 1
            if all(key) and seen[key] <= limit:
                chosen.append(row)
        return chosen

    return lambda rows, _clock: kept(rows)


def _addinfo(arguments: str, place: Place) -> Step:
    """The time range and the present, as `info_min_time`, `info_max_time` and `info_search_time`."""
    Tokens(ARGUMENT, arguments, place).finish()

    def told(clock: Clock) -> Fields:
        latest = "+Infinity" if clock.latest is None else _seconds(clock.latest)
        times = (_seconds(clock.earliest), latest, _seconds(clock.now))
        return dict(zip(("info_min_time", "info_max_time", "info_search_time"), times))

    return lambda rows, clock: [{**row, **told(clock)} for row in rows]


def _seconds(epoch: float) -> str:
    return f"{epoch:.3f}"


def _fillnull(arguments: str, place: Place) -> Step:
    """`fillnull [value=text] fields`; without fields Splunk fills all, which is not known here."""
    tokens = Tokens(ARGUMENT, arguments, place)
    value = options(tokens, "VALUE").get("VALUE", "0")
    names = names_until(tokens)
    return lambda rows, _clock: [{**row, **{name: value for name in names if not values_of(row, name)}} for row in rows]


def _mvexpand(arguments: str, place: Place) -> Step:
    """A row for each value of the field; a row without it goes."""
    tokens = Tokens(ARGUMENT, arguments, place)
    name = tokens.take("word", "string").text
    tokens.finish()
    return lambda rows, _clock: [{**row, name: value} for row in rows for value in values_of(row, name)]


def _makemv(arguments: str, place: Place) -> Step:
    """`makemv delim="…" field`: the parts between the delimiters, empty ones left out."""
    tokens = Tokens(ARGUMENT, arguments, place)
    delimiter = options(tokens, "DELIM").get("DELIM", " ")
    name = tokens.take("word", "string").text
    tokens.finish()

    def parts(row: Fields) -> Fields:
        found = [part for value in values_of(row, name) for part in value.split(delimiter) if part]
        return {**row, name: found} if found else row

    return lambda rows, _clock: [parts(row) for row in rows]


def in_order(rows: list[Fields], order: list[Order]) -> list[Fields]:
    """Stable; numbers by size before texts, and rows without the field last in either direction."""
    for name, descending in reversed(order):
        present = [row for row in rows if values_of(row, name)]
        absent = [row for row in rows if not values_of(row, name)]
        rows = sorted(present, key=partial(_place_of, name=name), reverse=descending) + absent
    return rows


def _place_of(row: Fields, name: str) -> tuple[int, float, str]:
    return ordering(values_of(row, name)[0])


def _order(tokens: Tokens) -> list[Order]:
    order = []
    while not tokens.done:
        sign = tokens.take("sign").text if tokens.peek().kind == "sign" else "+"
        order.append((tokens.take("word", "string").text, sign == "-"))
        tokens.accept(",")
    if not order or order[-1][0] in ("d", "desc"):
        raise tokens.error("names no field to sort by; descending is -field")
    return order


def count_before(tokens: Tokens, default: int) -> int:
    """A leading bare number, as in `dedup 3 host` and `sort 0 -count`; `default` if there is none."""
    return int(tokens.take().text) if tokens.peek().kind == "word" and tokens.peek().text.isdigit() else default


def options(tokens: Tokens, *names: str) -> dict[str, str]:
    """The leading `name=value` of these names (in capitals), in any order."""
    found: dict[str, str] = {}
    while tokens.peek().text.upper() in names and tokens.peek(1).text == "=":
        name = tokens.take("word").text.upper()
        tokens.expect("=")
        found[name] = tokens.take("word", "string").text
    return found


def names_until(tokens: Tokens, keyword: Optional[str] = None) -> list[str]:
    """Field names, with or without commas, up to the keyword or the end."""
    names: list[str] = []
    while not tokens.done and not (keyword and tokens.peek().kind == "word" and tokens.peek().text.upper() == keyword):
        names.append(tokens.take("word", "string").text)
        tokens.accept(",")
    if not names:
        raise tokens.error("names no field")
    return names


ROWWISE: Mapping[str, Command] = {
    "addinfo": _addinfo,
    "dedup": _dedup,
    "eval": _eval,
    "fields": _fields,
    "fillnull": _fillnull,
    "head": _head,
    "makemv": _makemv,
    "mvexpand": _mvexpand,
    "rename": _rename,
    "search": _search,
    "sort": _sort,
    "table": _table,
    "where": _where,
}
