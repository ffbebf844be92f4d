"""What elements of the policy compliance API say, as pieces of an event: ``, KEY="value"``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element

from .keyvalue import single_line

MOST_DIGITS = 18


def pairs(element: Element, paths: Mapping[str, str]) -> str:
    """A piece for each key whose path is there; an element that is empty gives an empty value."""
    found = ((key, element.find(path)) for key, path in paths.items())
    return "".join(piece(key, child.text or "") for key, child in found if child is not None)


def piece(key: str, text: str) -> str:
    return f', {key}="{single_line(text)}"'


def id_of(element: Element, path: str = "ID") -> str:
    """An ID without white space: the platform has been seen to break ids over lines."""
    return unbroken(element.findtext(path) or "")


def unbroken(text: str) -> str:
    return "".join(text.split())


def is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) <= MOST_DIGITS


def texts_of(elements: Iterable[Element], tags: frozenset[str]) -> list[str]:
    """The text of each of these elements that has one of the tags."""
    return [element.text or "" for element in elements if element.tag in tags]
