"""XML elements as plain objects, by a table of what is known of them, and objects as the text of an event.

A reader takes an element and returns a text, a number, a list or an object; None for what says nothing, which is left
out. What no table names is passed on all the same, under its own name: the platform's answers grow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Callable, NamedTuple, NoReturn, Optional
from xml.etree.ElementTree import Element

from ..model import SEPARATOR

Read = Callable[[Element], Any]
Spelling = Callable[[str], str]

LONGEST = 1 << 27
"""Characters that the events of one record may take: where each repeats something, little makes much of it. A host with
30,000 findings takes some 90 million."""

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


def _encoder() -> Callable[[Any], str]:
    """`JSONEncoder.encode` makes an encoder for each call; where there is one in C, the same serves all, which saves a
    fifth. What was read from an answer is a tree: it is not looked through for cycles."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
    no_cycles, no_indent, sort_keys, skip_keys, allow_nan = None, None, False, False, True
    written = json.encoder.encode_basestring_ascii
    pieces = make(no_cycles, _no_json, written, no_indent, ":", ",", sort_keys, skip_keys, allow_nan)
    return lambda told: "".join(pieces(told, 0))


def _no_json(value: Any) -> NoReturn:
    raise TypeError(f"{type(value).__name__} is nothing that JSON can tell")


_encoded = _encoder()
_SEPARATED = f",{_encoded(SEPARATOR)},"


def event_text(told: Mapping[str, Any]) -> str:
    """The object on one line, in ASCII: whatever a scanned host put there, it breaks no event."""
    return _encoded(told)


def listed_text(told: Sequence[Any], between: str) -> str:
    """The texts of many at the price of one, with `between` between them: no text that came out of a parser holds our
    separator."""
    separated: list[Any] = [SEPARATOR] * (2 * len(told) - 1)
    separated[::2] = told
    return _encoded(separated)[1:-1].replace(_SEPARATED, between)
