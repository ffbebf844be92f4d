"""Search commands that count: stats, eventstats, streamstats, top."""

from __future__ import annotations

from collections.abc import Mapping

from standins.splunk.search.commands import ARGUMENT, Command, Step, in_order, names_until, options
from standins.splunk.search.errors import Place
from standins.splunk.search.summaries import Aggregate, Group, groups_of, parse_aggregates, summaries
from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Fields

DEFAULT_TOP = 10


def _stats(arguments: str, place: Place) -> Step:
    aggregates, names = _aggregates_by(arguments, place)

    def summarized(rows: list[Fields]) -> list[Fields]:
        groups = groups_of(rows, names) if names else {(): rows}
        results = [{**dict(zip(names, key)), **summaries(aggregates, group)} for key, group in groups.items()]
        return in_order(results, [(name, False) for name in names])

    return lambda rows, _clock: summarized(rows)


def _eventstats(arguments: str, place: Place) -> Step:
    """Every row gets the summaries of all rows of its group; a row that lacks a field of the group gets none."""
    aggregates, names = _aggregates_by(arguments, place)

    def told(rows: list[Fields]) -> list[Fields]:
        groups = groups_of(rows, names)
        return [{**row, **_of_its_group(row, names, groups, aggregates)} for row in rows]

    return lambda rows, _clock: told(rows)


def _streamstats(arguments: str, place: Place) -> Step:
    """Every row gets the summaries of its group's rows up to and with itself, in the order they come."""
    aggregates, names = _aggregates_by(arguments, place)

    def told(rows: list[Fields]) -> list[Fields]:
        results: list[Fields] = []
        groups: dict[Group, list[Fields]] = {}
        for row in rows:
            for key in groups_of([row], names):
                groups.setdefault(key, []).append(row)
            results.append({**row, **_of_its_group(row, names, groups, aggregates)})
        return results

    return lambda rows, _clock: told(rows)


def _of_its_group(
    row: Fields, names: list[str], groups: Mapping[Group, list[Fields]], aggregates: list[Aggregate]
) -> Fields:
    keys = list(groups_of([row], names))
    return summaries(aggregates, groups[keys[0]]) if keys else {}


def _top(arguments: str, place: Place) -> Step:
    """`top [limit=N] field`: the most frequent values with count and percent; limit=0 is all."""
    tokens = Tokens(ARGUMENT, arguments, place)
    limit = int(options(tokens, "LIMIT").get("LIMIT", DEFAULT_TOP))
    name, *others = names_until(tokens)
    if others:
        raise tokens.error("counts the values of one field only")

    def counted(rows: list[Fields]) -> list[Fields]:
        groups = groups_of(rows, [name])
        total = sum(map(len, groups.values()))
        results: list[Fields] = [
            {name: key[0], "count": str(len(group)), "percent": format(100 * len(group) / total, ".6f")}
            for key, group in groups.items()
        ]
        return in_order(results, [("count", True), (name, False)])[: limit or len(results)]

    return lambda rows, _clock: counted(rows)


def _aggregates_by(arguments: str, place: Place) -> tuple[list[Aggregate], list[str]]:
    tokens = Tokens(ARGUMENT, arguments, place)
    aggregates = parse_aggregates(tokens)
    names = names_until(tokens) if tokens.accept("BY") else []
    tokens.finish()
    return aggregates, names


AGGREGATING: Mapping[str, Command] = {
    "eventstats": _eventstats,
    "stats": _stats,
    "streamstats": _streamstats,
    "top": _top,
}
