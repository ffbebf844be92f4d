"""What a Simple XML dashboard may be made of here: elements, their attributes and children, the options of visuals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from standins.splunk.search.attributes import Table, any_text, integer, is_flag, one_of
from standins.splunk.search.errors import Place

ROOTS = ("dashboard", "form")
INPUTS = ("dropdown", "radio")
_WORDS = frozenset(
    ("choice", "colorPalette", "default", "description", "earliest", "fields", "label", "latest", "link", "option")
)
WITH_TEXT = _WORDS | {"query", "title"}
"""Elements that hold text; all others hold elements only."""


@dataclass(frozen=True)
class Shape:
    """Which attributes and which children an element may have."""

    attributes: frozenset[str]
    children: frozenset[str]


def _shape(attributes: str = "", children: str = "") -> Shape:
    return Shape(frozenset(attributes.split()), frozenset(children.split()))


_VISUAL = _shape(children="title search option fields format drilldown")
SHAPES: Mapping[str, Shape] = {
    **{name: _shape() for name in WITH_TEXT},
    "chart": _VISUAL,
    "choice": _shape("value"),
    "colorPalette": _shape("type"),
    "dashboard": _shape("version", "label description search row"),
    "drilldown": _shape(children="link"),
    "fieldset": _shape("submitButton autoRun", "input"),
    "form": _shape("version", "label description search fieldset row"),
    "format": _shape("type field", "option colorPalette"),
    "input": _shape("type token searchWhenChanged", "label choice default"),
    "link": _shape("target"),
    "option": _shape("name"),
    "panel": _shape(children="title chart single table"),
    "row": _shape(children="panel"),
    "search": _shape("id base", "query earliest latest"),
    "single": _VISUAL,
    "table": _VISUAL,
}


def _colors(value: str) -> bool:
    """`{"name": 0xRRGGBB, …}`, as charting.fieldColors wants it."""
    return re.fullmatch(r'\{("[^"]+": 0x[0-9A-F]{6}(, )?)+\}', value) is not None


def _palette(value: str) -> bool:
    """`{"value": #RRGGBB, …}`, as a color map wants it."""
    return re.fullmatch(r'\{("[^"]+": #[0-9A-F]{6}(, )?)+\}', value) is not None


OPTIONS: Mapping[str, Table] = {
    "chart": {
        "charting.axisTitleX.text": any_text,
        "charting.axisTitleX.visibility": one_of("visible", "collapsed"),
        "charting.axisTitleY.text": any_text,
        "charting.axisTitleY.visibility": one_of("visible", "collapsed"),
        "charting.axisY.minimumNumber": integer,
        "charting.chart": one_of("area", "bar", "column", "line", "pie"),
        "charting.chart.nullValueMode": one_of("connect", "gaps", "zero"),
        "charting.chart.stackMode": one_of("default", "stacked"),
        "charting.drilldown": one_of("all", "none"),
        "charting.fieldColors": _colors,
        "charting.legend.placement": one_of("bottom", "none", "right"),
        "height": integer,
    },
    "single": {"drilldown": one_of("all", "none"), "height": integer, "unit": any_text},
    "table": {"count": integer, "drilldown": one_of("none", "row"), "rowNumbers": is_flag, "wrap": is_flag},
}
FORMATS: Table = {
    "colorPalette.map": _palette,
    "precision": integer,
    "type": one_of("color", "number"),
    "unit": any_text,
    "useThousandSeparators": is_flag,
}


def names_in(fields: str, place: Place) -> tuple[str, ...]:
    """The names of `<fields>`, a JSON list."""
    try:
        names = json.loads(fields or "[]")
    except ValueError as error:
        raise place.error(f"{fields!r} is no list of names") from error
    return tuple(map(str, names))
