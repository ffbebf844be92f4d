"""The views of the installed app, and the bar of them that its navigation asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Optional
from xml.etree import ElementTree as ET

SEARCH_VIEW = "search"
_DASHBOARDS = ("dashboard", "form")
"""Roots of Simple XML; any other view is a page of the app's own."""
_NAVIGATION = Path("data", "ui", "nav", "default.xml")
_VIEWS = Path("data", "ui", "views")


@dataclass(frozen=True)
class View:
    """One view: where it is described, and what it is called."""

    name: str
    label: str
    path: Optional[Path] = None
    """None for a page that Splunk brings."""
    dashboard: bool = False

    @property
    def template(self) -> str:
        """Of a page of the app's own: where its HTML lies below appserver/."""
        root = ET.parse(self.path).getroot() if self.path else ET.Element("view")
        return root.get("template", "").rpartition(":")[2].strip("/")


def find_view(app_home: Path, name: str) -> Optional[View]:
    """The view of this name, local/ before default/; None if there is none."""
    if name == SEARCH_VIEW:
        return View(SEARCH_VIEW, "Search")
    if not re.fullmatch(r"\w+", name):
        return None
    paths = (app_home / layer / _VIEWS / f"{name}.xml" for layer in ("local", "default"))
    return next((_read(path) for path in paths if path.is_file()), None)


def dashboards(app_home: Path) -> list[View]:
    """All dashboards of the app, by name."""
    names = {path.stem for layer in ("local", "default") for path in (app_home / layer / _VIEWS).glob("*.xml")}
    views = (find_view(app_home, name) for name in sorted(names))
    return [view for view in views if view and view.dashboard]


def navigation(app_home: Path) -> list[View]:
    """The views that the app's navigation names and that there are, in its order, then the dashboards it left out."""
    paths = [app_home / layer / _NAVIGATION for layer in ("local", "default")]
    root = next((ET.parse(path).getroot() for path in paths if path.is_file()), ET.Element("nav"))
    found = (find_view(app_home, item.get("name", "")) for item in root.iter("view"))
    named = [view for view in found if view]
    return named + [view for view in dashboards(app_home) if view not in named]


def _read(path: Path) -> View:
    try:
        root = ET.parse(path).getroot()
    except ET.ParseError:  # Whoever opens it is told what is wrong.
        return View(path.stem, path.stem, path, dashboard=True)
    return View(path.stem, root.findtext("label") or path.stem, path, root.tag in _DASHBOARDS)
