"""Search commands that count: stats, timechart, top."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Optional

from standins.splunk.search.commands import ARGUMENT, Clock, Command, Step, in_order, names_until
from standins.splunk.search.errors import Place
from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Fields, Value, number, one_or_many, ordering, text, values_of

Group = tuple[str, ...]
Summary = Callable[[list[Fields], str], Optional[Value]]

DEFAULT_TOP = 10
SERIES_LIMIT = 10
"""Columns a split timechart may have before Splunk folds the rest into OTHER, which is not known here."""

_SPAN_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _numbers(rows: list[Fields], name: str) -> list[float]:
    sizes = (number(value) for row in rows for value in values_of(row, name))
    return [size for size in sizes if size is not None]


def _count(rows: list[Fields], name: str) -> Optional[Value]:
    return str(sum(len(values_of(row, name)) for row in rows) if name else len(rows))


def _distinct(rows: list[Fields], name: str) -> Optional[Value]:
    return str(len({value for row in rows for value in values_of(row, name)}))


def _sum(rows: list[Fields], name: str) -> Optional[Value]:
    sizes = _numbers(rows, name)
    return text(sum(sizes)) if sizes else None


def _average(rows: list[Fields], name: str) -> Optional[Value]:
    sizes = _numbers(rows, name)
    return text(sum(sizes) / len(sizes)) if sizes else None


def _extreme(choose: Callable[..., str]) -> Summary:
    def summary(rows: list[Fields], name: str) -> Optional[Value]:
        values = [value for row in rows for value in values_of(row, name)]
        return choose(values, key=ordering) if values else None

    return summary


def _by_time(choose: Callable[..., Fields]) -> Summary:
    def summary(rows: list[Fields], name: str) -> Optional[Value]:
        having = [row for row in rows if name in row]
        return choose(having, key=lambda row: ordering(values_of(row, "_time")[0]))[name] if having else None

    return summary


def _values(rows: list[Fields], name: str) -> Optional[Value]:
    return one_or_many(sorted({value for row in rows for value in values_of(row, name)}))


SUMMARIES: Mapping[str, Summary] = {
    "avg": _average,
    "c": _count,
    "count": _count,
    "dc": _distinct,
    "distinct_count": _distinct,
    "earliest": _by_time(min),
    "latest": _by_time(max),
    "max": _extreme(max),
    "min": _extreme(min),
    "sum": _sum,
    "values": _values,
}


@dataclass(frozen=True)
class Aggregate:
    """`function(field) AS name`."""

    summary: Summary
    field: str
    name: str


def _stats(arguments: str, place: Place) -> Step:
    tokens = Tokens(ARGUMENT, arguments, place)
    aggregates = _aggregates(tokens)
    names = names_until(tokens) if tokens.accept("BY") else []
    tokens.finish()

    def summarized(rows: list[Fields]) -> list[Fields]:
        groups = _groups(rows, names) if names else {(): rows}
        results = [{**dict(zip(names, key)), **_summaries(aggregates, group)} for key, group in groups.items()]
        return in_order(results, [(name, False) for name in names])

    return lambda rows, _clock: summarized(rows)


def _timechart(arguments: str, place: Place) -> Step:
    """`timechart [span=<n><s|m|h|d>] aggregates [by field]`: no gap between first and last, local days."""
    tokens = Tokens(ARGUMENT, arguments, place)
    span_s = _span(tokens)
    aggregates = _aggregates(tokens)
    split = names_until(tokens) if tokens.accept("BY") else []
    tokens.finish()
    if len(split) > 1 or (split and len(aggregates) > 1):
        raise tokens.error("splits one aggregate by one field at most")

    def charted(rows: list[Fields], clock: Clock) -> list[Fields]:
        spans: dict[int, list[Fields]] = {}
        for row in rows:
            local = int(float(values_of(row, "_time")[0])) + clock.utc_offset_s
            spans.setdefault(local - local % span_s, []).append(row)
        series = sorted({value for row in rows for value in values_of(row, split[0])}) if split else []
        if len(series) > SERIES_LIMIT:
            raise place.error(f"more than {SERIES_LIMIT} series")
        starts = range(min(spans), max(spans) + 1, span_s) if spans else range(0)
        return [
            {"_time": str(start - clock.utc_offset_s), **_columns(aggregates, spans.get(start, []), split, series)}
            for start in starts
        ]

    return charted


def _columns(aggregates: list[Aggregate], rows: list[Fields], split: list[str], series: list[str]) -> Fields:
    if not split:
        return _summaries(aggregates, rows)
    (aggregate,) = aggregates
    groups = {value: [row for row in rows if value in values_of(row, split[0])] for value in series}
    summaries = ((value, aggregate.summary(group, aggregate.field)) for value, group in groups.items())
    return {value: summary for value, summary in summaries if summary is not None}


def _top(arguments: str, place: Place) -> Step:
    """`top [limit=N] field`: the most frequent values with count and percent; limit=0 is all."""
    tokens = Tokens(ARGUMENT, arguments, place)
    limit = int(_option(tokens, "LIMIT") or DEFAULT_TOP)
    name, *others = names_until(tokens)
    if others:
        raise tokens.error("counts the values of one field only")

    def counted(rows: list[Fields]) -> list[Fields]:
        groups = _groups(rows, [name])
        total = sum(map(len, groups.values()))
        results: list[Fields] = [
            {name: key[0], "count": str(len(group)), "percent": format(100 * len(group) / total, ".6f")}
            for key, group in groups.items()
        ]
        return in_order(results, [("count", True), (name, False)])[: limit or len(results)]

    return lambda rows, _clock: counted(rows)


def _groups(rows: list[Fields], names: list[str]) -> dict[Group, list[Fields]]:
    """Rows by the values of the fields; a row counts once per value, and not at all where a field is absent."""
    groups: dict[Group, list[Fields]] = {}
    for row in rows:
        for key in itertools.product(*(values_of(row, name) for name in names)):
            groups.setdefault(key, []).append(row)
    return groups


def _summaries(aggregates: list[Aggregate], rows: list[Fields]) -> Fields:
    summaries = ((aggregate.name, aggregate.summary(rows, aggregate.field)) for aggregate in aggregates)
    return {name: summary for name, summary in summaries if summary is not None}


def _aggregates(tokens: Tokens) -> list[Aggregate]:
    aggregates = []
    while not tokens.done and tokens.peek().text.upper() != "BY":
        aggregates.append(_aggregate(tokens))
        tokens.accept(",")
    if not aggregates:
        raise tokens.error("names nothing to compute")
    return aggregates


def _aggregate(tokens: Tokens) -> Aggregate:
    function = tokens.take("word").text
    if function not in SUMMARIES:
        raise tokens.error(f"unknown aggregate {function!r}")
    name = ""
    if tokens.accept("("):
        name = tokens.take("word", "string").text
        tokens.expect(")")
    elif function not in ("count", "c"):
        raise tokens.error(f"{function} needs a field")
    shown = f"{function}({name})" if name else function
    return Aggregate(SUMMARIES[function], name, tokens.take("word", "string").text if tokens.accept("AS") else shown)


def _option(tokens: Tokens, name: str) -> str:
    if not tokens.accept(name):
        return ""
    tokens.expect("=")
    return tokens.take("word").text


def _span(tokens: Tokens) -> int:
    span = _option(tokens, "SPAN") or "1d"
    if span[-1] not in _SPAN_S or not span[:-1].isdigit():
        raise tokens.error(f"unknown span {span!r}")
    return int(span[:-1]) * _SPAN_S[span[-1]]


AGGREGATING: Mapping[str, Command] = {"stats": _stats, "timechart": _timechart, "top": _top}
