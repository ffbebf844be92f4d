"""What stats and its relatives compute: `count`, `sum(field) AS name` …, over groups of rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Optional

from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Fields, Value, number, one_or_many, ordering, text, values_of

Group = tuple[str, ...]
Summary = Callable[[list[Fields], str], Optional[Value]]


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


def groups_of(rows: list[Fields], names: list[str]) -> dict[Group, list[Fields]]:
    """Rows by the values of the fields; a row counts once per value, and not at all where a field is absent."""
    groups: dict[Group, list[Fields]] = {}
    for row in rows:
        for key in itertools.product(*(values_of(row, name) for name in names)):
            groups.setdefault(key, []).append(row)
    return groups


def summaries(aggregates: list[Aggregate], rows: list[Fields]) -> Fields:
    """The aggregates' values by their names; one that has none is left out."""
    found = ((aggregate.name, aggregate.summary(rows, aggregate.field)) for aggregate in aggregates)
    return {name: summary for name, summary in found if summary is not None}


def parse_aggregates(tokens: Tokens) -> list[Aggregate]:
    """Up to OVER, BY or the end; at least one."""
    aggregates = []
    while not tokens.done and tokens.peek().text.upper() not in ("BY", "OVER"):
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
