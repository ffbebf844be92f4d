"""XML elements as plain objects, by a table of what is known of them, and objects as the text of an event.

A reader takes an element and returns a text, a number, a list or an object; None for what says nothing, which is left
out. What no table names is passed on all the same, under its own name: the platform's answers grow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional
from xml.etree.ElementTree import Element

_encoded = json.JSONEncoder(separators=(",", ":")).encode

Read = Callable[[Element], Any]
Spelling = Callable[[str], str]

MOST_DIGITS = 18
"""Of a number: what is longer stays text, because few readers of JSON could keep it."""


class Key(NamedTuple):
    """What an element is called in the event, and how it is read."""

    name: str
    read: Read


def text(element: Element) -> Optional[str]:
    """The text without outer white space."""
    return (element.text or "").strip() or None


def number(element: Element) -> Any:
    """The text as a whole number; as it is where it is none, or where that would change it."""
    return whole(text(element))


def whole(told: Optional[str]) -> Any:
    """The same of a text."""
    if told and told.isascii() and told.isdigit() and len(told) <= MOST_DIGITS and (told[0] != "0" or told == "0"):
        return int(told)
    return told


def attribute(name: str) -> Read:
    """An attribute; the text of an element that lacks it."""
    return lambda element: element.get(name, "").strip() or text(element)


def inner(tag: str, otherwise: Read = text) -> Read:
    """The text of a child where there is one."""

    def read(element: Element) -> Any:
        child = element.find(tag)
        return otherwise(element) if child is None else text(child)

    return read


def listed(read: Read) -> Read:
    """What the children say, each read by `read`, as a list."""
    return lambda element: [told for told in map(read, element) if told is not None] or None


def grouped(table: Mapping[str, Key], spelled: Spelling = str) -> Read:
    """An object of the children: those in the table as it says, others by their names as `spelled`.

    A child that comes again makes a list of all that it says.
    """
    anything = _anything(spelled)

    def read(element: Element) -> Optional[dict[str, Any]]:
        found: dict[str, Any] = {}
        several: set[str] = set()
        for child in element:
            key = table.get(child.tag)
            name, told = (key.name, key.read(child)) if key else (spelled(child.tag), anything(child))
            if told is None:
                continue
            if name not in found:
                found[name] = told
            elif name in several:
                found[name].append(told)
            else:
                several.add(name)
                found[name] = [found[name], told]
        return found or None

    return read


def _anything(spelled: Spelling) -> Read:
    """An element that nobody told us of: its text, or an object of what is in it."""

    def read(element: Element) -> Any:
        return grouped({}, spelled)(element) if len(element) else text(element)

    return read


def event_text(told: Mapping[str, Any]) -> str:
    """The object on one line, in ASCII: whatever a scanned host put there, it breaks no event."""
    return _encoded(told)
