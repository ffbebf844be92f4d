"""A Finding -> its fields. Findings share a handful of shapes: which child tells what is worked out once for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Optional
from xml.etree.ElementTree import Element

from .was_evidence import first_told
from .was_fields import RESULTS, Field, Read

MOST_SHAPES = 1_000
"""Remembered; a real subscription has some dozen."""

_NOTHING = Element("nothing")


class _Step(NamedTuple):
    """A field, and the place of the child that tells it."""

    key: str
    place: int
    read: Optional[Read]


_Plan = tuple[list[_Step], Optional[int]]
"""The steps, and the place of the results that the rest is read from; None where nothing is."""


class FindingReader:
    """Reads findings with one choice of fields."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = [field for field in fields if not field.tried]
        self._tried = {field.tried: field.key for field in fields if field.tried}
        self._plans: dict[tuple[str, ...], _Plan] = {}

    def read(self, finding: Element) -> dict[str, str]:
        """The texts of those fields that the finding has, as they came, in the order of the event."""
        children = finding[:]
        shape = tuple([child.tag for child in children])
        steps, results = self._plans.get(shape) or self._plan(shape)
        children.append(_NOTHING)
        found = {}
        for key, place, read in steps:
            text = read(children[place]) if read else children[place].text or ""
            if text is not None:
                found[key] = text
        if results is not None:
            found.update(first_told(children[results], self._tried))
        return found

    def _plan(self, shape: tuple[str, ...]) -> _Plan:
        """A status is told even where there is none."""
        if len(self._plans) >= MOST_SHAPES:
            self._plans.clear()
        at = {"status": len(shape), **{tag: place for place, tag in enumerate(shape)}}
        steps = [_Step(field.key, at[field.tag], field.read) for field in self._fields if field.tag in at]
        return self._plans.setdefault(shape, (steps, at.get(RESULTS) if self._tried else None))
