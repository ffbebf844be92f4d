"""The results of a search as a page can draw them: tables, single values, bars and curves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from standins.splunk.search.values import Fields, number, values_of
from standins.splunk.time_ranges import shown

PALETTE = ("#006d9c", "#4fa484", "#ec9960", "#af575a", "#b6c75a", "#62b3b2", "#294e70", "#738795", "#edd051", "#bd9872")
WIDTH, HEIGHT = 1000, 220
"""Of a curve, in its own units."""
_MIDNIGHT = " 00:00:00"
Colors = Mapping[str, str]


@dataclass(frozen=True)
class Segment:
    """One series' part of a bar."""

    series: str
    value: float
    share: float
    """In percent of the longest bar."""
    color: str


@dataclass(frozen=True)
class Bar:
    """One category, all series stacked."""

    label: str
    total: float
    segments: Sequence[Segment]


@dataclass(frozen=True)
class Bars:
    """Of a bar, column or pie chart."""

    bars: Sequence[Bar]
    legend: Mapping[str, str]


@dataclass(frozen=True)
class Curve:
    """One series over time; `path` is that of an SVG."""

    series: str
    path: str
    color: str


@dataclass(frozen=True)
class Moment:
    """A place on the time axis that tells what was then."""

    left: float
    width: float
    told: str


@dataclass(frozen=True)
class Curves:
    """Of a line or area chart."""

    curves: Sequence[Curve]
    moments: Sequence[Moment]
    legend: Mapping[str, str]
    highest: float
    first: str
    last: str


def columns_of(rows: Sequence[Fields]) -> list[str]:
    """The names of all fields, in the order they appear."""
    return list(dict.fromkeys(name for row in rows for name in row))


def field_colors(options: Mapping[str, str]) -> Colors:
    """`charting.fieldColors`, e.g. ``{"high": 0xD1495B}``, as CSS colors."""
    pairs = re.findall(r'"([^"]+)":\s*0x([0-9A-Fa-f]{6})', options.get("charting.fieldColors", ""))
    return {name: f"#{color}" for name, color in pairs}


def color_map(palette: str) -> Colors:
    """A table's color map, e.g. ``{"5": #8C1D40}``."""
    return dict(re.findall(r'"([^"]+)":\s*(#[0-9A-Fa-f]{6})', palette))


def draw_bars(rows: Sequence[Fields], colors: Colors) -> Bars:
    """The first column names the bars, each further one is a series."""
    label, series, legend = _named(rows, colors)
    values = [{name: _size(row, name) or 0.0 for name in series} for row in rows]
    longest = max((sum(row.values()) for row in values), default=0.0) or 1.0
    bars = [
        Bar(
            text,
            sum(sizes.values()),
            [Segment(name, size, 100 * size / longest, legend[name]) for name, size in sizes.items() if size],
        )
        for text, sizes in zip(_labels(rows, label), values)
    ]
    return Bars(bars, legend if len(series) > 1 else {})


def draw_curves(rows: Sequence[Fields], colors: Colors, *, stacked: bool, filled: bool, zero: bool) -> Curves:
    """`_time` or whatever comes first runs along; `zero` takes a missing value for 0, else the line skips it."""
    label, series, legend = _named(rows, colors)
    sizes = [{name: _size(row, name) for name in series} for row in rows]
    if zero or stacked:
        sizes = [{name: size or 0.0 for name, size in row.items()} for row in sizes]
    tops = _stacked(sizes) if stacked else sizes
    highest = nice(max((top for row in tops for top in row.values() if top is not None), default=0.0))
    step = WIDTH / max(len(rows) - 1, 1)
    curves = [
        Curve(name, _path([row[name] for row in tops], step, highest, filled=filled), legend[name]) for name in series
    ]
    labels = _labels(rows, label)
    told = ["\n".join([label, *_told(row)]) for label, row in zip(labels, sizes)]
    moments = [Moment(max(at * step - step / 2, 0), step, text) for at, text in enumerate(told)]
    # What is stacked higher is painted first, and what is below painted over it.
    return Curves(curves[::-1], moments, legend, highest, labels[0] if labels else "", labels[-1] if labels else "")


def nice(size: float) -> float:
    """The least of 1, 2, 5, 10, 20, 50 … that is not smaller."""
    bound = 1.0
    while True:
        for factor in (1, 2, 5):
            if size <= bound * factor:
                return bound * factor
        bound *= 10


def shown_number(value: str, precision: Optional[int] = None, unit: str = "") -> str:
    """A number as a page shows it; any other text as it is."""
    size = number(value)
    if size is None:
        return value
    plain = f"{size:,.{precision}f}" if precision is not None else f"{size:,.15g}"
    return f"{plain} {unit}".strip()


def _named(rows: Sequence[Fields], colors: Colors) -> tuple[str, list[str], dict[str, str]]:
    """(what runs along, the series, the color of each); series of a known color come in the colors' order."""
    first, *others = [name for name in columns_of(rows) if not name.startswith("_") or name == "_time"] or [""]
    series = [name for name in colors if name in others] + [name for name in others if name not in colors]
    return first, series, {name: colors.get(name, PALETTE[at % len(PALETTE)]) for at, name in enumerate(series)}


def _size(row: Fields, name: str) -> Optional[float]:
    values = values_of(row, name)
    return number(values[0]) if values else None


def _stacked(sizes: list[dict[str, Optional[float]]]) -> list[dict[str, Optional[float]]]:
    stacked: list[dict[str, Optional[float]]] = []
    for row in sizes:
        top = 0.0
        tops: dict[str, Optional[float]] = {}
        for name, size in row.items():
            top += size or 0.0
            tops[name] = top
        stacked.append(tops)
    return stacked


def _path(tops: Sequence[Optional[float]], step: float, highest: float, *, filled: bool) -> str:
    middle = WIDTH / 2 if len(tops) == 1 else 0
    points = [(middle + at * step, HEIGHT * (1 - top / highest)) for at, top in enumerate(tops) if top is not None]
    if not points:
        return ""
    line = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    if len(points) == 1:  # A single point would not be seen.
        line += " h12"
    return f"{line} V{HEIGHT} H{points[0][0]:.1f} Z" if filled else line


def _labels(rows: Sequence[Fields], name: str) -> list[str]:
    """What stands below bars and curves: times as days where they are nothing else."""
    labels = [", ".join(values_of(row, name)) for row in rows]
    moments = [number(label) if name == "_time" else None for label in labels]
    texts = [label if moment is None else shown(moment) for label, moment in zip(labels, moments)]
    return [text[: -len(_MIDNIGHT)] for text in texts] if all(text.endswith(_MIDNIGHT) for text in texts) else texts


def _told(sizes: Mapping[str, Optional[float]]) -> list[str]:
    return [f"{name}: {size:,.15g}" for name, size in sizes.items() if size is not None]
