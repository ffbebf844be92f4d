"""A search condition over fields, and what the index can tell of it before any field is extracted.

Splunk looks the words of a condition up in its index first, and extracts fields only of the events that have them. Here
the same is done for terms that every event must have: the value of a field that comes straight from the event stands in
its text, and an eventtype asks for what its own condition asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Optional

from standins.splunk.event_filter import EventFilter
from standins.splunk.plain_terms import Term, plain_terms
from standins.splunk.search import Knowledge
from standins.splunk.search.conditions import Condition, parse_condition
from standins.splunk.search.errors import Place
from standins.splunk.search.macros import expand
from standins.splunk.search.values import Value

_KEPT_BY_INDEX = ("host", "index", "source", "sourcetype")
_LITERAL = re.compile(r"[A-Za-z0-9_ .:@-]+")
"""Text that stands in an event as it is, also where the event is JSON."""
_NUMBER = re.compile(r"[\d.+-][\d.eE+-]*")
_WHOLE_NUMBER = re.compile(r"0|[1-9]\d*")


@dataclass(frozen=True)
class FieldSearch:
    """A condition that events must meet."""

    condition: Condition
    texts: tuple[str, ...]
    """Each event that meets it has these in its raw text."""
    exact: tuple[Term, ...]
    """Each event that meets it has these values of host, index, source or sourcetype."""

    def holds(self, fields: Mapping[str, Value]) -> bool:
        return self.condition.holds(fields)

    def narrow(self, chosen: EventFilter) -> EventFilter:
        """What is chosen already, less the events that cannot meet the condition."""
        return replace(chosen, texts=(*chosen.texts, *self.texts), exact=(*chosen.exact, *self.exact))


def parse_field_search(source: str, knowledge: Knowledge) -> FieldSearch:
    """Raises KnowledgeError for what is no search condition; macros of the app are known."""
    place = Place("search")
    expanded = expand(source, knowledge.macros, place)
    condition = parse_condition(expanded, place)
    terms = _terms(expanded, knowledge)
    made = _made_names(knowledge)
    texts = (_text(term) for term in terms if term[0] not in made and term[0] not in _KEPT_BY_INDEX)
    exact = tuple((name, value) for name, value in terms if name in _KEPT_BY_INDEX and "*" not in value)
    return FieldSearch(condition, tuple(text for text in texts if text), exact)


def as_condition(name: str, value: str) -> str:
    """The condition that a field has this value, as a person would type it."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    shown_name = name if re.fullmatch(r"[\w.:-]+", name, re.ASCII) else f'"{name}"'
    return f"{shown_name}={value}" if re.fullmatch(r"[\w.:-]+", value, re.ASCII) else f'{shown_name}="{escaped}"'


def _terms(source: str, knowledge: Knowledge) -> list[Term]:
    """Those of the condition, and those of the eventtypes it asks for."""
    found = plain_terms(source)
    asked = (knowledge.event_conditions.get(value) for name, value in found if name == "eventtype")
    return found + [term for condition in asked if condition for term in plain_terms(condition.source)]


def _text(term: Term) -> Optional[str]:
    """What an event with this term has in its text: the longest piece that no wildcard splits."""
    piece = max(term[1].split("*"), key=len)
    if not _LITERAL.fullmatch(piece) or (_NUMBER.fullmatch(piece) and not _WHOLE_NUMBER.fullmatch(piece)):
        return None  # Numbers are equal whatever they look like: 1.50 is 1.5.
    return piece


def _made_names(knowledge: Knowledge) -> set[str]:
    """Fields whose values need not stand in the event: what the app's knowledge objects make."""
    made = {"eventtype", "tag", "_time", "_indextime", "_raw"}
    for stanza in knowledge.props:
        rules = knowledge.rules((stanza,))
        made.update(alias.new for alias in rules.aliases)
        made.update(name for name, _ in rules.calculated)
        made.update(field for lookup in rules.lookups for _, field in lookup.outputs)
    return made
