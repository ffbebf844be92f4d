"""How a dashboard's page is laid out: what `standins.splunk.search` does not need to know to run its searches."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

from standins.splunk.drawing import color_map
from standins.splunk.search import Knowledge, Panel, dashboard
from standins.splunk.search.dashboard import VISUALS
from standins.splunk.tables import Format


@dataclass(frozen=True)
class Choice:
    """A drop-down of a form."""

    token: str
    label: str
    options: Sequence[tuple[str, str]]
    """(value, what is shown)."""
    chosen: str


@dataclass(frozen=True)
class Visual:
    """One panel's visual, by its number on the page."""

    number: int
    panel: Panel
    formats: Mapping[str, Format]


@dataclass(frozen=True)
class Layout:
    """A dashboard as it is shown."""

    label: str
    description: str
    choices: Sequence[Choice]
    rows: Sequence[Sequence[Visual]]

    @property
    def visuals(self) -> list[Visual]:
        return [visual for row in self.rows for visual in row]


def layout_of(path: Path, knowledge: Knowledge, asked: Mapping[str, str]) -> Layout:
    """The dashboard with what was asked for in its drop-downs. Raises KnowledgeError for what is not known."""
    dashboard(path, knowledge)
    root = ET.parse(path).getroot()
    for found in root.iter("input"):
        default = found.find("default")
        value = asked.get(found.get("token", ""), "")
        if default is not None and value in {option.get("value") for option in found.iter("choice")}:
            default.text = value
    panels = iter(_panels(root, path.name, knowledge))
    numbers = itertools.count()
    rows = [
        [_visual(next(numbers), element, next(panels)) for element in row.iter() if element.tag in VISUALS]
        for row in root.iter("row")
    ]
    choices = [_choice(found) for found in root.iter("input")]
    return Layout(root.findtext("label", path.stem), root.findtext("description", ""), choices, rows)


def _panels(root: ET.Element, name: str, knowledge: Knowledge) -> list[Panel]:
    with TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(ET.tostring(root, "unicode"), "utf-8")
        return dashboard(path, knowledge)


def _visual(number: int, element: ET.Element, panel: Panel) -> Visual:
    return Visual(number, panel, {found.get("field", ""): _format(found) for found in element.iter("format")})


def _format(element: ET.Element) -> Format:
    options = {option.get("name", ""): option.text or "" for option in element.iter("option")}
    palettes = (color_map(palette.text or "") for palette in element.iter("colorPalette"))
    precision = options.get("precision")
    return Format(next(palettes, {}), int(precision) if precision else None, options.get("unit", ""))


def _choice(element: ET.Element) -> Choice:
    token = element.get("token", "")
    return Choice(
        token,
        element.findtext("label", token),
        [(option.get("value", ""), option.text or "") for option in element.iter("choice")],
        (element.findtext("default") or "").strip(),
    )
