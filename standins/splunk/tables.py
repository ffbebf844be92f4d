"""The results of a search as a table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Optional
from urllib.parse import quote

from standins.splunk.drawing import Colors, columns_of, shown_number
from standins.splunk.search.values import Fields, number, values_of
from standins.splunk.time_ranges import shown

_ROW_TOKEN = re.compile(r"\$row\.(\w+)(?:\|u)?\$")


@dataclass(frozen=True)
class Format:
    """How a column looks."""

    colors: Colors = field(default_factory=dict)
    """By value."""
    precision: Optional[int] = None
    unit: str = ""


@dataclass(frozen=True)
class Cell:
    """One value; `link` is where a click on it leads."""

    text: str
    color: str = ""
    link: str = ""


@dataclass(frozen=True)
class Table:
    """The first rows, and how many there are besides."""

    names: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    more: int
    numeric: frozenset[str]
    """The columns that hold numbers only."""


def draw_table(
    rows: Sequence[Fields],
    count: int,
    names: Sequence[str] = (),
    formats: Optional[Mapping[str, Format]] = None,
    link: str = "",
) -> Table:
    """The named columns, or all there are, of the first `count` rows; `$row.NAME$` in the link is the row's value."""
    names = names or [name for name in columns_of(rows) if name in ("_time", "_raw") or not name.startswith("_")]
    known = formats or {}
    cells = [[_cell(row, name, known.get(name, Format()), link) for name in names] for row in rows[:count]]
    numeric = (name for name in names if all(number(value) is not None for r in rows for value in values_of(r, name)))
    return Table(names, cells, max(len(rows) - count, 0), frozenset(numeric) - {"_time"})


def _cell(row: Fields, name: str, form: Format, link: str) -> Cell:
    text = "\n".join(values_of(row, name))
    address = _ROW_TOKEN.sub(lambda token: quote("".join(values_of(row, token[1])[:1]), safe=""), link)
    moment = number(text) if name == "_time" else None
    if moment is not None:
        return Cell(shown(moment))
    formatted = form.precision is not None or form.unit
    return Cell(
        shown_number(text, form.precision, form.unit) if formatted else text, form.colors.get(text, ""), address
    )
