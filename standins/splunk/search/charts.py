"""Search commands that draw up tables for charts: chart and timechart."""

from __future__ import annotations

from collections.abc import Mapping

from standins.splunk.search.commands import ARGUMENT, Clock, Command, Step, in_order, names_until, options
from standins.splunk.search.errors import Place
from standins.splunk.search.summaries import Aggregate, groups_of, parse_aggregates, summaries
from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Fields, values_of

SERIES_LIMIT = 10
"""Columns a split chart may have before Splunk folds the rest into OTHER, which is not known here; limit=0 lifts it."""

_SPAN_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _chart(arguments: str, place: Place) -> Step:
    """`chart [limit=0] aggregate OVER field BY field`: a row for each value of the first, a column for the second."""
    tokens = Tokens(ARGUMENT, arguments, place)
    limited = _limited(tokens, options(tokens, "LIMIT"))
    aggregates = parse_aggregates(tokens)
    tokens.expect("OVER")
    over = tokens.take("word", "string").text
    split = _split(tokens, aggregates)

    def charted(rows: list[Fields]) -> list[Fields]:
        counted = [row for row in rows if not split or values_of(row, split[0])]
        series = _series(counted, split, place, limited=limited)
        groups = groups_of(counted, [over])
        results = [{over: key[0], **_columns(aggregates, group, split, series)} for key, group in groups.items()]
        return in_order(results, [(over, False)])

    return lambda rows, _clock: charted(rows)


def _timechart(arguments: str, place: Place) -> Step:
    """`timechart [limit=0] [fixedrange=false] [span=<n><s|m|h|d>] aggregates [by field]`: local days without a gap.

    They reach from the first event to the last, which is what fixedrange=false says; Splunk's default may be wider.
    """
    tokens = Tokens(ARGUMENT, arguments, place)
    chosen = options(tokens, "FIXEDRANGE", "LIMIT", "SPAN")
    limited, span_s = _limited(tokens, chosen), _span(tokens, chosen)
    if chosen.get("FIXEDRANGE", "false").lower() not in ("false", "f"):
        raise tokens.error("knows fixedrange=false only")
    aggregates = parse_aggregates(tokens)
    split = _split(tokens, aggregates)

    def charted(rows: list[Fields], clock: Clock) -> list[Fields]:
        spans: dict[int, list[Fields]] = {}
        for row in rows:
            local = int(float(values_of(row, "_time")[0])) + clock.utc_offset_s
            spans.setdefault(local - local % span_s, []).append(row)
        series = _series(rows, split, place, limited=limited)
        starts = range(min(spans), max(spans) + 1, span_s) if spans else range(0)
        return [
            {"_time": str(start - clock.utc_offset_s), **_columns(aggregates, spans.get(start, []), split, series)}
            for start in starts
        ]

    return charted


def _split(tokens: Tokens, aggregates: list[Aggregate]) -> list[str]:
    """The field after BY, if there is one; nothing may follow."""
    split = names_until(tokens) if tokens.accept("BY") else []
    tokens.finish()
    if len(split) > 1 or (split and len(aggregates) > 1):
        raise tokens.error("splits one aggregate by one field at most")
    return split


def _series(rows: list[Fields], split: list[str], place: Place, *, limited: bool) -> list[str]:
    series = sorted({value for row in rows for value in values_of(row, split[0])}) if split else []
    if limited and len(series) > SERIES_LIMIT:
        raise place.error(f"more than {SERIES_LIMIT} series")
    return series


def _columns(aggregates: list[Aggregate], rows: list[Fields], split: list[str], series: list[str]) -> Fields:
    if not split:
        return summaries(aggregates, rows)
    (aggregate,) = aggregates
    groups = {value: [row for row in rows if value in values_of(row, split[0])] for value in series}
    cells = ((value, aggregate.summary(group, aggregate.field)) for value, group in groups.items())
    return {value: cell for value, cell in cells if cell is not None}


def _limited(tokens: Tokens, chosen: Mapping[str, str]) -> bool:
    if chosen.get("LIMIT", "0") != "0":
        raise tokens.error("knows no limit but 0")
    return "LIMIT" not in chosen


def _span(tokens: Tokens, chosen: Mapping[str, str]) -> int:
    span = chosen.get("SPAN", "1d")
    if span[-1] not in _SPAN_S or not span[:-1].isdigit():
        raise tokens.error(f"unknown span {span!r}")
    return int(span[:-1]) * _SPAN_S[span[-1]]


CHARTING: Mapping[str, Command] = {"chart": _chart, "timechart": _timechart}
