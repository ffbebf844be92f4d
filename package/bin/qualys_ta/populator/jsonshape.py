"""XML elements as JSON text, at the price of their texts.

Elements of one shape differ in nothing but their texts. So what becomes of a shape is worked out once: a tree of it is
read that holds, in the place of each text, the number of its place. What is left to do with each element is to put its
texts into the JSON that came of that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, Callable, NamedTuple
from xml.etree.ElementTree import Element, SubElement

from .jsontext import MOST_DIGITS, Read, whole
from .keyvalue import SEPARATOR

MOST_NODES = 50_000
"""Of all shapes that are remembered; a real subscription has some dozen of some fifty nodes."""

Shape = tuple[tuple[str, ...], tuple[int, ...], tuple[bool, ...]]
"""Of each node in document order: its tag, how many children it has, and whether it says something."""

Facts = Callable[[Any], Sequence[Any]]
Pick = Callable[[Sequence[str]], Any]

_FIRST_PLACE = 10**17
"""As a text it is long, but not too long to be read as a number."""

_NUMBERS = re.compile(rf"(?:(?:0|[1-9][0-9]{{0,{MOST_DIGITS - 1}}}){SEPARATOR})*")
"""Texts that are read as numbers."""

written: Callable[[str], str] = json.encoder.encode_basestring_ascii


class Form(NamedTuple):
    """JSON without its texts, and which of these go where."""

    json: str
    pick: Pick


class Plan:
    """What to do with elements of one shape. `told`: what one says, places in the place of texts. `facts` picks what is
    looked at for itself from the texts of an element; "" for what is not a single text."""

    def __init__(self, told: Any, nodes: int, facts: Sequence[Any]) -> None:
        self.told = told
        places = [int(fact) - _FIRST_PLACE if isinstance(fact, (str, int)) else nodes for fact in facts]
        self.facts: Pick = itemgetter(*places) if places else tuple
        self.forms: dict[Any, Form] = {}
        self._numbers = [place - _FIRST_PLACE for place in _places(told) if isinstance(place, int)]

    def values(self, texts: Sequence[str]) -> list[str]:
        """The texts as JSON."""
        values = [*map(written, texts)]
        numbers = [texts[place] for place in self._numbers]
        are_numbers = _NUMBERS.fullmatch(SEPARATOR.join((*numbers, "")))
        for place, number in zip(self._numbers, numbers):
            values[place] = number if are_numbers else _number(number)
        return values


class Shapes:
    """The plans of one kind of element, which `read` reads; `facts` are looked at for themselves. Of what has one of
    the `attributes`, by tag, that is the text."""

    def __init__(self, read: Read, facts: Facts, attributes: Iterable[tuple[str, Read]] = ()) -> None:
        self._read, self._facts, self._attributes = read, facts, tuple(attributes)
        self._plans: dict[Shape, Plan] = {}
        self._nodes = 0

    def of(self, nodes: Sequence[Element]) -> tuple[Plan, list[str]]:
        """What to do with an element whose nodes, without itself, are these; the text of each, and an empty one."""
        tags = tuple([node.tag for node in nodes])
        texts = [text.strip() if text else "" for text in [node.text for node in nodes]]
        for tag, read in self._attributes:
            if tag in tags:
                texts = [read(node) or "" if node.tag == tag else text for node, text in zip(nodes, texts)]
        shape = tags, tuple(map(len, nodes)), tuple(map(bool, texts))
        plan = self._plans.get(shape) or self._plan(shape)
        texts.append("")
        return plan, texts

    def _plan(self, shape: Shape) -> Plan:
        nodes = len(shape[0])
        self._nodes += nodes
        if self._nodes > MOST_NODES:
            self._plans.clear()
            self._nodes = nodes
        told = self._read(_tree(shape))
        return self._plans.setdefault(shape, Plan(told, nodes, self._facts(told)))


def form_of(told: Any) -> Form:
    """The form of what holds places."""
    return Form(_json(told), itemgetter(*(int(place) - _FIRST_PLACE for place in _places(told))))


def place(number: int) -> int:
    """In the place of a value that is JSON."""
    return _FIRST_PLACE + number


def _tree(shape: Shape) -> Element:
    """An element of this shape."""
    top = Element("top")
    waiting = [(top, len(shape[0]))]
    for number, (tag, children, says) in enumerate(zip(*shape)):
        while not waiting[-1][1]:
            waiting.pop()
        parent, left = waiting.pop()
        element = SubElement(parent, tag)
        element.text = str(place(number)) if says else None
        waiting += [(parent, left - 1), (element, children)]
    return top


def _places(told: Any) -> list[Any]:
    """In the order of the JSON: a number where a number was read, else a text."""
    if isinstance(told, (dict, list)):
        return [place for each in (told.values() if isinstance(told, dict) else told) for place in _places(each)]
    return [] if told is None else [told]


def _json(told: Any) -> str:
    if isinstance(told, dict):
        return f"{{{','.join([f'{_key(name)}:{_json(each)}' for name, each in told.items()])}}}"
    if isinstance(told, list):
        return f"[{','.join(map(_json, told))}]"
    return "%s"


def _key(name: str) -> str:
    return written(name).replace("%", "%%")


def at(told: Any, path: Iterable[str]) -> Any:
    """What stands there; None where nothing does."""
    for name in path:
        told = told.get(name) if isinstance(told, dict) else None
    return told


def _number(text: str) -> str:
    """A text that is read as a number, as JSON."""
    told = whole(text)
    return str(told) if isinstance(told, int) else written(text)
