"""Elements of the dialect of ``/qps/`` as plain objects: ``list`` becomes a list, whatever its members are called.

Names are the platform's own. What no table names is text under its own name: the answers grow. Ids and dates come
broken over lines now and then, so white space in them does not count.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Callable, Optional
from xml.etree.ElementTree import Element

from .jsontext import text, whole

LISTS = ("list", "set")
_BROKEN = re.compile(r"\s*[\r\n]\s*")
_TRUTHS = {"true": True, "false": False}

Read = Callable[[Element], Any]


def line(element: Element) -> Optional[str]:
    """The text on one line; None for an empty one."""
    told = (element.text or "").strip()
    return (_BROKEN.sub(" ", told) if "\n" in told or "\r" in told else told) or None


def joined(element: Element) -> Optional[str]:
    """The text of an id or a date."""
    return "".join((element.text or "").split()) or None


def number(element: Element) -> Any:
    """A whole number, or the text."""
    return whole(joined(element))


def truth(element: Element) -> Any:
    told = joined(element)
    return told if told is None else _TRUTHS.get(told.lower(), told)


class Objects:
    """Makes objects of elements: which of their names are numbers, ids (or dates), truths, and texts of many lines."""

    def __init__(
        self,
        numbers: Collection[str],
        ids: Collection[str],
        truths: Collection[str] = (),
        texts: Collection[str] = (),
    ) -> None:
        self._reads: dict[str, Read] = {
            **dict.fromkeys(numbers, number),
            **dict.fromkeys(ids, joined),
            **dict.fromkeys(truths, truth),
            **dict.fromkeys(texts, text),
        }

    def value(self, element: Element) -> Any:
        """A text, a number, a list or an object; None for what says nothing. An empty list is one."""
        if len(element) == 0:
            return self._reads.get(element.tag, line)(element)
        if len(element) == 1 and element[0].tag in LISTS:
            return [told for told in map(self.value, element[0]) if told is not None]
        return self.members(element) or None

    def members(self, element: Element, counted: str = "") -> dict[str, Any]:
        """What the children say, by their names; of several with one name the first. Of the list that is `counted` only
        how long it is."""
        found: dict[str, Any] = {}
        for child in element:
            told = self.value(child) if child.tag != counted else self._length(child)
            if told is not None:
                found.setdefault(child.tag, told)
        return found

    def _length(self, element: Element) -> Optional[int]:
        """That of its `value`; 0 for one that is no list."""
        if len(element) == 1 and element[0].tag in LISTS:
            return sum(map(self._says, element[0]))
        return None if self.value(element) is None else 0

    def _says(self, element: Element) -> bool:
        """Whether it has a `value`, which most often its first text tells."""
        first = element[0] if len(element) else element
        return (len(first) == 0 and line(first) is not None) or self.value(element) is not None
