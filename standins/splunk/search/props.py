"""What one props.conf stanza does to an event at search time, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Optional

from standins.splunk.search.errors import Place
from standins.splunk.search.expression import Expression, parse_expression
from standins.splunk.search.extract import AUTO_KV, Extraction, Extractor, parse_extract, parse_transform
from standins.splunk.search.functions import Scope
from standins.splunk.search.json_pairs import JSON_PAIRS
from standins.splunk.search.lookups import Lookup, Table, parse_lookup
from standins.splunk.search.values import Fields

Conf = Mapping[str, Mapping[str, str]]
_BY_ITSELF: Mapping[str, Optional[Extractor]] = {"auto": AUTO_KV, "json": JSON_PAIRS, "none": None}
"""KV_MODE -> what finds fields without being told their names."""

_ALIAS = re.compile(r"\s*(?P<old>\w+)\s+(?P<keyword>AS|ASNEW)\s+(?P<new>\w+)\s*,?", re.IGNORECASE)


@dataclass(frozen=True)
class Alias:
    """`old AS new` takes the old field's place or removes it; `old ASNEW new` only fills a gap (props.conf.spec)."""

    old: str
    new: str
    only_new: bool

    def apply(self, fields: Fields) -> None:
        if self.only_new and self.new in fields:
            return
        if self.old in fields:
            fields[self.new] = fields[self.old]
        elif not self.only_new:
            fields.pop(self.new, None)


@dataclass(frozen=True)
class Rules:
    """One stanza's search-time rules, each kind in the order of its class names."""

    extractions: tuple[Extractor, ...]
    aliases: tuple[Alias, ...]
    calculated: tuple[tuple[str, Expression], ...]
    lookups: tuple[Lookup, ...]

    def apply(self, fields: Fields) -> None:
        """Splunk's order: extractions, aliases, calculated fields side by side, lookups side by side."""
        for extraction in self.extractions:
            extraction.apply(fields)
        for alias in self.aliases:
            alias.apply(fields)
        scope = Scope(dict(fields))
        for name, expression in self.calculated:
            value = expression.value(scope)
            if value is None:
                fields.pop(name, None)
            else:
                fields[name] = value
        before = dict(fields)
        for lookup in self.lookups:
            lookup.apply(before, fields)


def compile_rules(attributes: Mapping[str, str], transforms: Conf, tables: Mapping[str, Table], place: Place) -> Rules:
    """Raises KnowledgeError naming the attribute that cannot be understood."""
    extractions: list[Extractor] = [parse_extract(value, at) for at, value in _family(attributes, "EXTRACT-", place)]
    for at, value in _family(attributes, "REPORT-", place):
        extractions.extend(_reported(value, transforms, at))
    if by_itself := _BY_ITSELF[attributes.get("KV_MODE", "auto").lower()]:
        extractions.append(by_itself)
    return Rules(
        tuple(extractions),
        tuple(alias for at, value in _family(attributes, "FIELDALIAS-", place) for alias in parse_aliases(value, at)),
        tuple(
            (at.attribute[len("EVAL-") :], parse_expression(value, at))
            for at, value in _family(attributes, "EVAL-", place)
        ),
        tuple(parse_lookup(value, tables, at) for at, value in _family(attributes, "LOOKUP-", place)),
    )


def parse_aliases(value: str, place: Place) -> list[Alias]:
    if _ALIAS.sub("", value).strip():
        raise place.error(f"cannot read {value!r}")
    return [Alias(m["old"], m["new"], m["keyword"].upper() == "ASNEW") for m in _ALIAS.finditer(value)]


def _family(attributes: Mapping[str, str], prefix: str, place: Place) -> Iterator[tuple[Place, str]]:
    for name in sorted(attributes):
        if name.startswith(prefix):
            yield place.at(name), attributes[name]


def _reported(value: str, transforms: Conf, place: Place) -> Iterator[Extraction]:
    for name in value.split(","):
        stanza = name.strip()
        if stanza not in transforms:
            raise place.error(f"transforms.conf has no stanza [{stanza}]")
        yield parse_transform(transforms[stanza], Place("transforms.conf", stanza))
