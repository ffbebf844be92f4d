"""Search conditions: what stands in an eventtype, before the first pipe and after `| search`.

Between two terms AND is understood, and OR binds tighter than AND (Splunk's search command, unlike eval). Values and
terms ignore letter case. A comparison on a field that is absent is false, so NOT of it is true.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from standins.splunk.search.errors import Place
from standins.splunk.search.patterns import term, wildcard
from standins.splunk.search.tokens import Tokens
from standins.splunk.search.values import Value, number, values_of

Holds = Callable[[Mapping[str, Value]], bool]

_PATTERN = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")'
    r"|(?P<operator>!=|<=|>=|[=<>(),])"
    r"|(?P<refused>[\[\]|`])"
    r"|(?P<word>(?:(?!!=)[^\s\"=<>(),\[\]|`])+)",
    re.DOTALL,
)
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Condition:
    """A compiled search condition and the names of the fields it compares."""

    source: str
    names: frozenset[str]
    holds: Holds


def parse_condition(source: str, place: Place) -> Condition:
    """An empty condition holds for every event. Raises KnowledgeError for pipes, subsearches and bad syntax."""
    parser = _Parser(Tokens(_PATTERN, source, place))
    holds = parser.all_of() if source.strip() else (lambda _event: True)
    parser.tokens.finish()
    return Condition(source, frozenset(parser.names), holds)


class _Parser:
    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.names: set[str] = set()

    def all_of(self) -> Holds:
        parts = [self._any_of()]
        while self._operator("AND") or not (self.tokens.done or self.tokens.peek().text == ")"):
            parts.append(self._any_of())
        return parts[0] if len(parts) == 1 else lambda event: all(part(event) for part in parts)

    def _any_of(self) -> Holds:
        parts = [self._one()]
        while self._operator("OR"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda event: any(part(event) for part in parts)

    def _operator(self, name: str) -> bool:
        """Only capitals make an operator: `or` is a word to look for."""
        return self.tokens.peek().text == name and self.tokens.accept(name) is not None

    def _one(self) -> Holds:
        if self._operator("NOT"):
            inner = self._one()
            return lambda event: not inner(event)
        if self.tokens.accept("("):
            inner = self.all_of()
            self.tokens.expect(")")
            return inner
        if self.tokens.peek().kind == "word" and self.tokens.peek().text in ("AND", "OR"):
            raise self.tokens.error(f"cannot use {self.tokens.peek().text!r} here")
        token = self.tokens.take("string", "word")
        if symbol := self.tokens.accept("=", "!=", *_ORDER):
            self.names.add(token.text)
            return self._comparison(token.text, symbol.text)
        if self.tokens.accept("IN"):
            self.names.add(token.text)
            return _equal(token.text, self._values())
        pattern = term(token.text)
        return lambda event: any(pattern.search(raw) for raw in values_of(event, "_raw"))

    def _comparison(self, name: str, symbol: str) -> Holds:
        value = self.tokens.take("string", "word").text
        if symbol == "=":
            return _equal(name, [value])
        if symbol == "!=":
            equal = _equal(name, [value])
            return lambda event: bool(values_of(event, name)) and not equal(event)
        return _ordered(name, symbol, value)

    def _values(self) -> list[str]:
        self.tokens.expect("(")
        values = [self.tokens.take("string", "word").text]
        while not self.tokens.accept(")"):
            self.tokens.accept(",")
            values.append(self.tokens.take("string", "word").text)
        return values


def _equal(name: str, wanted: list[str]) -> Holds:
    def same(value: str, pattern: str) -> bool:
        if name == "index" and pattern.startswith("*") and value.startswith("_"):
            return False  # a leading wildcard never reaches Splunk's internal indexes
        sizes = (number(value), number(pattern))
        return sizes[0] == sizes[1] if None not in sizes else wildcard(pattern).fullmatch(value) is not None

    return lambda event: any(same(value, pattern) for value in values_of(event, name) for pattern in wanted)


def _ordered(name: str, symbol: str, wanted: str) -> Holds:
    holds, size = _ORDER[symbol], number(wanted)

    def compare(value: str) -> bool:
        own = number(value)
        return holds(value, wanted) if size is None or own is None else holds(own, size)

    return lambda event: any(compare(value) for value in values_of(event, name))
