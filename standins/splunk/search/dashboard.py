"""Simple XML dashboards, read strictly: each panel with the search it runs, its tokens at their defaults.

An element, an attribute or an option that is not known here is refused by name, and every search must be one that the
evaluator knows. Source: Splunk's Simple XML Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

from standins.splunk.search import dashboard_parts as known
from standins.splunk.search.attributes import check
from standins.splunk.search.errors import Place
from standins.splunk.search.knowledge import Knowledge

VISUALS = ("chart", "single", "table")
_TOKEN = re.compile(r"\$([\w.]+)(?:\|[a-z]+)?\$")
_CLICKED = re.compile(r"(?:row\.[\w.]+|click\.(?:name|value)2?)")
"""Tokens that a click sets."""


@dataclass(frozen=True)
class Panel:
    """One visual and the whole search behind it; `earliest` and `latest` are time modifiers."""

    title: str
    kind: str
    search: str
    earliest: str
    latest: str
    options: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    """The columns that are shown; none named: all."""
    formatted: tuple[str, ...] = ()
    """The columns with a format of their own."""
    links: tuple[str, ...] = ()
    """Where a click leads."""


@dataclass(frozen=True)
class _Source:
    """A search as the XML gives it."""

    query: str
    earliest: str
    latest: str


def dashboard(path: Path, knowledge: Knowledge) -> list[Panel]:
    """The panels in the order of the page. Raises KnowledgeError naming the file and what is wrong."""
    place = Place(path.name)
    try:
        root = fromstring(path.read_text("utf-8"))
    except ParseError as error:
        raise place.error(f"is no XML ({error})") from error
    if root.tag not in known.ROOTS or root.get("version") != "1.1":
        raise place.error(f"<{root.tag} version={root.get('version')!r}> is no dashboard of version 1.1")
    _check(root, place)
    tokens = {str(found.get("token")): _default(found, place) for found in root.iter("input")}
    bases = {str(found.get("id")): found for found in root.iter("search") if found.get("id")}
    panels = [_panel(visual, bases, tokens, place) for visual in root.iter() if visual.tag in VISUALS]
    for panel in panels:
        knowledge.parsed(panel.search, Place(path.name, panel.title))
        for link in panel.links:
            _check_link(link, knowledge, Place(path.name, panel.title, "link"))
    return panels


def _check(element: Element, place: Place) -> None:
    shape = known.SHAPES[element.tag]
    here = Place(place.file, element.tag)
    for name in element.attrib:
        if name not in shape.attributes:
            raise here.at(name).error("unknown attribute")
    for child in element:
        if child.tag not in shape.children:
            raise here.error(f"unknown element <{child.tag}>")
        _check(child, place)
    if element.tag not in known.WITH_TEXT and (element.text or "").strip():
        raise here.error(f"unknown text {(element.text or '').strip()!r}")


def _default(found: Element, place: Place) -> str:
    """What an input's token holds when the page opens: one of its choices."""
    here = Place(place.file, f"input {found.get('token')}")
    default = (found.findtext("default") or "").strip()
    if found.get("type") not in known.INPUTS or not found.get("token"):
        raise here.error(f"unknown type {found.get('type')!r}")
    if default not in {choice.get("value") for choice in found.iter("choice")}:
        raise here.error(f"the default {default!r} is none of its choices")
    return default


def _panel(visual: Element, bases: Mapping[str, Element], tokens: Mapping[str, str], place: Place) -> Panel:
    title = (visual.findtext("title") or "").strip()
    if not title:
        raise place.error(f"a {visual.tag} has no title")
    here = Place(place.file, title)
    search = visual.find("search")
    if search is None:
        raise here.error("has no search")
    source = _source(search, bases, here)
    options = {str(option.get("name")): (option.text or "").strip() for option in visual.findall("option")}
    check(options, known.OPTIONS[visual.tag], here)
    for formatted in visual.findall("format"):
        check(_format(formatted), known.FORMATS, here.at(f"format {formatted.get('field')}"))
    return Panel(
        title=_filled(title, tokens, here),
        kind=visual.tag,
        search=_filled(source.query, tokens, here),
        earliest=_filled(source.earliest, tokens, here),
        latest=_filled(source.latest, tokens, here),
        options=options,
        fields=known.names_in(visual.findtext("fields") or "", here.at("fields")),
        formatted=tuple(str(formatted.get("field")) for formatted in visual.findall("format")),
        links=tuple(_links(visual)),
    )


def _source(search: Element, bases: Mapping[str, Element], place: Place) -> _Source:
    """The query with its base before it; the time range is the base's."""
    query = " ".join((search.findtext("query") or "").split("\n")).strip()
    base = search.get("base")
    if base is None:
        times = [(search.findtext(name) or "").strip() for name in ("earliest", "latest")]
        if not all(times):
            raise place.error("a search names no earliest or no latest")
        return _Source(query, *times)
    if base not in bases or bases[base].get("base"):
        raise place.error(f"no search with the id {base!r} to build upon")
    below = _source(bases[base], bases, place)
    return _Source(f"{below.query} {query if query.startswith('|') else f'| {query}'}", below.earliest, below.latest)


def _format(formatted: Element) -> dict[str, str]:
    """The format as flat settings: its type, the palette's type and text, its options."""
    settings = {"type": formatted.get("type", "")}
    for palette in formatted.findall("colorPalette"):
        settings[f"colorPalette.{palette.get('type')}"] = (palette.text or "").strip()
    for option in formatted.findall("option"):
        settings[str(option.get("name"))] = (option.text or "").strip()
    return settings


def _filled(text: str, tokens: Mapping[str, str], place: Place) -> str:
    def value(match: re.Match[str]) -> str:
        if match.group(1) not in tokens:
            raise place.error(f"unknown token ${match.group(1)}$")
        return tokens[match.group(1)]

    return _TOKEN.sub(value, text)


def _links(visual: Element) -> Iterator[str]:
    for link in visual.iter("link"):
        yield (link.text or "").strip()


def _check_link(link: str, knowledge: Knowledge, place: Place) -> None:
    """A click may lead to a search of ours only, with tokens that the click sets."""
    parts = urlsplit(link)
    query = parse_qs(parts.query)
    if parts.scheme or parts.netloc or parts.path != "search" or set(query) != {"q", "earliest", "latest"}:
        raise place.error(f"{link!r} is no search with a time range")
    unknown = [token for token in _TOKEN.findall(query["q"][0]) if not _CLICKED.fullmatch(token)]
    if unknown:
        raise place.error(f"unknown token ${unknown[0]}$")
    knowledge.parsed(_TOKEN.sub("1", query["q"][0]), place)
